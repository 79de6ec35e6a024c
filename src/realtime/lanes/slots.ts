import type { Clock, TimerHandle } from '../../clock/index.js';

/** A lane, as far as the slots know it. */
export interface SlotHolder {
  /** When its handlers were called, on the monotonic clock. */
  startedAt: number;
  /** Whether it occupies one of the slots of `concurrency`. */
  holdsSlot: boolean;
  /** Its handlers have been at work for too long: the slot was taken from it. */
  slotLost(forMs: number): void;
}

/**
 * Who is at work, and who of them counts against `concurrency`. A handler that runs long gives its slot back, never
 * its lane (ORD-1).
 */
export class Slots {
  private free: number;
  private readonly running = new Set<SlotHolder>();
  private sweepTimer: TimerHandle = null;
  private idleWaiters: (() => void)[] = [];

  /** `onFree` is told when others may go on because of handlers that have lost their slots. */
  constructor(
    private readonly clock: Clock,
    private readonly count: number,
    private readonly slowMs: number,
    private readonly onFree: () => void,
  ) {
    this.free = count;
  }

  get available(): boolean {
    return this.free > 0;
  }

  get taken(): number {
    return this.count - this.free;
  }

  get runningCount(): number {
    return this.running.size;
  }

  occupy(holder: SlotHolder): void {
    holder.startedAt = this.clock.now();
    holder.holdsSlot = true;
    this.free -= 1;
    this.running.add(holder);
    if (this.sweepTimer === null) this.armSweep();
  }

  release(holder: SlotHolder): void {
    this.giveBack(holder);
    if (this.running.delete(holder) && this.running.size === 0) this.wake();
  }

  /** Resolves when nobody is at work, or when those at work are abandoned. */
  whenIdle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }

  /** STOP-1: nobody waits for those at work any more. */
  abandon(): void {
    this.clock.clearTimer(this.sweepTimer);
    this.sweepTimer = null;
    // They may never end: the next life must not wait for them.
    for (const holder of this.running) this.giveBack(holder);
    this.running.clear();
    this.wake();
  }

  private giveBack(holder: SlotHolder): void {
    if (!holder.holdsSlot) return;
    holder.holdsSlot = false;
    this.free += 1;
  }

  private wake(): void {
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** One coarse timer for all. */
  private armSweep(): void {
    this.sweepTimer = this.clock.setTimer(() => this.sweep(), this.slowMs / 4, 'background');
  }

  private sweep(): void {
    this.sweepTimer = null;
    const now = this.clock.now();
    for (const holder of this.running) {
      const forMs = now - holder.startedAt;
      if (!holder.holdsSlot || forMs < this.slowMs) continue;
      this.giveBack(holder);
      holder.slotLost(forMs);
    }
    if (this.running.size > 0) this.armSweep();
    this.onFree();
  }
}
