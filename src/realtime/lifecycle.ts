import { AbortedError, type AgentChatClientError, ConnectionError } from '../errors/index.js';
import { Closing } from './util/closing.js';
import { Life } from './util/life.js';
import { PendingConnect } from './util/pending-connect.js';

/** What `connect()` may be told. */
export interface ConnectOptions {
  /** Ends the trying. Means nothing any more once connected. */
  readonly signal?: AbortSignal | undefined;
}

export interface LifecyclePorts {
  begin(options: ConnectOptions): Promise<void>;
  /** Resolves with whether something is left that is worth lingering for (STOP-3). */
  stop(deadlineMs: number): Promise<boolean>;
  /** Waits for what was left behind, until `cut` ends, and closes. */
  linger(cut: Life): Promise<void>;
  hurry(deadlineMs: number): void;
  /** A stop is over; nothing begins at once. */
  onStopped(): void;
}

/**
 * STOP-1: `connect()` and `disconnect()` in any order. There is one stop at a time, and at most one `connect()` waits for
 * its end; calls that come while it waits share its promise.
 */
export class Lifecycle {
  private stopping: Promise<void> | null = null;
  private queued: { readonly options: ConnectOptions; readonly pending: PendingConnect } | null = null;
  /** STOP-3: the stop is over for everybody, and its socket still there for acks. */
  private lingering: { readonly cut: Life; readonly over: Promise<void> } | null = null;
  private readonly closing = new Closing();
  private parting = false;

  constructor(private readonly ports: LifecyclePorts) {}

  get isStopping(): boolean {
    return this.stopping !== null;
  }

  get isLingering(): boolean {
    return this.lingering !== null;
  }

  /** `disconnect()` was called, and something of that life may still be there. */
  get isParting(): boolean {
    return this.parting;
  }

  /** STOP-2. */
  get closed(): Promise<void> {
    return this.closing.promise;
  }

  /** STOP-2: nothing is tried any more; because of `why`, unless the signal of `connect()` has called it off. */
  gaveUp(why?: AgentChatClientError): void {
    if (this.stopping === null) this.closing.ended(why);
  }

  connect(options: ConnectOptions): Promise<void> {
    if (this.stopping === null && this.lingering === null) return this.begin(options);
    if (this.queued !== null) return this.queued.pending.promise;
    const pending = new PendingConnect();
    this.queued = { options, pending };
    const { signal } = options;
    pending.watch(signal, () => {
      const message = 'connect() was aborted before it began.';
      this.withdraw(new AbortedError({ message, outcome: 'not_sent', cause: signal?.reason }));
    });
    this.cutLinger();
    return pending.promise;
  }

  /** The last word counts: a `connect()` that has not begun is withdrawn. Called while it lingers, it ends that. */
  disconnect(deadlineMs: number): Promise<void> {
    const message = 'disconnect() was called before this connect() had begun.';
    this.withdraw(new ConnectionError({ message, outcome: 'not_sent' }));
    if (this.stopping !== null) {
      this.ports.hurry(deadlineMs);
      return this.stopping;
    }
    if (this.lingering !== null) {
      const { over } = this.lingering;
      this.cutLinger();
      return over;
    }
    this.stopping = this.stop(deadlineMs);
    return this.stopping;
  }

  /** Nobody waits any more for what was left behind: the session is over, or the next is wanted. */
  cutLinger(): void {
    this.lingering?.cut.end();
  }

  private async stop(deadlineMs: number): Promise<void> {
    let lingers = false;
    this.parting = true;
    try {
      lingers = await this.ports.stop(deadlineMs);
    } finally {
      this.stopping = null;
      this.closing.ended();
      if (lingers) this.linger();
      else this.goOn();
    }
  }

  private linger(): void {
    const cut = new Life();
    const over = this.ports.linger(cut).finally(() => {
      this.lingering = null;
      this.goOn();
    });
    this.lingering = { cut, over };
    if (this.queued === null) this.ports.onStopped();
    else this.cutLinger();
  }

  /** What waited for the end of the last life begins. */
  private goOn(): void {
    const { queued } = this;
    this.parting = false;
    this.queued = null;
    if (queued === null) {
      this.ports.onStopped();
      return;
    }
    // What begins watches the signal itself.
    queued.pending.unwatch();
    queued.pending.follow(this.begin(queued.options));
  }

  private begin(options: ConnectOptions): Promise<void> {
    this.closing.begin();
    return this.ports.begin(options);
  }

  private withdraw(why: AgentChatClientError): void {
    this.queued?.pending.reject(why);
    this.queued = null;
  }
}
