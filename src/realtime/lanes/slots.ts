import type { Clock, TimerHandle } from '../../clock/index.js';
import { LazySet } from '../util/collections.js';
import type { TimeSlice } from './time-slice.js';

/** A message by its ids. */
export interface MessageAtWork {
  readonly messageId: string;
  readonly conversationId: string;
}

export interface SlotHolder {
  /** When its handlers were called, on the monotonic clock. */
  startedAt: number;
  /** BP-2: the turn of the loop in which they were called. */
  turnNumber: number;
  /** Its handlers have been at work for too long: the slot was taken from it. */
  slotLost(forMs: number): void;
  /** What is in the hands of its handlers. */
  readonly messagesAtWork: readonly MessageAtWork[];
}

/**
 * Who is at work, and who of them counts against `concurrency`. A handler that runs long gives its slot back, never
 * its lane (ORD-1).
 */
export class Slots {
  taken = 0;
  private readonly running = new LazySet<SlotHolder>();
  /** Those of the running that have lost their slot. */
  private readonly slow = new LazySet<SlotHolder>();
  /** STOP-3: those that a stop did not wait for, while they are at work. */
  private readonly left = new LazySet<SlotHolder>();
  private sweepTimer: TimerHandle = null;
  private idleWaiters: (() => void)[] = [];
  private leftWaiters: (() => void)[] = [];
  private releaseWaiters: (() => void)[] = [];

  /** `onFree` is told when others may go on because of handlers that have lost their slots. */
  constructor(
    private readonly clock: Clock,
    private readonly slowMs: number,
    private readonly onFree: () => void,
    private readonly slice: Pick<TimeSlice, 'begun' | 'ended' | 'startedAt'>,
  ) {}

  get runningCount(): number {
    return this.running.size;
  }

  occupy(holder: SlotHolder): void {
    holder.turnNumber = this.slice.begun();
    // A slice is short beside what is slow, so its beginning will do.
    holder.startedAt = this.slice.startedAt;
    this.taken += 1;
    this.running.add(holder);
    if (this.sweepTimer === null) this.armSweep();
  }

  release(holder: SlotHolder): void {
    if (!this.running.delete(holder)) {
      this.leftHasEnded(holder);
      return;
    }
    this.slice.ended(holder.turnNumber);
    if (!this.slow.delete(holder)) this.taken -= 1;
    for (const resolve of this.releaseWaiters.splice(0)) resolve();
    if (this.running.size === 0) this.wake();
  }

  /** Resolves when nobody is at work, or when those at work are abandoned. */
  whenIdle(): Promise<void> {
    if (this.running.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }

  /** Resolves when the next one at work has ended, or all are abandoned. */
  nextRelease(): Promise<void> {
    return new Promise((resolve) => {
      this.releaseWaiters.push(resolve);
    });
  }

  get atWork(): readonly MessageAtWork[] {
    return [...this.running].flatMap((holder) => holder.messagesAtWork);
  }

  get hasLeft(): boolean {
    return this.left.size > 0;
  }

  /** STOP-1: those at work may never end. Neither the stop nor the next life waits for those that are left behind. */
  abandon(): void {
    for (const holder of this.running) this.left.add(holder);
    this.clock.clearTimer(this.sweepTimer);
    this.sweepTimer = null;
    this.taken = 0;
    this.running.clear();
    this.slow.clear();
    for (const resolve of this.releaseWaiters.splice(0)) resolve();
    this.wake();
  }

  /** Resolves when those that were left behind have ended. */
  whenLeftAreDone(): Promise<void> {
    if (this.left.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.leftWaiters.push(resolve);
    });
  }

  /** Nobody waits for them any more. */
  forgetLeft(): void {
    this.left.clear();
    this.leftWaiters = [];
  }

  private leftHasEnded(holder: SlotHolder): void {
    if (!this.left.delete(holder) || this.left.size > 0) return;
    for (const resolve of this.leftWaiters.splice(0)) resolve();
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
