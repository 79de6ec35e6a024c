import { BotError, ValidationError } from '../../errors/index.js';
import type { SendMessageInput, SendMessageResult } from '../../rest/index.js';
import type { Json } from '../../stores/index.js';
import { isConversationId, MAX_MESSAGE_BYTES, normalizeHandle } from '../../wire/index.js';
import { withDepth } from '../guard/depth.js';
import { jsonCopy } from '../turns/json-copy.js';
import type { Address, Question } from '../turns/question.js';
import type { ReplyContent, ReplyParts } from '../turns/turn.js';
import { turnEnded } from '../turns/turn-ended.js';
import { partId } from '../turns/turn-key.js';
import type { TurnMemory } from '../turns/turn-memory.js';
import { type Watched, watched } from '../util/watched.js';
import { jsonBytes } from './json-bytes.js';
import { splitText } from './split.js';

/** Where an answer goes: what the request says, and the name by which the turn knows it. */
interface Target {
  readonly name: string;
  readonly address: Address;
}

/** As it is recorded before its first part is sent. Fields of the wire. */
interface RecordedAnswer {
  readonly address: Target['address'];
  readonly contents: readonly Exclude<SendMessageInput['content'], string>[];
  readonly metadata: Record<string, unknown>;
  /** Anything else that is recorded with it. */
  readonly beside?: Json;
}

export interface RepliesContext {
  readonly memory: TurnMemory;
  /** What is answered, and where. */
  readonly question: Question;
  readonly maxMessages: number;
  /** Aborts when the turn is over. */
  readonly signal: AbortSignal;
  /** An answer is about to be recorded or sent: the turn cannot begin anew with more messages. */
  committed(): void;
  send(message: SendMessageInput, signal: AbortSignal): Promise<SendMessageResult>;
  /** An answer is with the service. `id` names it for ever. */
  sent(text: string, id: string): Promise<void>;
  /** Something was not sent after the end of the turn, and nobody waits for it. */
  lost(error: unknown): void;
}

/**
 * The number of the thinker's answer. What it sends itself is counted from 1: a thinker that sends more or less of it the second time
 * does not put something else in the place of its answer.
 */
const ANSWER = 0;
/** The name of the turn's own conversation. */
const HOME = '';
/** What is left of a message for its text: less would cut every word. */
const LEAST_TEXT_BYTES = 256;

/**
 * What a turn sends: each answer is recorded under its number before its first part goes out, and the parts go out in order
 * (TURN-2). Answers do not overlap, awaited or not.
 */
export class Replies {
  private readonly counts = new Map<string, number>();
  private tail: Promise<unknown> = Promise.resolve();
  /** Answers that are on their way. */
  private readonly pending = new Set<Watched<unknown>>();
  /** Answers that failed within the turn. */
  private readonly failed: { readonly sending: Watched<unknown>; readonly error: unknown }[] = [];
  /** What sending into the turn's own conversation has failed with. */
  failure: unknown;

  constructor(private readonly context: RepliesContext) {}

  /** Resolves when nothing is being sent. Rejects when an answer has failed and nobody has waited for it. */
  async settled(): Promise<void> {
    while (this.pending.size > 0) await Promise.allSettled(this.pending);
    const unheard = this.failed.find(({ sending }) => !sending.isAwaited);
    if (unheard !== undefined) throw unheard.error;
  }

  /** Never throws: what is wrong rejects. @param to A handle or a group; null for the conversation of the turn. */
  send(to: string | null, content: ReplyContent): Promise<readonly SendMessageResult[]> {
    const sending = watched(this.begin(to, content));
    this.watch(sending);
    return sending;
  }

  /** The answer of the thinker. @param beside Recorded with it: see {@link resend}. */
  async answer(text: string, beside: Json): Promise<void> {
    await this.begin(null, text, beside);
  }

  private async begin(
    to: string | null,
    content: ReplyContent,
    beside?: Json,
  ): Promise<readonly SendMessageResult[]> {
    this.checkOpen();
    const target = to === null ? { name: HOME, address: this.context.question.address } : targetOf(to);
    const parts = partsOf(content);
    const ordinal = beside === undefined ? this.next(target.name) : ANSWER;
    return this.inTurn(async () => {
      const { memory } = this.context;
      const name = nameOf(target.name, ordinal);
      let answer = memory.get(name);
      if (answer === undefined) {
        if (isEmpty(parts)) return [];
        const recording = this.recordOf(parts, target, beside);
        this.context.committed();
        answer = await memory.record(name, recording);
      }
      return this.deliver(answer as unknown as RecordedAnswer, target.name, ordinal);
    });
  }

  /** The number of the next one that the thinker sends itself. */
  private next(target: string): number {
    const ordinal = (this.counts.get(target) ?? ANSWER) + 1;
    this.counts.set(target, ordinal);
    return ordinal;
  }

