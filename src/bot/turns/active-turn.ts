import { checkInteger, checkOptionNames } from '../../http/index.js';
import type { AgentChatClient, SendMessageResult } from '../../rest/index.js';
import type { Json } from '../../stores/index.js';
import { hasSequence, type Message, senderOf } from '../../wire/index.js';
import { isGroupMessage } from '../answering/answer-policy.js';
import type { Replies } from '../replies/replies.js';
import type { MiddlewareTurn } from '../routing/router.js';
import { jsonCopy } from './json-copy.js';
import type { ReplyContent, StepContext, TurnConversation } from './turn.js';
import type { TurnMemory } from './turn-memory.js';

/** What a turn is made of. */
export interface TurnParts<Session> {
  readonly messages: readonly Message[];
  /** The newest that wants an answer. */
  readonly message: Message;
  readonly mentioned: boolean;
  readonly attempt: number;
  readonly late: boolean;
  readonly signal: AbortSignal;
  readonly client: AgentChatClient;
  readonly session: Session;
  readonly memory: TurnMemory;
  readonly replies: Replies;
  spendTokens(tokens: number): Promise<void>;
}

const HISTORY_DEFAULT = 30;
const HISTORY_MOST = 200;

/** A turn at work. */
export class ActiveTurn<Session> implements MiddlewareTurn<Session> {
  readonly messages: readonly Message[];
  readonly message: Message;
  readonly mentioned: boolean;
  readonly attempt: number;
  readonly late: boolean;
  readonly signal: AbortSignal;
  readonly client: AgentChatClient;
  session: Session;
  answer: string | null = null;
  match: RegExpMatchArray | null = null;
  isSkipped = false;
  // Truly private: what a thinker prints of its turn shall be what it can use.
  readonly #parts: TurnParts<Session>;

  constructor(parts: TurnParts<Session>) {
    this.#parts = parts;
    this.messages = parts.messages;
    this.message = parts.message;
    this.mentioned = parts.mentioned;
    this.attempt = parts.attempt;
    this.late = parts.late;
    this.signal = parts.signal;
    this.client = parts.client;
    this.session = parts.session;
  }

  get key(): string {
    return this.#parts.memory.turnKey;
  }

  get text(): string {
    const texts = this.messages.map(({ content }): unknown => content?.text);
    return texts.filter((text) => typeof text === 'string' && text !== '').join('\n');
  }

  get sender(): string {
    return senderOf(this.message);
  }

  get isGroup(): boolean {
    return isGroupMessage(this.message);
  }

  get conversation(): TurnConversation {
    const { conversation_id: id, context } = this.message;
    const name = context?.conversation?.group_name;
    return { id, type: this.isGroup ? 'group' : 'direct', name: typeof name === 'string' ? name : null };
  }

  reply(content: ReplyContent): Promise<readonly SendMessageResult[]> {
    return this.#parts.replies.send(null, content);
  }

  send(to: string, content: ReplyContent): Promise<readonly SendMessageResult[]> {
    return this.#parts.replies.send(to ?? '', content);
  }

  async step<T>(name: string, work: (step: StepContext) => T | PromiseLike<T>): Promise<T> {
    return (await this.#parts.memory.step(name, work)) as T;
  }

  async history(options: { readonly limit?: number | undefined } = {}): Promise<readonly Message[]> {
    checkOptionNames(options, ['limit'], 'history() option');
    const { limit = HISTORY_DEFAULT } = options;
    checkInteger(limit, 'limit', 1, HISTORY_MOST);
    const first = this.messages.find(hasSequence);
    const before = first === undefined ? {} : { beforeSeq: first.seq };
    const { id } = this.conversation;
    const rows = await this.client.getMessages(id, { limit, ...before }, { signal: this.signal });
    const own = new Set(this.messages.map((message) => message.id));
    return rows.filter((row) => !own.has(row.id)).reverse();
  }

  skip(): void {
    this.isSkipped = true;
  }

  async usage(used: { readonly tokens: number }): Promise<void> {
    checkOptionNames(used, ['tokens'], 'usage() field');
    checkInteger(used.tokens ?? null, 'tokens', 0, Number.MAX_SAFE_INTEGER);
    await this.#parts.spendTokens(used.tokens);
  }
}

/** What the conversation keeps, as an object of its own: what a turn does to it counts only when the turn succeeds. */
export function sessionOf<Session>(stored: Json, initial: (() => Session) | undefined): Session {
  if (stored !== null) return structuredClone(stored) as Session;
  return (initial === undefined ? {} : jsonCopy(initial(), 'What `session` gives')) as Session;
}
