import type { Clock } from '../../clock/index.js';
import { AbortedError, type AgentChatClientError, StoreError } from '../../errors/index.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export interface StoreTrouble {
  /** The store fails (an error), or does what it is asked for again (null). */
  storeTrouble(error: AgentChatClientError | null): void;
}

/**
 * Waits for a store that is in trouble: what cannot be remembered is not done, and the messages of a turn are better kept waiting
 * than put aside. Faults that do not pass by waiting are thrown.
 */
export class StorePatience {
  constructor(
    private readonly clock: Clock,
    private readonly listener: StoreTrouble,
  ) {}

  /** @throws AbortedError when the signal aborts first. */
  async with<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const result = await work();
        this.listener.storeTrouble(null);
        return result;
      } catch (error) {
        if (!(error instanceof StoreError) || !error.retryable) throw error;
        this.listener.storeTrouble(error);
        await this.pause(pauseMs, signal, error);
      }
    }
  }

  private pause(ms: number, signal: AbortSignal, cause: StoreError): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.clock.clearTimer(timer);
        const message = 'The turn was called off while it waited for its store.';
        reject(new AbortedError({ message, outcome: 'not_sent', cause }));
      };
      const timer = this.clock.setTimer(
        () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        ms * (0.75 + this.clock.random() / 2),
        'background',
      );
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
