import { SignalRelay } from '../../http/index.js';
import type { FrameStream } from './frame-stream.js';

/** Made with the first signal. One signal for many streams is normal, and Node warns of more than ten listeners. */
let relay: SignalRelay | undefined;

/**
 * The events of a stream, as they come. The request is made when the first one is asked for. Leaving the loop closes the
 * connection.
 *
 * @example
 * for await (const event of stream) if (event.type === 'token') process.stdout.write(event.content);
 */
export class EventStream<E> implements AsyncIterableIterator<E> {
  readonly #open: (signal: AbortSignal) => Promise<FrameStream>;
  readonly #read: (frames: FrameStream) => AsyncIterable<E>;
  readonly #signal: AbortSignal | undefined;
  readonly #events: AsyncGenerator<E, void, undefined>;
  readonly #left = new AbortController();
  #frames: FrameStream | undefined;
  #isClosed = false;

  /**
   * @param open Makes the request; its signal fires when the caller's does, and when nobody listens any more.
   * @param read Makes events of frames, and throws where they are not as they should be. What it throws once the stream was closed
   * is dropped.
   * @param signal The caller's.
   */
  constructor(
    open: (signal: AbortSignal) => Promise<FrameStream>,
    read: (frames: FrameStream) => AsyncIterable<E>,
    signal: AbortSignal | null | undefined,
  ) {
    this.#open = open;
    this.#read = read;
    this.#signal = signal ?? undefined;
    this.#events = this.#run();
  }

  /** The platform's id of the answer; `null` without one, and until the first event. */
  get requestId(): string | null {
    return this.#frames?.requestId ?? null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<E>> {
    return this.#events.next();
  }

  async return(): Promise<IteratorResult<E>> {
    this.close();
    await this.#events.return();
    return { done: true, value: undefined };
  }

  /** Ends the stream at once: whoever reads it gets no further event and no error. */
  close(): void {
    this.#isClosed = true;
    this.#frames?.close();
    this.#left.abort();
  }

  async *#run(): AsyncGenerator<E, void, undefined> {
    if (this.#isClosed) return;
    const signal = this.#signal;
    let stopListening: (() => void) | undefined;
    if (signal?.aborted === true) this.#left.abort(signal.reason);
    else if (signal !== undefined) {
      relay ??= new SignalRelay();
      stopListening = relay.listen(signal, (reason) => this.#left.abort(reason));
    }
    try {
      this.#frames = await this.#open(this.#left.signal);
      for await (const event of this.#read(this.#frames)) {
        yield event;
        if (this.#isClosed) return;
      }
    } catch (error) {
      if (!this.#isClosed) throw error;
    } finally {
      stopListening?.();
      this.#frames?.close();
    }
  }
}
