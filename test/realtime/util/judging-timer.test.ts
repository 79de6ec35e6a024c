import { describe, expect, it } from 'vitest';
import { JudgingTimer } from '../../../src/realtime/util/judging-timer.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** A timer that was started for 10 s, and when it called. */
function started(judges?: () => boolean) {
  const clock = new VirtualClock();
  const timer = new JudgingTimer(clock);
  const calls: number[] = [];
  timer.start(10_000, () => calls.push(clock.now()), judges);
  return { clock, timer, calls };
}

describe('LIVE-1: a timer that judges', () => {
  it('calls once, when it is due', async () => {
    const { clock, calls } = started();
    await clock.advance(60_000);
    expect(calls).toEqual([10_000]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('calls at once when it is late by less than a second', async () => {
    const { clock, calls } = started();
    clock.freeze(10_999);
    await clock.advance(0);
    expect(calls).toEqual([10_999]);
  });

  it('gives one turn and a second of grace after we slept', async () => {
    const { clock, calls } = started();
    clock.freeze(11_000);
    await clock.advance(999);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(calls).toEqual([12_000]);
  });

  it('begins the grace only after a turn of the loop, in which what lay in the buffers is read', async () => {
    const { clock, calls } = started();
    clock.freeze(60_000);
    // Whatever takes long in that turn is not taken from the grace.
    const { defer } = clock;
    clock.defer = (callback) =>
      defer.call(clock, () => {
        clock.freeze(5_000);
        callback();
      });
    await clock.advance(5_999);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(calls).toEqual([66_000]);
  });

  it('gives it once: who slept again is not waited for again', async () => {
    const { clock, calls } = started();
    clock.freeze(60_000);
    await clock.advance(500);
    clock.freeze(60_000);
    await clock.advance(0);
    expect(calls).toEqual([120_500]);
  });

  it('calls at once when nobody is judged, however late', async () => {
    const { clock, calls } = started(() => false);
    clock.freeze(60_000);
    await clock.advance(0);
    expect(calls).toEqual([60_000]);
  });

  it.each([0, 1, 500])('is forgotten when it is cleared %i ms into its grace', async (ms) => {
    const { clock, timer, calls } = started();
    clock.freeze(60_000);
    await clock.advance(ms);
    timer.clear();
    await clock.advance(60_000);
    expect(calls).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is forgotten when it is cleared in the turn before its grace', async () => {
    const { clock, timer, calls } = started(() => {
      queueMicrotask(() => timer.clear());
      return true;
    });
    clock.freeze(60_000);
    await clock.advance(60_000);
    expect(calls).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('started again, it forgets what it was waiting for, and has its grace anew', async () => {
    const { clock, timer, calls } = started();
    clock.freeze(60_000);
    await clock.advance(500);
    timer.start(10_000, () => calls.push(clock.now()));
    clock.freeze(60_000);
    await clock.advance(60_000);
    expect(calls).toEqual([121_500]);
  });

  it('keeps the process alive unless it was made for the background', () => {
    const { clock } = started();
    expect(clock.pendingForegroundTimers).toBe(1);
    new JudgingTimer(clock, 'background').start(1, () => {});
    expect([clock.pendingForegroundTimers, clock.pendingTimers]).toEqual([1, 2]);
  });
});
