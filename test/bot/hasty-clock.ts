import { type Clock, systemClock } from '../../src/clock/index.js';

/** The real clock, a number of times as fast: a minute of a bot's waiting is a second of a test's. */
export class HastyClock implements Clock {
  readonly random = systemClock.random;
  readonly defer = systemClock.defer;
  readonly clearTimer = systemClock.clearTimer;
  private readonly began = systemClock.now();
  private readonly wallBegan = systemClock.wallNow();

  constructor(private readonly times: number) {}

  now(): number {
    return (systemClock.now() - this.began) * this.times;
  }

  wallNow(): number {
    return Math.round(this.wallBegan + this.now());
  }

  setTimer(callback: () => void, delayMs: number, kind?: 'background') {
    return systemClock.setTimer(callback, delayMs / this.times, kind);
  }
}
