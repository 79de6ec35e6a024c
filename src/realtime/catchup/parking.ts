import type { Clock, TimerHandle } from '../../clock/index.js';
import { TIMING } from '../bounds.js';
import { doubled } from '../util/backoff.js';
import { LazySet } from '../util/collections.js';

/** HND-1: how long a message that was parked so often waits before it comes again: for `patienceMs` at least, if that is not too long. */
export function parkDelay(times: number, patienceMs = 0): number {
  const pauseMs = doubled(TIMING.parkMin, times - 1, TIMING.parkMax);
  return Math.max(pauseMs, Math.min(patienceMs, TIMING.parkMax));
}

interface Entry {
  readonly action: () => void;
  readonly dueAt: number;
  timer: TimerHandle;
}

/**
 * What is to be done later, across lives of the client: while it is stopped nothing runs and no timer is pending
 * (STOP-1), and what fell due meanwhile is done when it goes on.
 */
export class Agenda {
  private readonly entries = new LazySet<Entry>();
  private paused = false;

  constructor(private readonly clock: Clock) {}

  after(delayMs: number, action: () => void): void {
    const entry: Entry = { action, dueAt: this.clock.now() + delayMs, timer: null };
    this.entries.add(entry);
    if (!this.paused) this.arm(entry);
  }

  pause(): void {
    this.paused = true;
    for (const entry of this.entries) this.clock.clearTimer(entry.timer);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    for (const entry of this.entries) this.arm(entry);
  }

  private arm(entry: Entry): void {
    const run = () => {
      this.entries.delete(entry);
      entry.action();
    };
    entry.timer = this.clock.setTimer(run, entry.dueAt - this.clock.now(), 'background');
  }
}
