/** RCN-1 in numbers. All in milliseconds. */
export interface BackoffSettings {
  readonly reconnectIntervalMs: number;
  readonly maxReconnectIntervalMs: number;
}

/** Attempts that may begin within one limiter window, whoever asked for them. */
export const LIMITER_ATTEMPTS = 20;
/** A session shorter than this never counts as useful, however short the intervals are. */
const SHORTEST_USEFUL_LIFE_MS = 5_000;
/** Up to a quarter more or less, so that a thousand bots do not come back in the same instant. */
const JITTER = 0.25;

/** How long to wait after `failures` in a row (1 or more). `chance` is in [0, 1). */
export function backoffDelay(failures: number, settings: BackoffSettings, chance: number): number {
  const { reconnectIntervalMs, maxReconnectIntervalMs } = settings;
  // 2^31 intervals are beyond every maximum, and the power stays finite.
  const doubled = reconnectIntervalMs * 2 ** Math.min(Math.max(failures - 1, 0), 31);
  return Math.min(doubled, maxReconnectIntervalMs) * (1 - JITTER + 2 * JITTER * chance);
}

/** How long a session must have lasted to forgive the failures before it. */
export function usefulLifeMs(settings: BackoffSettings): number {
  return Math.max(SHORTEST_USEFUL_LIFE_MS, settings.maxReconnectIntervalMs);
}

/** The span in which at most {@link LIMITER_ATTEMPTS} attempts begin. */
export function limiterWindowMs(settings: BackoffSettings): number {
  return LIMITER_ATTEMPTS * settings.reconnectIntervalMs;
}

/** When the next attempt may begin at the earliest, given when the last ones began (oldest first). */
export function earliestStart(starts: readonly number[], settings: BackoffSettings): number {
  const oldest = starts.at(-LIMITER_ATTEMPTS);
  return oldest === undefined ? Number.NEGATIVE_INFINITY : oldest + limiterWindowMs(settings);
}

/** The book with one more start in it. */
export function withStart(starts: readonly number[], now: number): readonly number[] {
  return [...starts, now].slice(-LIMITER_ATTEMPTS);
}
