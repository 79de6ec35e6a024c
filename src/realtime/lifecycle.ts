import { ConnectionError } from '../errors/index.js';

/** What `connect()` may be told. */
export interface ConnectOptions {
  /** Ends the trying. Means nothing any more once connected. */
  readonly signal?: AbortSignal | undefined;
}

export interface LifecyclePorts {
  begin(options: ConnectOptions): Promise<void>;
  stop(deadlineMs: number): Promise<void>;
  /** A stop is under way and must be over sooner. */
  hurry(deadlineMs: number): void;
  /** A stop is over; nothing waits to begin. */
  onStopped(): void;
}

/** A `connect()` that waits for the stop before it. */
class QueuedConnect {
  readonly promise: Promise<void>;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  private readonly onAbort = () =>
    this.reject(
      new ConnectionError({
        code: 'ABORTED',
        message: 'connect() was aborted before it began.',
        outcome: 'not_sent',
        cause: this.options.signal?.reason,
      }),
    );

  constructor(readonly options: ConnectOptions) {
    this.promise = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    this.promise.catch(() => {});
    const { signal } = options;
    if (signal?.aborted) this.onAbort();
    else signal?.addEventListener('abort', this.onAbort);
  }

  get pending(): boolean {
    return this.settle !== null;
  }

  reject(error: unknown): void {
    this.done()?.reject(error);
  }

  follow(connected: Promise<void>): void {
    const settle = this.done();
    if (settle !== undefined) connected.then(settle.resolve, settle.reject);
  }

  private done() {
    const { settle } = this;
    this.settle = null;
    this.options.signal?.removeEventListener('abort', this.onAbort);
    return settle ?? undefined;
  }
}

/** `connect()` and `disconnect()` in any order: one stop at a time, and at most one `connect()` that waits for its end. */
export class Lifecycle {
  private stopping: Promise<void> | null = null;
  private queued: QueuedConnect | null = null;

  constructor(private readonly ports: LifecyclePorts) {}

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  connect(options: ConnectOptions): Promise<void> {
    if (this.stopping === null) return this.ports.begin(options);
    if (this.queued?.pending !== true) this.queued = new QueuedConnect(options);
    return this.queued.promise;
  }

  /** The last word counts: a `connect()` that has not begun is withdrawn. */
  disconnect(deadlineMs: number): Promise<void> {
    this.queued?.reject(
      new ConnectionError({
        message: 'disconnect() was called before this connect() had begun.',
        outcome: 'not_sent',
      }),
    );
    this.queued = null;
    if (this.stopping !== null) {
      this.ports.hurry(deadlineMs);
      return this.stopping;
    }
    this.stopping = this.ports.stop(deadlineMs).finally(() => {
      this.stopping = null;
      const { queued } = this;
      this.queued = null;
      if (queued?.pending === true) queued.follow(this.ports.begin(queued.options));
      else this.ports.onStopped();
    });
    return this.stopping;
  }
}
