import { ConnectionError } from '../errors/index.js';
import { PendingConnect } from './util/pending-connect.js';

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

/**
 * STOP-1: `connect()` and `disconnect()` in any order. There is one stop at a time, and at most one `connect()` waits for
 * its end; calls that come while it waits share its promise.
 */
export class Lifecycle {
  private stopping: Promise<void> | null = null;
  private queued: { readonly options: ConnectOptions; readonly pending: PendingConnect } | null = null;

  constructor(private readonly ports: LifecyclePorts) {}

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  connect(options: ConnectOptions): Promise<void> {
    if (this.stopping === null) return this.ports.begin(options);
    if (this.queued !== null) return this.queued.pending.promise;
    const pending = new PendingConnect();
    this.queued = { options, pending };
    const { signal } = options;
    pending.watch(signal, () => this.withdraw(aborted(signal?.reason)));
    return pending.promise;
  }

  /** The last word counts: a `connect()` that has not begun is withdrawn. */
  disconnect(deadlineMs: number): Promise<void> {
    this.withdraw(disconnected());
    if (this.stopping !== null) {
      this.ports.hurry(deadlineMs);
      return this.stopping;
    }
    this.stopping = this.ports.stop(deadlineMs).finally(() => {
      this.stopping = null;
      const { queued } = this;
      this.queued = null;
      if (queued === null) {
        this.ports.onStopped();
        return;
      }
      // What begins watches the signal itself.
      queued.pending.unwatch();
      queued.pending.follow(this.ports.begin(queued.options));
    });
    return this.stopping;
  }

  private withdraw(why: ConnectionError): void {
    this.queued?.pending.reject(why);
    this.queued = null;
  }
}

function aborted(cause: unknown): ConnectionError {
  return new ConnectionError({
    code: 'ABORTED',
    message: 'connect() was aborted before it began.',
    outcome: 'not_sent',
    cause,
  });
}

function disconnected(): ConnectionError {
  return new ConnectionError({
    message: 'disconnect() was called before this connect() had begun.',
    outcome: 'not_sent',
  });
}
