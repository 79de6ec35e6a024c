import { AbortedError } from '../../errors/index.js';

/**
 * Waits for others as long as a signal has not aborted: then it rejects at once, whatever they do. One listener serves a whole
 * reading, and what others do later is heard by nobody.
 */
export class Patience {
  private giveUp: (() => void) | null = null;
  private readonly onAbort = () => this.giveUp?.();

  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  /**
   * One at a time.
   *
   * @param dismiss Told what comes after all when the waiting is over.
   */
  wait<T>(what: T | PromiseLike<T>, dismiss?: (late: T) => void): Promise<T> {
    const promise = Promise.resolve(what);
    return new Promise((resolve, reject) => {
      let isOver = false;
      this.giveUp = () => {
        isOver = true;
        reject(aborted(this.signal));
      };
      promise.then(
        (value) => {
          if (isOver) dismiss?.(value);
          else resolve(value);
        },
        // After an abort this does nothing, and the rejection counts as handled.
        reject,
      );
      if (this.signal.aborted) this.giveUp();
    });
  }

  end(): void {
    this.giveUp = null;
    this.signal.removeEventListener('abort', this.onAbort);
  }
}

function aborted(signal: AbortSignal): AbortedError {
  return new AbortedError({
    message: 'The turn was called off before its thinker had answered.',
    outcome: 'not_sent',
    cause: signal.reason,
  });
}
