import type { Clock, TimerHandle } from '../../src/clock/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';

/** Time as one process sees it: when it is killed, none of its timers fires. */
export class ProcessClock implements Clock {
  isAlive = true;
  private readonly timers = new Set<TimerHandle>();

  constructor(
    private readonly clock: VirtualClock,
    /** CATCH-4: how wrong the clock of its host is. */
    private readonly aheadMs = 0,
  ) {}

  /** Timers that have been set and have neither fired nor been cleared. */
  get pending(): number {
    return this.timers.size;
  }

  now = () => this.clock.now();
  wallNow = () => this.clock.wallNow() + this.aheadMs;
  random = () => this.clock.random();

  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle {
    const fire = () => {
      this.timers.delete(handle);
      if (this.isAlive) callback();
    };
    const handle = this.clock.setTimer(fire, delayMs, kind);
    this.timers.add(handle);
    return handle;
  }

  clearTimer(handle: TimerHandle): void {
    this.timers.delete(handle);
    this.clock.clearTimer(handle);
  }

  defer(callback: () => void): void {
    this.clock.defer(() => this.isAlive && callback());
  }
}
