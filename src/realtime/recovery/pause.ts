import type { Clock } from '../../clock/index.js';

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clock.clearTimer(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimer(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** The wait before attempt `n` (from 0) at something that failed: doubling, jittered, never before the hint. */
export function backoff(
  clock: Clock,
  attempt: number,
  bounds: { min: number; max: number },
  hintMs: number,
): number {
  const exponential = Math.min(bounds.min * 2 ** Math.min(attempt, 20), bounds.max);
  return Math.max(exponential * (0.75 + clock.random() / 2), hintMs);
}
