import type { AgentChatClientError } from '../../errors/index.js';

/** The promise of a `connect()` that is under way, or waits to begin. Not awaiting it is no unhandled rejection. */
export class PendingConnect {
  readonly promise: Promise<void>;
  private succeed: () => void = () => {};
  private fail: (error: AgentChatClientError) => void = () => {};
  private offAbort: () => void = () => {};

  constructor() {
    this.promise = handled(
      new Promise<void>((resolve, reject) => {
        this.succeed = resolve;
        this.fail = reject;
      }),
    );
  }

  /** Calls `onAbort` if the signal is aborted before this is settled, at once if it has been already. */
  watch(signal: AbortSignal | undefined, onAbort: () => void): void {
    if (signal === undefined) return;
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    this.offAbort = () => signal.removeEventListener('abort', onAbort);
  }

  unwatch(): void {
    this.offAbort();
    this.offAbort = () => {};
  }

  resolve(): void {
    this.unwatch();
    this.succeed();
  }

  reject(error: AgentChatClientError): void {
    this.unwatch();
    this.fail(error);
  }

  /** Ends as another promise does, unless it ends sooner. */
  follow(other: Promise<void>): void {
    other.then(
      () => this.resolve(),
      (error: AgentChatClientError) => this.reject(error),
    );
  }
}

/** The same promise for somebody who may leave earlier: aborting rejects this one alone. */
export function untilAborted(
  promise: Promise<void>,
  signal: AbortSignal,
  aborted: () => AgentChatClientError,
): Promise<void> {
  const own = new PendingConnect();
  own.watch(signal, () => own.reject(aborted()));
  own.follow(promise);
  return own.promise;
}

/** Marks a promise, so that a rejection that nobody awaits does not end the process. */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
