import type { Flow, Sink } from './decode.js';

type Result = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** So many bytes wait for a reader before the other side is told to. What `fetch` and Node's streams hold as well. */
const HIGH_WATER_BYTES = 64 * 1024;

const DONE: Result = { done: true, value: undefined };

/**
 * The bytes of a body between the socket and whoever reads them. Bounded: when nobody reads, the socket is paused.
 */
export class ByteQueue implements Sink {
  readonly #flow: Flow;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  readonly #waiters: Waiter[] = [];
  #waitingBytes = 0;
  #paused = false;
  #end: { readonly error: unknown; readonly failed: boolean } | undefined;
  #closed: Promise<undefined> | undefined;
  #settleClosed: (() => void) | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  push(chunk: Uint8Array): boolean {
    if (this.#end !== undefined || chunk.byteLength === 0) return true;
    const bytes = chunk as Uint8Array<ArrayBuffer>;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: bytes });
      return true;
    }
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.byteLength;
    this.#paused = this.#waitingBytes >= HIGH_WATER_BYTES;
    return !this.#paused;
  }

  /** No more comes. What has come can still be read. */
  close(): void {
    this.#finish(undefined, false);
  }

  /** It broke. What has come is lost, as with any stream. */
  fail(error: unknown): void {
    if (this.#end === undefined) this.#chunks.length = 0;
    this.#finish(error, true);
  }

  /** Nobody wants the rest: the connection is given up. */
  cancel(): void {
    this.#chunks.length = 0;
    if (this.#end !== undefined) return;
    this.#finish(undefined, false);
    this.#flow.abort(new Error('The rest of the body is not wanted.'));
  }

  /** Settles when nothing more will come. */
  get closed(): Promise<undefined> {
    this.#closed ??= new Promise((resolve, reject) => {
      this.#settleClosed = () => {
        if (this.#end?.failed === true) reject(this.#end.error);
        else resolve(undefined);
      };
      if (this.#end !== undefined) this.#settleClosed();
    });
    this.#closed.catch(() => {});
    return this.#closed;
  }

  read(): Promise<Result> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.byteLength;
      if (this.#paused && this.#waitingBytes < HIGH_WATER_BYTES) {
        this.#paused = false;
        this.#flow.resume();
      }
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#end === undefined) {
      return new Promise((resolve, reject) => {
        this.#waiters.push({ resolve, reject });
      });
    }
    return this.#end.failed ? Promise.reject(this.#end.error) : Promise.resolve(DONE);
  }

  #finish(error: unknown, failed: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = { error, failed };
    for (const waiter of this.#waiters.splice(0)) {
      if (failed) waiter.reject(error);
      else waiter.resolve(DONE);
    }
    this.#settleClosed?.();
  }
}
