import type { Clock } from '../../clock/index.js';
import type { Life } from '../life.js';

/** Resolves after `ms`, or when `life` ends. */
export function pause(clock: Clock, ms: number, life: Life): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      off();
      resolve();
    }, ms);
    const off = life.onEnd(() => {
      clock.clearTimer(timer);
      resolve();
    });
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
