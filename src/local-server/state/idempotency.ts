import { IDEMPOTENCY_WINDOW_MS } from '../../wire/index.js';
import type { Reply } from '../http/reply.js';
import type { Ledger } from './ledger.js';

/** What was answered to a request that carried an `Idempotency-Key`. */
export interface Remembered {
  /** Whose request it was. */
  readonly handle: string;
  readonly key: string;
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
  readonly #ledger: Ledger<Remembered>;

  constructor(ledger: Ledger<Remembered>) {
    this.#ledger = ledger;
  }

  find(handle: string, key: string, now: number): Remembered | undefined {
    const found = this.#byAgent.get(handle)?.get(key);
    return found !== undefined && found.at + IDEMPOTENCY_WINDOW_MS > now ? found : undefined;
  }

  keep(answer: Remembered): void {
    const answers = this.restore(answer);
    this.#ledger.put(answer);
    const [oldest] = answers.values();
    if (answers.size <= MAX_KEYS || oldest === undefined) return;
    answers.delete(oldest.key);
    this.#ledger.remove(oldest);
  }

  /** Takes up what was answered before. */
  restore(answer: Remembered): Map<string, Remembered> {
    const answers = this.#byAgent.get(answer.handle) ?? new Map<string, Remembered>();
    this.#byAgent.set(answer.handle, answers);
    // Re-inserted, so that the first one is the oldest.
    answers.delete(answer.key);
    return answers.set(answer.key, answer);
  }

  *all(): Generator<Remembered, void> {
    for (const answers of this.#byAgent.values()) yield* answers.values();
  }
}
