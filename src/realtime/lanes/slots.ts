import type { Clock, TimerHandle } from '../../clock/index.js';

export interface SlotHolder {
  /** When its handlers were called, on the monotonic clock. */
  startedAt: number;
  /** Its handlers have been at work for too long: the slot was taken from it. */
  slotLost(forMs: number): void;
}

/**
 * Who is at work, and who of them counts against `concurrency`. A handler that runs long gives its slot back, never
 * its lane (ORD-1).
 */
export class Slots {
  taken = 0;
  private readonly running = new Set<SlotHolder>();
  /** Those of the running that have lost their slot. */
  private readonly slow = new Set<SlotHolder>();
  private sweepTimer: TimerHandle = null;
  private idleWaiters: (() => void)[] = [];

  /** `onFree` is told when others may go on because of handlers that have lost their slots. */
  constructor(
    private readonly clock: Clock,
    private readonly slowMs: number,
    private readonly onFree: () => void,
  ) {}

  get runningCount(): number {
    return this.running.size;
  }

  occupy(holder: SlotHolder): void {
    holder.startedAt = this.clock.now();
    this.taken += 1;
    this.running.add(holder);
    if (this.sweepTimer === null) this.armSweep();
  }

  release(holder: SlotHolder): void {
    if (!this.running.delete(holder)) return;
    if (!this.slow.delete(holder)) this.taken -= 1;
    if (this.running.size === 0) this.wake();
  }

  /** Resolves when nobody is at work, or when those at work are abandoned. */
  whenIdle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }

  /** STOP-1: those at work may never end. Neither the stop nor the next life waits for them. */
  abandon(): void {
    this.clock.clearTimer(this.sweepTimer);
    this.sweepTimer = null;
    this.taken = 0;
    this.running.clear();
    this.slow.clear();
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private armSweep(): void {
    this.sweepTimer = this.clock.setTimer(() => this.sweep(), this.slowMs / 4, 'background');
  }

  private sweep(): void {
    const now = this.clock.now();
    for (const holder of this.running) {
      const forMs = now - holder.startedAt;
      if (forMs < this.slowMs || this.slow.has(holder)) continue;
      this.slow.add(holder);
      this.taken -= 1;
      holder.slotLost(forMs);
    }
    this.sweepTimer = null;
    if (this.running.size > 0) this.armSweep();
    this.onFree();
  }
}
