import { type Frame, type FrameDecoder, FrameTooLarge, redactCause, redactText } from '../../http/index.js';
import { interruptionOf, unreadable } from './failure.js';
import type { OpenedStream, PlatformCall } from './platform-call.js';

/**
 * The frames of a stream, as they come. Leaving the loop closes the connection; so does `close()`. A stream that nobody reads
 * stays open: close it.
 */
export interface FrameStream extends AsyncIterable<Frame> {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string | null;
  /** Ends the stream: whoever reads it gets no further frame and no error. */
  close(): void;
}

/** The frames of a stream that was opened. */
export class LiveFrames implements FrameStream, AsyncIterator<Frame> {
  readonly #call: PlatformCall;
  readonly #stream: OpenedStream;
  readonly #decoder: FrameDecoder;
  readonly #onOver: () => void;
  readonly #secrets: readonly string[];
  /** What the last piece brought, and how much of it was given out. */
  #frames: readonly Frame[] = [];
  #given = 0;
  #isOver = false;
  /** The `next` that runs: another one waits for it. */
  #running: Promise<unknown> = Promise.resolve();

  /** @param onOver Called once, when nothing more is read. */
  constructor(call: PlatformCall, stream: OpenedStream, decoder: FrameDecoder, onOver: () => void) {
    this.#call = call;
    this.#stream = stream;
    this.#decoder = decoder;
    this.#onOver = onOver;
    this.#secrets = call.context.secrets;
  }

  get status(): number {
    return this.#stream.head.status;
  }

  get headers(): Headers {
    return this.#stream.head.headers;
  }

  get requestId(): string | null {
    return this.#stream.requestId;
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return this;
  }

  next(): Promise<IteratorResult<Frame>> {
    const next = this.#running.then(() => this.#read());
    this.#running = next.catch(() => {});
    return next;
  }

  return(): Promise<IteratorResult<Frame>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  close(): void {
    this.#frames = [];
    this.#end();
  }

  async #read(): Promise<IteratorResult<Frame>> {
    for (;;) {
      const why = this.#call.interrupted;
      // What has come already is not given any more: who has called it off is done with it.
      if (why !== undefined && !this.#isOver) {
        this.close();
        throw this.#failed({ kind: 'interrupted', why });
      }
      const frame = this.#frames[this.#given];
      if (frame !== undefined) {
        this.#given += 1;
        // A frame that tells of a failure may quote the key.
        return { done: false, value: { ...frame, data: redactText(frame.data, this.#secrets) } };
      }
      if (this.#isOver) return { done: true, value: undefined };
      const piece = await this.#stream.body.next();
      if (this.#isOver) continue;
      try {
        this.#frames = [];
        this.#given = 0;
        if (piece.kind === 'chunk') this.#frames = this.#decoder.add(piece.chunk);
        else if (piece.kind === 'end') {
          this.#frames = this.#decoder.end();
          this.#end();
        } else throw this.#failed(piece);
      } catch (error) {
        this.#end();
        throw error instanceof FrameTooLarge ? this.#tooLarge(error) : error;
      }
    }
  }

  #failed(
    piece: Exclude<Awaited<ReturnType<OpenedStream['body']['next']>>, { kind: 'chunk' | 'end' }>,
  ): Error {
    const { context } = this.#call;
    const { dialect, label, secrets } = context;
    if (piece.kind === 'interrupted')
      return this.#call.streamFailed(interruptionOf(piece.why, this.#stream.head, true, context));
    return this.#call.streamFailed(
      dialect.error({
        platform: dialect.platform,
        kind: 'interrupted',
        message: `${label}: the connection broke before the stream had come to its end.`,
        status: this.status,
        headers: this.headers,
        requestId: this.requestId,
        outcome: 'unknown',
        cause: redactCause(piece.cause, secrets),
      }),
    );
  }

  #tooLarge({ limit }: FrameTooLarge): Error {
    const why = `was answered with a frame of more than ${limit} characters`;
    return this.#call.streamFailed(unreadable(this.#stream.head, '', why, this.#call.context).error);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.body.cancel();
    this.#onOver();
  }
}
