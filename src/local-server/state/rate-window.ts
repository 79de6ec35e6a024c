/** How often something may happen, in any window of that length. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** Distinct keys kept before the stalest are forgotten; an address or a handle is one key. */
const MAX_KEYS = 100_000;

/**
 * A sliding window per key: the last `limit` times are remembered, so that a burst across a window's edge is caught
 * as well.
 */
export class RateWindow {
  readonly #rate: Rate;
  readonly #times = new Map<string, number[]>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Milliseconds until the next one is allowed; 0 when it is allowed now. */
  waitMs(key: string, now: number): number {
    const times = this.#times.get(key);
    if (times === undefined || times.length < this.#rate.limit) return 0;
    const oldest = times[0] ?? 0;
    return Math.max(0, oldest + this.#rate.windowMs - now);
  }

  /** Counts one, and forgets the ones that have left the window. */
  take(key: string, now: number): void {
    const times = this.#times.get(key) ?? [];
    while (
      times.length > 0 &&
      (times.length >= this.#rate.limit || (times[0] ?? 0) + this.#rate.windowMs <= now)
    ) {
      times.shift();
    }
    times.push(now);
    // Re-inserted, so that the map's first key is the stalest.
    this.#times.delete(key);
    this.#times.set(key, times);
    if (this.#times.size > MAX_KEYS) {
      const stalest = this.#times.keys().next();
      if (stalest.done !== true) this.#times.delete(stalest.value);
    }
  }
}
