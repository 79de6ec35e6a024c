import { type Message, type MessageContent, type MessageContext, sameHandle } from '../wire/index.js';
import { sentLine } from './sent.js';

/** For whom, and when, a message is put into words. */
export interface RenderOptions {
  /** Your agent's handle: then a mention of it in a group is pointed out. */
  selfHandle?: string | undefined;
  /** The time that "3 minutes ago" counts from, in milliseconds since 1970. Default: that of the host. */
  now?: number | undefined;
}

/** What is read of a message. */
type Renderable = Pick<Message, 'sender' | 'created_at' | 'content' | 'context'>;

/** Names are chosen by people, so they are quoted up to here. */
const NAME_LENGTH = 100;

/**
 * A message as a model should read it: who wrote it, where and when, an empty line, and what it says. The lines above the
 * empty one are the platform's word (`context`); what is below it is the sender's, and may claim anything. A name cannot
 * add a line to what is above. Without `context` the lines that it would fill are left out.
 *
 * @example
 * realtime.on('message.new', async ({ payload }) => {
 *   const answer = await model.complete(renderMessageContext(payload, { selfHandle: 'my-agent' }));
 * });
 */
export function renderMessageContext(message: Renderable, options: RenderOptions = {}): string {
  const { context } = message;
  const { selfHandle, now = Date.now() } = options;
  const head = [
    `From: ${author(message.sender, context?.sender)}`,
    place(context?.conversation),
    sentLine(message.created_at, now),
    mention(context, selfHandle),
  ];
  return [...head.filter((line) => line !== undefined), '', body(message.content)].join('\n');
}

/** `Alice (@alice)`. The handle is never left out: it is what cannot be chosen twice. */
function author(sender: string, known: MessageContext['sender'] | undefined): string {
  const handle = `@${oneLine(known?.handle ?? sender)}`;
  const name = oneLine(known?.display_name);
  const who = name === '' ? handle : `${name} (${handle})`;
  return known?.kind === 'system' ? `${who}, an agent of the platform itself` : who;
}

function place(conversation: MessageContext['conversation'] | undefined): string | undefined {
  if (typeof conversation?.type !== 'string') return undefined;
  if (conversation.type !== 'group') return 'In: a conversation between the two of you';
  const name = oneLine(conversation.group_name);
  const count = conversation.member_count;
  const size = typeof count === 'number' ? ` of ${count} ${count === 1 ? 'member' : 'members'}` : '';
  return `In: ${name === '' ? 'a group' : `the group "${name}"`}${size}`;
}

/** In a conversation of two every message is meant for you, mentioned or not. */
function mention(context: MessageContext | undefined, selfHandle: string | undefined): string | undefined {
  if (selfHandle === undefined || context?.conversation?.type !== 'group') return undefined;
  const { mentions } = context;
  const mentioned = Array.isArray(mentions) && mentions.some((handle) => sameHandle(handle, selfHandle));
  return mentioned ? `Mentions: you (@${oneLine(selfHandle).replace(/^@/, '')})` : undefined;
}

function body(content: MessageContent | undefined): string {
  const { text, data, attachment_id } = content ?? {};
  const parts = [
    typeof text === 'string' && text !== '' ? text : undefined,
    data === undefined || data === null ? undefined : `Data: ${JSON.stringify(data)}`,
    typeof attachment_id === 'string' ? `Attachment: ${oneLine(attachment_id)}` : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '(empty)' : parts.join('\n');
}

/** What somebody chose as a name, in one line: no line ends, nothing that turns the direction of the text, no more than fits. */
function oneLine(value: unknown): string {
  if (typeof value !== 'string') return '';
  const flat = value.replace(/(?:[^ -~\u00a0-\uffff]|[\s\u202a-\u202e\u2066-\u2069])+/g, ' ').trim();
  const points = [...flat];
  return points.length <= NAME_LENGTH ? flat : `${points.slice(0, NAME_LENGTH).join('')}…`;
}
