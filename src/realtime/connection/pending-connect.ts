import type { AgentChatError } from '../../errors/index.js';

/** The promise of a `connect()` that is under way. Not awaiting it is no unhandled rejection. */
export class PendingConnect {
  readonly promise: Promise<void>;
  private settled = false;
  private succeed: () => void = () => {};
  private fail: (error: AgentChatError) => void = () => {};
  private unwatch: () => void = () => {};

  constructor() {
    this.promise = handled(
      new Promise<void>((resolve, reject) => {
        this.succeed = resolve;
        this.fail = reject;
      }),
    );
  }

  /** Calls `onAbort` if the signal is aborted before this is settled. */
  watch(signal: AbortSignal, onAbort: () => void): void {
    if (this.settled) return;
    signal.addEventListener('abort', onAbort, { once: true });
    this.unwatch = () => signal.removeEventListener('abort', onAbort);
  }

  resolve(): void {
    this.settle();
    this.succeed();
  }

  reject(error: AgentChatError): void {
    this.settle();
    this.fail(error);
  }

  private settle(): void {
    this.settled = true;
    this.unwatch();
    this.unwatch = () => {};
  }
}

/**
 * The same promise for somebody who may leave earlier: aborting rejects this one alone. The listener is detached in
 * every case.
 */
export function untilAborted(
  promise: Promise<void>,
  signal: AbortSignal,
  aborted: () => AgentChatError,
): Promise<void> {
  const own = new PendingConnect();
  own.watch(signal, () => own.reject(aborted()));
  promise.then(
    () => own.resolve(),
    (error: AgentChatError) => own.reject(error),
  );
  return own.promise;
}

/** Marks a promise, so that a rejection that nobody awaits does not end the process. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
