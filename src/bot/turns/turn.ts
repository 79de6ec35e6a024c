import type { AgentChatClient, SendMessageResult } from '../../rest/index.js';
import type { Json } from '../../stores/index.js';
import type { Message, MessageContent } from '../../wire/index.js';

/** Something to send: a text, or what a message can hold. */
export type ReplyContent = string | ReplyParts;

/** What a message of a bot can hold. A text beyond the limit of the service is sent in several messages; the rest goes with the last. */
export interface ReplyParts extends MessageContent {
  /** Beside what the kit writes there (`reply_to`, `agentchat_depth`). */
  metadata?: Record<string, unknown> | undefined;
}

/** What a step is given. */
export interface StepContext {
  /**
   * Names this step of this turn for ever: the idempotency key for whatever the step does outside. A step that a crash cuts off
   * before its result is recorded runs again, with the same key.
   */
  readonly key: string;
  /** Aborts when the turn is called off. */
  readonly signal: AbortSignal;
}

/** Where a turn's messages were written. */
export interface TurnConversation {
  readonly id: string;
  readonly type: 'direct' | 'group';
  /** The name of a group; null for a conversation of two, and where the service does not say. */
  readonly name: string | null;
}

/**
 * What a bot answers at once: the messages of one conversation that waited together. They are acknowledged when the turn has
 * succeeded, all of them, and none before.
 *
 * A turn that fails, or that a crash cuts off, runs again with the same messages and the same key (TURN-1). What it has sent is
 * not sent twice (TURN-2), and what it did in a `step` is not done twice.
 */
export interface Turn<Session = Json> {
  /** Names the turn for ever: the id of its first message. */
  readonly key: string;
  /** Oldest first, at least one. */
  readonly messages: readonly Message[];
  /** The newest that wants an answer: it is what `reply` answers. */
  readonly message: Message;
  /** What they say, line by line. */
  readonly text: string;
  /** The handle of who wrote it. */
  readonly sender: string;
  readonly conversation: TurnConversation;
  readonly isGroup: boolean;
  /** Whether one of the messages mentions the bot, or answers one of its own. */
  readonly mentioned: boolean;
  /** 1 for the first run in this process. */
  readonly attempt: number;
  /** True when later messages of the conversation were handled before these. */
  readonly late: boolean;
  /** Aborts when the turn takes too long (`turns.timeoutMs`), is interrupted, or the bot stops: pass it to what you wait for. */
  readonly signal: AbortSignal;
  /** For everything that the kit does not do. A message that is sent with it is not remembered: use `reply` and `send`. */
  readonly client: AgentChatClient;
  /** What `hear` matched; null elsewhere. */
  readonly match: RegExpMatchArray | null;
  /**
   * What the bot keeps of the conversation: JSON that you may change, or replace. Written when the turn succeeds, together with its
   * end: never half a turn, and never twice.
   */
  session: Session;
  /**
   * Answers in the conversation. Recorded before it is sent, so that a turn that runs again sends the rest of the same answer.
   *
   * @returns What the service stored, a result per message.
   * @throws BotError `TURN_ENDED` after the end of the turn; what `sendMessage` throws.
   */
  reply(content: ReplyContent): Promise<readonly SendMessageResult[]>;
  /**
   * The same to somebody else, by a handle, or to a group, by its id.
   *
   * @throws As `reply`.
   */
  send(to: string, content: ReplyContent): Promise<readonly SendMessageResult[]>;
  /**
   * Runs `work` once per turn and name, and remembers what it gave: when the turn runs again, it gets that instead. The result must be
   * JSON; `undefined` comes back as null.
   *
   * One window remains: a process that dies after the effect and before it is recorded. Give `step.key` to the outside as an
   * idempotency key, and nothing happens twice.
   *
   * @throws BotError `TURN_ENDED` after the end of the turn; what `work` throws, which is not remembered; StoreError when the result cannot be recorded; ValidationError when it is not JSON.
   * @example
   * const receipt = await turn.step('charge', ({ key }) => payments.charge({ amount: 5, idempotencyKey: key }));
   */
  step<T>(name: string, work: (step: StepContext) => T | PromiseLike<T>): Promise<T>;
  /** Messages of the conversation before this turn, oldest first. @param options.limit At most so many, 1 to 200. Default 30. */
  history(options?: { readonly limit?: number | undefined }): Promise<readonly Message[]>;
  /** What the thinker returns is not sent. */
  skip(): void;
  /** Counts tokens against the budgets. */
  usage(used: { readonly tokens: number }): Promise<void>;
}
