/** Whatever the platform's `setTimeout` gives back. Opaque: only `clearTimer` reads it. */
export type TimerHandle = unknown;

/**
 * Time, chance and "later", as everything in this package sees them. All waiting goes through here, so that the
 * tests can run hours of reconnects and backoffs in a second of virtual time, from a seed.
 */
export interface Clock {
  /** Milliseconds on a clock that never jumps. Deadlines and delays use this one. */
  now(): number;
  /** Milliseconds since 1970 on the wall clock. Data to compare with the service's timestamps, never a deadline. */
  wallNow(): number;
  /**
   * Runs `callback` once, `delayMs` from now. A pending timer keeps the process alive (a bot that waits to reconnect
   * must not exit), except a `'background'` one, which only matters while something else is going on.
   */
  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle;
  /** Forgets a timer. A handle that has fired, or was cleared, is ignored. */
  clearTimer(handle: TimerHandle): void;
  /**
   * Runs `callback` as a task of its own, at the end of this turn of the event loop: the place to write what one turn
   * collected, and to go on with work after the loop has heard whatever else waited (BP-2).
   */
  defer(callback: () => void): void;
  /** A number in [0, 1), for jitter and generated ids that need not be secret. */
  random(): number;
}

/** `setTimeout` holds its delay in 31 bits; a longer delay would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type MaybeNodeTimer = { unref?: () => unknown };
type MaybeImmediate = { setImmediate?: (callback: () => void) => unknown };

/**
 * A task without `setImmediate`: in browsers. A microtask would run before the loop gets its turn; a timer waits for four
 * milliseconds there, and for a second in a tab that is hidden.
 */
function postTask(callback: () => void): void {
  if (typeof MessageChannel === 'undefined') {
    setTimeout(callback, 0);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(null);
}

/** The real clock of whatever runtime this is. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer(callback, delayMs, kind) {
    const handle = setTimeout(callback, Math.min(Math.max(delayMs, 0), LONGEST_TIMER_MS));
    if (kind === 'background') (handle as MaybeNodeTimer).unref?.();
    return handle;
  },
  clearTimer(handle) {
    clearTimeout(handle as ReturnType<typeof setTimeout>);
  },
  defer(callback) {
    const { setImmediate } = globalThis as MaybeImmediate;
    if (setImmediate === undefined) postTask(callback);
    else setImmediate(callback);
  },
  random: () => Math.random(),
};