  private watch(sending: Watched<unknown>): void {
    this.pending.add(sending);
    const whenFailed = (error: unknown) => {
      if (!this.context.signal.aborted) this.failed.push({ sending, error });
      else if (!sending.isAwaited) this.context.lost(error);
    };
    // Not its own `then`: this is not somebody who waits.
    Promise.prototype.then.call(sending, undefined, whenFailed).finally(() => this.pending.delete(sending));
  }

  /**
   * Sends what earlier runs of the turn have recorded, all of it, if the thinker's answer is among it.
   *
   * @returns What was recorded beside that answer; undefined when it was not recorded.
   */
  async resend(): Promise<Json | undefined> {
    const { memory } = this.context;
    const recorded = (ordinal: number) =>
      memory.get(nameOf(HOME, ordinal)) as unknown as RecordedAnswer | undefined;
    const answer = recorded(ANSWER);
    if (answer === undefined) return undefined;
    for (let ordinal = ANSWER + 1; ; ordinal += 1) {
      const reply = recorded(ordinal);
      if (reply === undefined) break;
      await this.inTurn(() => this.deliver(reply, HOME, ordinal));
    }
    await this.inTurn(() => this.deliver(answer, HOME, ANSWER));
    return answer.beside;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(() => {
      this.checkOpen();
      return work();
    });
    // One that failed does not stop the next.
    this.tail = done.catch(() => {});
    return done;
  }

  private async deliver(
    { address, contents, metadata }: RecordedAnswer,
    name: string,
    ordinal: number,
  ): Promise<readonly SendMessageResult[]> {
    const { memory, signal } = this.context;
    const results: SendMessageResult[] = [];
    for (const [part, content] of contents.entries()) {
      this.checkOpen();
      const client_msg_id = partId(memory.turnKey, name, ordinal, part);
      try {
        results.push(await this.context.send({ ...address, content, metadata, client_msg_id }, signal));
      } catch (error) {
        if (name === HOME) this.failure = error;
        throw error;
      }
    }
    const text = contents.map((content) => content.text ?? '').join('\n');
    if (name === HOME) await this.context.sent(text, `${memory.turnKey}/${ordinal}`);
    return results;
  }

  private recordOf({ metadata, text, ...rest }: ReplyParts, target: Target, beside?: Json): Json {
    const { question, maxMessages } = this.context;
    const own = target.name === HOME ? { reply_to: question.last.id } : {};
    const given = {
      metadata: withDepth({ ...own, ...metadata }, question.depth),
      content: { ...rest, text: '' },
    };
    const { metadata: carried, content } = jsonCopy(given, 'What is sent') as unknown as typeof given;
    // Counted with escapes that the service does not count: rather a part too many than one too long.
    const overhead = bytesOf(carried) + bytesOf(content);
    const texts = splitText(text ?? '', Math.max(LEAST_TEXT_BYTES, MAX_MESSAGE_BYTES - overhead));
    if (texts.length > maxMessages) {
      throw new BotError({
        code: 'ANSWER_TOO_LONG',
        message: `The answer takes ${texts.length} messages, and the bot sends ${maxMessages} at most. Say less, send an attachment, or raise "replies.maxMessages".`,
      });
    }
    const contents: object[] = texts.slice(0, -1).map((part) => ({ text: part }));
    const { text: _, ...others } = content;
    const last = texts.at(-1);
    contents.push(last === undefined ? others : { ...others, text: last });
    const answer = { address: target.address, contents, metadata: carried };
    return (beside === undefined ? answer : { ...answer, beside }) as unknown as Json;
  }

  private checkOpen(): void {
    if (this.context.signal.aborted) throw turnEnded();
  }
}

/** @throws ValidationError for what is neither a handle nor the id of a group. */
function targetOf(to: string): Target {
  if (typeof to !== 'string' || normalizeHandle(to) === '') {
    throw new ValidationError(
      'turn.send(to, content) needs a handle such as "alice", or the id of a group (`grp_...`).',
    );
  }
  if (isConversationId(to)) return { name: to, address: { conversation_id: to } };
  const handle = normalizeHandle(to);
  return { name: handle, address: { to: handle } };
}

function nameOf(target: string, ordinal: number): string {
  return `reply/${target}/${ordinal}`;
}

/** @throws ValidationError for what no message can be made of. */
function partsOf(content: ReplyContent): ReplyParts {
  if (typeof content === 'string') return { text: content };
  const { text, metadata } = (content ?? {}) as { readonly [Name in keyof ReplyParts]?: unknown };
  const isText = text === undefined || text === null || typeof text === 'string';
  const isMetadata = metadata === undefined || (typeof metadata === 'object' && !Array.isArray(metadata));
  if (typeof content !== 'object' || content === null || Array.isArray(content) || !isText || !isMetadata) {
    throw new ValidationError(
      'What is sent must be a text, or an object with text, data or attachment_id, and metadata if you like.',
    );
  }
  return content;
}

/** Nothing but white space is silence. */
function isEmpty({ text, data, attachment_id }: ReplyParts): boolean {
  return (text ?? '').trim() === '' && data === undefined && attachment_id === undefined;
}

function bytesOf(value: object): number {
  return jsonBytes(JSON.stringify(value));
}
