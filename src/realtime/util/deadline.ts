import type { Clock, TimerHandle } from '../../clock/index.js';

/** A moment by which something is over, done or not. It may move closer, never away. */
export class Deadline {
  private readonly passed: Promise<void>;
  private pass: () => void = () => {};
  private at = Number.POSITIVE_INFINITY;
  private timer: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    ms: number,
  ) {
    this.passed = new Promise((resolve) => {
      this.pass = resolve;
    });
    this.shorten(ms);
  }

  /** From now on at most `ms` are left. */
  shorten(ms: number): void {
    const at = this.clock.now() + ms;
    if (at >= this.at) return;
    this.at = at;
    this.clock.clearTimer(this.timer);
    this.timer = this.clock.setTimer(this.pass, ms);
  }

  /** Resolves when `done` does, or at the deadline. */
  async orSooner(done: Promise<void>): Promise<void> {
    await Promise.race([done, this.passed]);
  }

  clear(): void {
    this.clock.clearTimer(this.timer);
  }
}
