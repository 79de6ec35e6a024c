import { type Clock, systemClock } from '../../../src/clock/index.js';

/** The real clock, which falls behind on demand: to who reads it, the server's clock has been put forward. */
export class SteppingClock implements Clock {
  private behindMs = 0;

  now = () => systemClock.now() - this.behindMs;
  wallNow = systemClock.wallNow;
  setTimer = systemClock.setTimer;
  clearTimer = systemClock.clearTimer;
  defer = systemClock.defer;
  random = systemClock.random;

  fallBehind(ms: number): void {
    this.behindMs += ms;
  }
}
