import type { Clock, TimerHandle } from '../../clock/index.js';
import type { Busy } from '../order/conversation.js';
import type { Turn } from './lane.js';

/**
 * Who is at work, and who of them counts against `concurrency`. A handler that runs long gives its slot back, never
 * its lane (ORD-1).
 */
export class Slots {
  private free: number;
  private readonly running = new Map<Busy, Turn>();
  private sweepTimer: TimerHandle = null;
  private idleWaiters: (() => void)[] = [];

  /** `onSlow` is told of each handler that has lost its slot, `onFree` when others may go on because of it. */
  constructor(
    private readonly clock: Clock,
    private readonly count: number,
    private readonly slowMs: number,
    private readonly onSlow: (busy: Busy, turn: Turn, forMs: number) => void,
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

  occupy(busy: Busy, turn: Turn): void {
    turn.startedAt = this.clock.now();
    turn.holdsSlot = true;
    this.free -= 1;
    this.running.set(busy, turn);
    if (this.sweepTimer === null) this.armSweep();
  }

  release(busy: Busy, turn: Turn): void {
    this.giveBack(turn);
    if (this.running.delete(busy) && this.running.size === 0) this.wake();
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
    for (const turn of this.running.values()) this.giveBack(turn);
    this.running.clear();
    this.wake();
  }

  private giveBack(turn: Turn): void {
    if (!turn.holdsSlot) return;
    turn.holdsSlot = false;
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
    for (const [busy, turn] of this.running) {
      const forMs = now - turn.startedAt;
      if (!turn.holdsSlot || forMs < this.slowMs) continue;
      this.giveBack(turn);
      this.onSlow(busy, turn, forMs);
    }
    if (this.running.size > 0) this.armSweep();
    this.onFree();
  }
}
