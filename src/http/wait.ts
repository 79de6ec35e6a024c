import type { Clock, TimerHandle } from '../clock/index.js';

/** `setTimeout` holds its delay in 31 bits. A longer one fires at once in every runtime. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs `callback` once, `delayMs` from now, however long that is: a delay that no platform timer can hold is waited
 * for in pieces.
 *
 * @returns Forgets it. May be called more than once, and after the callback ran.
 */
export function startTimer(clock: Clock, callback: () => void, delayMs: number): () => void {
  const dueAt = clock.now() + delayMs;
  let handle: TimerHandle;
  const arm = (remainingMs: number): void => {
    if (remainingMs > LONGEST_TIMER_MS) {
      handle = clock.setTimer(() => arm(dueAt - clock.now()), LONGEST_TIMER_MS);
    } else {
      handle = clock.setTimer(callback, Math.max(0, remainingMs));
    }
  };
  arm(delayMs);
  return () => clock.clearTimer(handle);
}
