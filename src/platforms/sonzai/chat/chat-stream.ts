import { invalid } from '../../../http/index.js';
import type { FrameStream } from '../../shared/frame-stream.js';
import { FrameReader } from '../frame-reader.js';
import type { OpenRecord } from '../records/open-record.js';
import { SonzaiStreamError } from '../sonzai-error.js';
import type { SonzaiWire } from '../sonzai-wire.js';
import type { ChatEvent } from './chat-event.js';
import type { ChatReply } from './chat-reply.js';
import { failureIn, readEvent } from './read-event.js';
import { ReplyTally } from './reply-tally.js';

/**
 * A chat as it comes. The call is made when the loop begins; leaving the loop closes the connection. It can be read once.
 *
 * @example
 * const stream = sonzai.agents.chat('luna', { messages, user_id: 'alice', stream: true });
 * for await (const event of stream) {
 *   if (event.kind === 'delta') process.stdout.write(event.content);
 * }
 * console.log(stream.reply.usage);
 */
export class ChatStream implements AsyncIterable<ChatEvent> {
  readonly #wire: SonzaiWire;
  readonly #label: string;
  readonly #open: () => Promise<FrameStream>;
  readonly #tally = new ReplyTally();
  #frames: FrameStream | undefined;
  #isRead = false;

  /** @param open Makes the call. */
  constructor(wire: SonzaiWire, label: string, open: () => Promise<FrameStream>) {
    this.#wire = wire;
    this.#label = label;
    this.#open = open;
  }

  /** The session that the chat belongs to; `null` until the platform has said it. */
  get sessionId(): string | null {
    return this.#frames?.headers.get('x-session-id') ?? this.#tally.sessionId;
  }

  /** Which message of the reply is being said, from 0. */
  get messageIndex(): number {
    return this.#tally.messageIndex;
  }

  /** The reply as far as it has come: the whole reply when the loop has ended by itself. */
  get reply(): ChatReply {
    return this.#tally.reply(this.sessionId);
  }

  /**
   * The frames, each with its `kind`.
   *
   * @throws StreamError when the platform gives the chat up; SonzaiError of kind `interrupted` when the stream ends too early.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ChatEvent, void, undefined> {
    if (this.#isRead)
      throw invalid('stream', `${this.#label}: a stream can be read once; start another chat`);
    this.#isRead = true;
    const frames = await this.#open();
    this.#frames = frames;
    const reader = new FrameReader();
    try {
      for await (const frame of frames) {
        const read = reader.read(frame);
        if (read.state === 'end') return;
        if (read.state === 'too_long') throw this.#tooLong();
        if (read.state === 'record') yield this.#take(read.record);
      }
    } finally {
      frames.close();
    }
    if (!this.#tally.isComplete) throw this.#interrupted();
  }

  /** Reads the stream to its end. */
  async drain(): Promise<ChatReply> {
    for await (const _ of this);
    return this.reply;
  }

  #take(record: OpenRecord): ChatEvent {
    const failure = failureIn(record);
    if (failure !== undefined) {
      const { message, code, isTokenError } = failure;
      throw new SonzaiStreamError({
        ...this.#about('server', `the platform gave up: ${message}`),
        platform: 'sonzai',
        body: record,
        errorCode: code,
        isTokenError,
        retryable: false,
      });
    }
    const event = readEvent(record);
    this.#tally.add(event);
    return event;
  }

  #interrupted(): Error {
    return this.#wire.error(
      this.#about('interrupted', 'the stream ended before the reply was complete. Ask again.'),
    );
  }

  #tooLong(): Error {
    return this.#wire.error(this.#about('protocol', 'a frame in pieces is longer than any reply.'));
  }

  #about(kind: 'server' | 'interrupted' | 'protocol', what: string) {
    const requestId = this.#frames?.requestId ?? null;
    return { kind, message: `${this.#label}: ${what}`, requestId, outcome: 'unknown' as const };
  }
}
