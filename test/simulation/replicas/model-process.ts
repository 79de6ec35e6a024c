import type { Clock, TimerHandle } from '../../../src/clock/index.js';
import type { VirtualClock } from '../../support/virtual-clock.js';
import type { Asker } from '../model-rest.js';
import type { Rng } from '../rng.js';

/** One timer of a process. */
class ProcessTimer {
  constructor(public handle: TimerHandle = null) {}
}

/** Something that has come while the process stood still. */
interface Waiting {
  readonly isTimer: boolean;
  act(): void;
}

/**
 * One process: the clock that its code goes by, and the door through which everything comes to it. It can stand still for a while
 * (SIGSTOP): time goes on, and nothing runs. It can be killed.
 */
export class ModelProcess implements Clock, Asker {
  private state: 'awake' | 'stalled' | 'dead' = 'awake';
  /** When it last went on. What had waited until then is done at that moment, one after the other. */
  awakeSince = Number.NEGATIVE_INFINITY;
  private readonly timers = new Set<TimerHandle>();
  private waiting: Waiting[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    /** For people who read traces. */
    readonly label: string,
  ) {}

  now = () => this.clock.now();
  wallNow = () => this.clock.wallNow();
  random = () => this.clock.random();

  isAlive(): boolean {
    return this.state !== 'dead';
  }

  get isAwake(): boolean {
    return this.state === 'awake';
  }

  /** It runs, and has done all that had waited for it. */
  get isUpToDate(): boolean {
    return this.isAwake && this.clock.now() > this.awakeSince;
  }

  /** Timers that have been set and have neither fired nor been cleared. */
  get pending(): number {
    return this.timers.size;
  }

  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle {
    const timer = new ProcessTimer();
    const fire = () => this.timers.delete(timer) && callback();
    timer.handle = this.clock.setTimer(() => this.come(true, fire), delayMs, kind);
    this.timers.add(timer);
    return timer;
  }

  clearTimer(timer: TimerHandle): void {
    if (timer instanceof ProcessTimer && this.timers.delete(timer)) this.clock.clearTimer(timer.handle);
  }

  defer(callback: () => void): void {
    this.clock.defer(() => this.come(true, callback));
  }

  /** Something comes from outside. */
  hear(what: () => void): void {
    this.come(false, what);
  }

  stall(): void {
    if (this.state === 'awake') this.state = 'stalled';
  }

  goOn(): void {
    if (this.state !== 'stalled') return;
    this.state = 'awake';
    this.awakeSince = this.clock.now();
    const { waiting } = this;
    this.waiting = [];
    // The loop sees to its timers first, but for what its threads had taken in already.
    const inOrder = this.rng.chance(0.5)
      ? waiting
      : [...waiting.filter(({ isTimer }) => isTimer), ...waiting.filter(({ isTimer }) => !isTimer)];
    for (const { isTimer, act } of inOrder)
      this.clock.setTimer(() => this.come(isTimer, act), 0, 'background');
  }

  kill(): void {
    this.state = 'dead';
    this.waiting = [];
    this.timers.clear();
  }

  private come(isTimer: boolean, act: () => void): void {
    if (this.state === 'awake') act();
    else if (this.state === 'stalled') this.waiting.push({ isTimer, act });
  }
}
