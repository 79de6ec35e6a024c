import { IDEMPOTENCY_WINDOW_MS } from '../../wire/index.js';
import type { Reply } from '../http/reply.js';

/** What was answered to a request that carried an `Idempotency-Key`. */
export interface Remembered {
  /** Says whether another request is the same one. */
  readonly fingerprint: string;
  readonly reply: Reply;
  readonly at: number;
  /** Until then the first answer has not gone out. */
  readonly busyUntil: number;
}

/** Keys kept of one agent; beyond it the oldest is forgotten before its day is over. */
const MAX_KEYS = 10_000;

/** The answers of the last day, by agent and key. */
export class Idempotency {
  readonly #byAgent = new Map<string, Map<string, Remembered>>();

  find(handle: string, key: string, now: number): Remembered | undefined {
    const found = this.#byAgent.get(handle)?.get(key);
    return found !== undefined && found.at + IDEMPOTENCY_WINDOW_MS > now ? found : undefined;
  }

  keep(handle: string, key: string, answer: Remembered): void {
    let answers = this.#byAgent.get(handle);
    if (answers === undefined) {
      answers = new Map();
      this.#byAgent.set(handle, answers);
    }
    // Re-inserted, so that the first one is the oldest.
    answers.delete(key);
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > MAX_KEYS && oldest !== undefined) answers.delete(oldest);
  }
}
