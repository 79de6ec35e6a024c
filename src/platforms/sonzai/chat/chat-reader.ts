import type { FrameStream } from '../../shared/frame-stream.js';
import { FrameReader } from '../frame-reader.js';
import type { OpenRecord } from '../records/open-record.js';
import { SonzaiStreamError } from '../sonzai-error.js';
import type { SonzaiWire } from '../sonzai-wire.js';
import type { ChatEvent } from './chat-event.js';
import type { ChatReply } from './chat-reply.js';
import { failureIn, readEvent } from './read-event.js';
import { ReplyTally } from './reply-tally.js';

/** Makes the events of one chat out of its frames, and adds them up. */
export class ChatReader {
  readonly #wire: SonzaiWire;
  readonly #label: string;
  readonly #tally = new ReplyTally();
  #frames: FrameStream | undefined;

  constructor(wire: SonzaiWire, label: string) {
    this.#wire = wire;
    this.#label = label;
  }

  get sessionId(): string | null {
    return this.#frames?.headers.get('x-session-id') ?? this.#tally.sessionId;
  }

  get messageIndex(): number {
    return this.#tally.messageIndex;
  }

  get reply(): ChatReply {
    return this.#tally.reply(this.sessionId);
  }

  async *events(frames: FrameStream): AsyncGenerator<ChatEvent, void, undefined> {
    this.#frames = frames;
    const reader = new FrameReader();
    for await (const frame of frames) {
      const read = reader.read(frame);
      if (read.state === 'end') return;
      if (read.state === 'too_long') throw this.#tooLong();
      if (read.state === 'record') yield this.#take(read.record);
    }
    if (!this.#tally.isComplete) throw this.#interrupted();
  }

  #take(record: OpenRecord): ChatEvent {
    const failure = failureIn(record);
    if (failure !== undefined) {
      throw new SonzaiStreamError({
        ...this.#about('server', `the platform gave up: ${failure.message}`),
        platform: 'sonzai',
        body: record,
        errorCode: failure.code,
        isTokenError: failure.isTokenError,
        retryable: false,
      });
    }
    const event = readEvent(record);
    this.#tally.add(event);
    return event;
  }

  #interrupted(): Error {
    return this.#wire.error(this.#about('interrupted', 'the stream ended before the reply was complete.'));
  }

  #tooLong(): Error {
    return this.#wire.error(this.#about('protocol', 'a frame in pieces is longer than any reply.'));
  }

  #about(kind: 'server' | 'interrupted' | 'protocol', what: string) {
    const requestId = this.#frames?.requestId ?? null;
    return { kind, message: `${this.#label}: ${what}`, requestId, outcome: 'unknown' as const };
  }
}
