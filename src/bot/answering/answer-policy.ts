import { checkOptionNames, given, invalid } from '../../http/index.js';
import { conversationKind, type Message, sameHandle, senderOf } from '../../wire/index.js';
import { isMentioned, type Self } from './mention.js';

/** Decides about one message. What it throws fails the turn, which is tried again as after any failure. */
export type AnswerPredicate = (message: Message) => boolean;

/**
 * Which messages a bot answers. Those that it does not answer count as handled, and are there in its history. Messages of the
 * platform (`type: 'system'`) and the bot's own never start a turn, whatever stands here.
 *
 * @example
 * createBot({ think, answer: { groups: (message) => message.content.text?.startsWith('!') ?? false } });
 */
export interface AnswerOptions {
  /** Messages in a conversation of two. Default `always`. */
  direct?: 'always' | 'never' | AnswerPredicate | undefined;
  /**
   * Messages in a group. `mentioned`: those that @-mention the bot or answer one of its messages (`metadata.reply_to`).
   * Default `mentioned`: two bots that answer everything in a group never stop.
   */
  groups?: 'mentioned' | 'always' | 'never' | AnswerPredicate | undefined;
}

/** The same with all defaults in their place. */
export type AnswerPolicy = { readonly [Name in keyof AnswerOptions]-?: NonNullable<AnswerOptions[Name]> };

const CHOICES = { direct: ['always', 'never'], groups: ['mentioned', 'always', 'never'] } as const;

/** @throws ValidationError that names the option and its values. */
export function answerPolicyOf(options: AnswerOptions = {}): AnswerPolicy {
  checkOptionNames(options, Object.keys(CHOICES), 'answer option');
  const { direct = 'always', groups = 'mentioned' } = given(options);
  checkChoice('direct', direct);
  checkChoice('groups', groups);
  return { direct, groups };
}

/**
 * Whether a message starts a turn.
 *
 * @throws What the author's predicate throws, and ValidationError when it returns no boolean.
 */
export function wakes(message: Message, policy: AnswerPolicy, bot: Self): boolean {
  if (isSystem(message) || sameHandle(senderOf(message), bot.self)) return false;
  const name = isGroupMessage(message) ? 'groups' : 'direct';
  const choice = policy[name];
  switch (choice) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'mentioned':
      return isMentioned(message, bot);
    default:
      return answerOf(choice, message, name);
  }
}

/** Whether a message was written in a group: its conversation says so by its id, or the platform does. */
export function isGroupMessage(message: Message): boolean {
  return (
    conversationKind(message.conversation_id) === 'group' || message.context?.conversation?.type === 'group'
  );
}

/** Whether the platform itself speaks. */
function isSystem(message: Message): boolean {
  return message.type === 'system' || message.context?.sender?.kind === 'system';
}

function answerOf(predicate: AnswerPredicate, message: Message, name: keyof AnswerOptions): boolean {
  const answer: unknown = predicate(message);
  if (typeof answer === 'boolean') return answer;
  // A promise would count as true, whatever comes of it.
  const advice = answer instanceof Promise ? 'it cannot be async' : 'write !!value for anything else';
  throw invalid(`answer.${name}`, `"answer.${name}" must return true or false: ${advice}`);
}

function checkChoice(name: keyof typeof CHOICES, value: unknown): void {
  const choices: readonly unknown[] = CHOICES[name];
  if (typeof value === 'function' || choices.includes(value)) return;
  const names = choices.map((choice) => `"${choice}"`).join(', ');
  throw invalid(`answer.${name}`, `"answer.${name}" must be ${names} or a function`);
}
