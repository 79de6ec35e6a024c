import { type Clock, systemClock, type TimerHandle } from '../../../src/clock/index.js';

/** The real clock, which knows how many of its timers still run. */
export class CountingClock implements Clock {
  readonly #running = new Set<TimerHandle>();

  get timers(): number {
    return this.#running.size;
  }

  now = systemClock.now;
  wallNow = systemClock.wallNow;
  defer = systemClock.defer;
  random = systemClock.random;

  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle {
    const handle: TimerHandle = systemClock.setTimer(
      () => {
        this.#running.delete(handle);
        callback();
      },
      delayMs,
      kind,
    );
    this.#running.add(handle);
    return handle;
  }

  clearTimer(handle: TimerHandle): void {
    this.#running.delete(handle);
    systemClock.clearTimer(handle);
  }
}
