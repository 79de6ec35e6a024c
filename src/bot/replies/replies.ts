import { BotError, ValidationError } from '../../errors/index.js';
import type { SendMessageInput, SendMessageResult } from '../../rest/index.js';
import type { Json } from '../../stores/index.js';
import { isConversationId, MAX_MESSAGE_BYTES, normalizeHandle } from '../../wire/index.js';
import { withDepth } from '../guard/depth.js';
import { jsonCopy } from '../turns/json-copy.js';
import type { ReplyContent, ReplyParts } from '../turns/turn.js';
import { partId } from '../turns/turn-key.js';
import type { TurnMemory } from '../turns/turn-memory.js';
import { jsonBytes } from './json-bytes.js';
import { splitText } from './split.js';

/** Where an answer goes: what the request says, and the name by which the turn knows it (empty for its own conversation). */
export interface Target {
  readonly name: string;
  readonly address: { readonly to: string } | { readonly conversation_id: string };
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
  /** The conversation of the turn. */
  readonly home: Target;
  /** The message that is answered, and how many answers of bots led to it. */
  readonly replyTo: string;
  readonly depth: number;
  readonly maxMessages: number;
  readonly signal: AbortSignal;
  send(message: SendMessageInput, signal: AbortSignal): Promise<SendMessageResult>;
  /** An answer is with the service. `id` names it for ever. */
  sent(text: string, id: string): Promise<void>;
}

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
  private readonly pending = new Set<Promise<unknown>>();
  private isOver = false;
  /** What sending into the turn's own conversation has failed with. */
  failure: unknown;

  constructor(private readonly context: RepliesContext) {}

  /** Nothing is sent from now on. */
  end(): void {
    this.isOver = true;
  }

  /** Resolves when nothing is being sent. Rejects when an answer fails that is on its way: nobody has waited for it. */
  async settled(): Promise<void> {
    await Promise.all(this.pending);
  }

  /** @param beside Recorded with the answer: see {@link answered}. */
  send(
    content: ReplyContent,
    target = this.context.home,
    beside?: Json,
  ): Promise<readonly SendMessageResult[]> {
    this.checkOpen();
    const parts = partsOf(content);
    const ordinal = this.counts.get(target.name) ?? 0;
    this.counts.set(target.name, ordinal + 1);
    return this.inTurn(async () => {
      const name = nameOf(target.name, ordinal);
      const recorded = this.context.memory.get(name);
      if (recorded === undefined && isEmpty(parts)) return [];
      const answer =
        recorded ?? (await this.context.memory.record(name, this.recordOf(parts, target, beside)));
      return this.deliver(answer as unknown as RecordedAnswer, target.name, ordinal);
    });
  }

  /**
   * Sends what earlier runs of the turn have recorded, all of it, if the last of it was the thinker's answer.
   *
   * @returns What was recorded beside that answer; undefined when it was not recorded.
   */
  async resend(): Promise<Json | undefined> {
    const { memory, home } = this.context;
    const answers: RecordedAnswer[] = [];
    for (;;) {
      const recorded = memory.get(nameOf(home.name, answers.length)) as unknown as RecordedAnswer | undefined;
      if (recorded === undefined) return undefined;
      answers.push(recorded);
      if (recorded.beside !== undefined) break;
    }
    for (const [ordinal, answer] of answers.entries()) {
      await this.inTurn(() => this.deliver(answer, home.name, ordinal));
    }
    return answers.at(-1)?.beside;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.tail.then(() => {
      this.checkOpen();
      return work();
    });
    this.pending.add(done);
    // One that failed does not stop the next. Who does not await it hears of it when the turn ends.
    this.tail = done.catch(() => {}).finally(() => this.pending.delete(done));
    return done;
  }

  private async deliver(
    { address, contents, metadata }: RecordedAnswer,
    name: string,
    ordinal: number,
  ): Promise<readonly SendMessageResult[]> {
    const { memory, signal, home } = this.context;
    const results: SendMessageResult[] = [];
    for (const [part, content] of contents.entries()) {
      this.checkOpen();
      const client_msg_id = partId(memory.turnKey, name, ordinal, part);
      try {
        results.push(await this.context.send({ ...address, content, metadata, client_msg_id }, signal));
      } catch (error) {
        if (name === home.name) this.failure = error;
        throw error;
      }
    }
    const text = contents.map((content) => content.text ?? '').join('\n');
    if (name === home.name) await this.context.sent(text, `${memory.turnKey}/${ordinal}`);
    return results;
  }

  private recordOf({ metadata, text = '', ...rest }: ReplyParts, target: Target, beside?: Json): Json {
    const { replyTo, depth, maxMessages, home } = this.context;
    const own = target.name === home.name ? { reply_to: replyTo } : {};
    const carried = withDepth({ ...own, ...metadata }, depth);
    // Counted with escapes that the service does not count: rather a part too many than one too long.
    const overhead = bytesOf(carried) + bytesOf({ ...rest, text: '' });
    const texts = splitText(text, Math.max(LEAST_TEXT_BYTES, MAX_MESSAGE_BYTES - overhead));
    if (texts.length > maxMessages) {
      throw new BotError({
        code: 'ANSWER_TOO_LONG',
        message: `The answer takes ${texts.length} messages, and the bot sends ${maxMessages} at most. Say less, send an attachment, or raise "replies.maxMessages".`,
      });
    }
    const contents = texts.slice(0, -1).map((part) => ({ text: part }));
    const last = texts.at(-1);
    contents.push({ ...rest, ...(last === undefined ? {} : { text: last }) } as { text: string });
    const answer = { address: target.address, contents, metadata: carried };
    return jsonCopy(beside === undefined ? answer : { ...answer, beside }, 'What is sent');
  }

  private checkOpen(): void {
    if (!this.isOver) return;
    throw new BotError({
      code: 'TURN_ENDED',
      message:
        'The turn has ended, and nothing more is sent in its name: it was finished, called off, or took too long. Await what you ' +
        'send within the turn, and stop when turn.signal aborts. For a message of its own, use turn.client.sendMessage().',
    });
  }
}

/** @throws ValidationError for what is neither a handle nor the id of a group. */
export function targetOf(to: string): Target {
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

function partsOf(content: ReplyContent): ReplyParts {
  if (typeof content === 'string') return { text: content };
  if (typeof content === 'object' && content !== null) return content;
  throw new ValidationError('What is sent must be a text, or an object with text, data or attachment_id.');
}

/** Nothing but white space is silence. */
function isEmpty({ text, data, attachment_id }: ReplyParts): boolean {
  return (text ?? '').trim() === '' && data === undefined && attachment_id === undefined;
}

function bytesOf(value: object): number {
  return jsonBytes(JSON.stringify(value));
}
