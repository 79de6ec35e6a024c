import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { Clock, TimerHandle } from '../../src/clock/index.js';
import { mulberry32 } from './mulberry32.js';

export interface VirtualClockOptions {
  /** Decides `random()`. Print it when a test fails. Default 1. */
  seed?: number;
  /** What the wall clock shows at virtual time 0. Default 2026-01-01T00:00:00Z. */
  wallStart?: number;
}

interface VirtualTimer {
  readonly id: number;
  readonly dueAt: number;
  readonly kind: 'foreground' | 'background';
  readonly callback: () => void;
}

/** As in the real clock: `setTimeout` holds its delay in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** More timers than this inside one `advance` is a loop that sets a timer of 0 ms from itself. */
const RUNAWAY_TIMERS = 5_000_000;

/**
 * Time that moves only when a test says so. Timers run in the order of their due time (equal ones in the order in
 * which they were set), and between two timers everything that they made ready (promises, deferred callbacks) runs.
 *
 * @example
 * const clock = new VirtualClock({ seed: 7 });
 * clock.setTimer(() => console.log('an hour later'), 3_600_000);
 * await clock.advance(3_600_000);
 */
export class VirtualClock implements Clock {
  readonly seed: number;
  private readonly wallStart: number;
  private time = 0;
  private wallShift = 0;
  private nextId = 1;
  /** Sorted by (dueAt, id), soonest last, so that taking the next one is a pop. */
  private timers: VirtualTimer[] = [];
  /** The timers that were neither run nor cleared; `timers` may still hold a few cleared ones. */
  private readonly live = new Map<number, VirtualTimer>();
  private deferred: (() => void)[] = [];
  private readonly chance: () => number;

  constructor(options: VirtualClockOptions = {}) {
    this.seed = options.seed ?? 1;
    this.wallStart = options.wallStart ?? Date.UTC(2026, 0, 1);
    this.chance = mulberry32(this.seed);
  }

  now(): number {
    return this.time;
  }

  wallNow(): number {
    return this.wallStart + this.wallShift + this.time;
  }

  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle {
    // NaN becomes 0, as with the platform's setTimeout.
    const delay = Math.min(Math.max(delayMs || 0, 0), LONGEST_TIMER_MS);
    const timer = {
      id: this.nextId++,
      dueAt: this.time + delay,
      kind: kind ?? 'foreground',
      callback,
    } as const;
    this.insert(timer);
    return timer.id;
  }

  clearTimer(handle: TimerHandle): void {
    if (typeof handle !== 'number' || !this.live.delete(handle)) return;
    this.dropClearedTail();
    if (this.timers.length > 2 * this.live.size + 64) {
      this.timers = this.timers.filter((timer) => this.live.has(timer.id));
    }
  }

  defer(callback: () => void): void {
    this.deferred.push(callback);
  }

  /** Jitter, from the seed. */
  random(): number {
    return this.chance();
  }

  /** How many timers are pending, background ones included. */
  get pendingTimers(): number {
    return this.live.size;
  }

  /** How many pending timers would keep a real process alive. */
  get pendingForegroundTimers(): number {
    let count = 0;
    for (const timer of this.live.values()) if (timer.kind === 'foreground') count++;
    return count;
  }

  /** When the next timer is due, in virtual milliseconds; `undefined` when none is pending. */
  get nextTimerAt(): number | undefined {
    return this.timers.at(-1)?.dueAt;
  }

  /**
   * Lets everything that is ready run (promises, deferred callbacks), without moving time. Where that takes time itself
   * (`freeze`), all timers that fall due meanwhile come before what it has deferred, as in a real loop.
   */
  async settle(): Promise<void> {
    const { time } = this;
    do {
      await this.turn();
      while (this.time > time && (this.nextTimerAt ?? Number.POSITIVE_INFINITY) <= this.time) {
        this.runNext();
        await turnOfTheLoop();
      }
    } while (this.deferred.length > 0);
  }

  /** One turn of the loop: promises, then what was deferred until now. */
  protected async turn(): Promise<void> {
    // One turn of the real loop drains every microtask that is ready, however long the chain of promises.
    await turnOfTheLoop();
    const ready = this.deferred;
    this.deferred = [];
    for (const callback of ready) callback();
    if (ready.length > 0) await turnOfTheLoop();
  }

  /** Moves time forward by `ms`, and runs what falls due on the way, in order. What a timer throws, this throws. */
  async advance(ms: number): Promise<void> {
    await this.advanceTo(this.time + ms);
  }

  /** Moves time forward to `target` (virtual milliseconds), and runs what falls due on the way. */
  async advanceTo(target: number): Promise<void> {
    await this.settle();
    for (let ran = 0; ; ran++) {
      if ((this.nextTimerAt ?? Number.POSITIVE_INFINITY) > target) break;
      if (ran >= RUNAWAY_TIMERS)
        throw new Error(`${ran} timers ran inside one advance: a timer sets itself for ever`);
      this.runNext();
      await this.settle();
    }
    this.time = Math.max(this.time, target);
  }

  /** Advances from timer to timer until `done()` holds. Throws when no timer is left, or after `limitMs` of virtual time. */
  async advanceUntil(done: () => boolean, limitMs = 24 * 3_600_000): Promise<void> {
    const end = this.time + limitMs;
    await this.settle();
    while (!done()) {
      const next = this.nextTimerAt;
      if (next === undefined) throw new Error(`nothing is pending at ${this.time} ms, and it is not done`);
      if (next > end) throw new Error(`not done after ${limitMs} ms of virtual time`);
      await this.advanceTo(Math.max(next, this.time));
    }
  }

  /** Time passes and nothing runs, as when the process is stopped or the laptop sleeps: timers then fire late. */
  freeze(ms: number): void {
    this.time += ms;
  }

  /** The wall clock alone is set forward or back; monotonic time does not notice. */
  shiftWall(ms: number): void {
    this.wallShift += ms;
  }

  private runNext(): void {
    const timer = this.timers.pop();
    if (timer === undefined) return;
    this.live.delete(timer.id);
    this.dropClearedTail();
    this.time = Math.max(this.time, timer.dueAt);
    timer.callback();
  }

  private insert(timer: VirtualTimer): void {
    let low = 0;
    let high = this.timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.timers[middle];
      if (other !== undefined && other.dueAt > timer.dueAt) low = middle + 1;
      else high = middle;
    }
    this.timers.splice(low, 0, timer);
    this.live.set(timer.id, timer);
  }

  private dropClearedTail(): void {
    let last = this.timers.at(-1);
    while (last !== undefined && !this.live.has(last.id)) {
      this.timers.pop();
      last = this.timers.at(-1);
    }
  }
}
