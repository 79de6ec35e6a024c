import { HandlerError } from '../errors/index.js';
import { isThenable } from './delivery/thenable.js';

/**
 * Calls user code that nobody waits for: guarded, sync and async. What it throws goes to `onFailure`, and nothing that
 * it does disturbs the caller.
 */
export function callGuarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).then(undefined, onFailure);
  } catch (error) {
    onFailure(error);
  }
}

/** Callbacks of one kind. Each may come and go at any time, also while they are being called. */
export class Listeners<Args extends unknown[]> {
  private callbacks: readonly ((...args: Args) => unknown)[] = [];

  /** `what` names the callback in errors; `onFailure` gets what one throws. */
  constructor(
    private readonly what: string,
    private readonly onFailure: (error: HandlerError) => void,
  ) {}

  get size(): number {
    return this.callbacks.length;
  }

  /** Returns its `off`. The same function added twice is called twice. */
  add(callback: (...args: Args) => unknown): () => void {
    const entry = (...args: Args) => callback(...args);
    this.callbacks = [...this.callbacks, entry];
    return () => {
      this.callbacks = this.callbacks.filter((other) => other !== entry);
    };
  }

  call(...args: Args): void {
    for (const callback of this.callbacks) {
      callGuarded(
        () => callback(...args),
        (cause) => this.onFailure(listenerFailed(this.what, cause)),
      );
    }
  }
}

export function listenerFailed(what: string, cause: unknown): HandlerError {
  return new HandlerError({
    message: `Your ${what} failed; the client goes on. See the cause.`,
    messageId: '',
    conversationId: '',
    attempt: 1,
    willRetry: false,
    cause,
  });
}
