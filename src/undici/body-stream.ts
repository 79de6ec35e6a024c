import type { ByteQueue } from './byte-queue.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Reader = ReadableStreamDefaultReader<Bytes>;

/**
 * The body of an answer, as a `ReadableStream`. Reading it with `getReader()` goes straight to the queue of its bytes;
 * whatever else a stream can do is done by one of the platform, made when it is asked for.
 */
export class BodyStream {
  readonly #queue: ByteQueue;
  #reading = false;
  #made: ReadableStream<Bytes> | undefined;
  #disturbed = false;

  constructor(queue: ByteQueue) {
    this.#queue = queue;
  }

  get locked(): boolean {
    return this.#made?.locked ?? this.#reading;
  }

  /** Whether anything has been read, or the rest been refused. */
  get disturbed(): boolean {
    return this.#disturbed;
  }

  getReader(options?: ReadableStreamGetReaderOptions): Reader {
    if (options?.mode !== undefined)
      throw new TypeError('the body is read in chunks of its own, not into a buffer');
    if (this.#made !== undefined) return this.#made.getReader();
    this.#lock();
    const queue = this.#queue;
    let released = false;
    const unlessReleased = <T>(act: () => Promise<T>): Promise<T> =>
      released ? Promise.reject(new TypeError('the reader has been released')) : act();
    return {
      get closed() {
        return queue.closed;
      },
      read: () => unlessReleased(() => queue.read()),
      cancel: () => unlessReleased(async () => queue.cancel()),
      releaseLock: () => {
        if (!released) this.#reading = false;
        released = true;
      },
    };
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#made !== undefined) return this.#made.cancel(reason);
    this.#lock();
    this.#reading = false;
    this.#queue.cancel();
  }

  pipeTo(destination: WritableStream<Bytes>, options?: StreamPipeOptions): Promise<void> {
    return this.stream().pipeTo(destination, options);
  }

  pipeThrough<T>(transform: ReadableWritablePair<T, Bytes>, options?: StreamPipeOptions): ReadableStream<T> {
    return this.stream().pipeThrough(transform, options);
  }

  tee(): [ReadableStream<Bytes>, ReadableStream<Bytes>] {
    return this.stream().tee();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Bytes, void, undefined> {
    const reader = this.getReader();
    let over = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        over = done;
        if (done) return;
        yield value;
      }
    } finally {
      if (!over) await reader.cancel();
      reader.releaseLock();
    }
  }

  /** The platform's own stream of these bytes. */
  stream(): ReadableStream<Bytes> {
    if (this.#made !== undefined) return this.#made;
    this.#lock();
    const queue = this.#queue;
    this.#made = new ReadableStream<Bytes>(
      {
        async pull(controller) {
          const { done, value } = await queue.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => queue.cancel(),
      },
      { highWaterMark: 0 },
    );
    return this.#made;
  }

  #lock(): void {
    if (this.#reading) throw new TypeError('the body is being read already');
    this.#reading = true;
    this.#disturbed = true;
  }
}
