import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CallScope } from '../../src/http/call-scope.js';
import { SignalRelay } from '../../src/http/signal-relay.js';
import { startTimer } from '../../src/http/wait.js';
import { VirtualClock } from '../support/virtual-clock.js';

describe('startTimer', () => {
  it('waits longer than a platform timer can hold, and no moment less', async () => {
    const clock = new VirtualClock();
    const longest: number[] = [];
    const watched = Object.assign(Object.create(clock) as VirtualClock, {
      setTimer: (callback: () => void, delayMs: number) => {
        longest.push(delayMs);
        return clock.setTimer(callback, delayMs);
      },
    });
    let firedAt: number | undefined;
    const delay = 5 * 2 ** 31 + 17;
    startTimer(
      watched,
      () => {
        firedAt = clock.now();
      },
      delay,
    );
    await clock.advance(delay - 1);
    expect(firedAt).toBeUndefined();
    await clock.advance(1);
    expect(firedAt).toBe(delay);
    expect(Math.max(...longest)).toBeLessThanOrEqual(2 ** 31 - 1);
  });

  it('can be stopped in any piece of its wait', async () => {
    const clock = new VirtualClock();
    let fired = false;
    const stop = startTimer(
      clock,
      () => {
        fired = true;
      },
      3 * 2 ** 31,
    );
    await clock.advance(2 ** 31 + 5);
    stop();
    stop();
    await clock.advance(10 * 2 ** 31);
    expect(fired).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('CallScope', () => {
  it('leaves neither a listener nor a timer', () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    for (let i = 0; i < 1_000; i++) {
      const scope = new CallScope(clock, controller.signal, 5_000);
      scope.onInterrupt(() => {});
      scope.close();
    }
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('adds one listener to a signal that many calls share, and takes it off after the last', () => {
    const controller = new AbortController();
    const relay = new SignalRelay();
    const clock = new VirtualClock();
    const scopes = Array.from({ length: 50 }, () => new CallScope(clock, controller.signal, 0, relay));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    for (const scope of scopes.slice(1)) scope.close();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    const again = new CallScope(clock, controller.signal, 0, relay);
    scopes[0]?.close();
    controller.abort('enough');
    expect(again.interrupted).toEqual({ kind: 'aborted', reason: 'enough' });
    expect(scopes[0]?.interrupted).toBeUndefined();
    again.close();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('tells what is going on right now, with the reason of the abort', () => {
    const controller = new AbortController();
    const scope = new CallScope(new VirtualClock(), controller.signal, 0);
    const seen: unknown[] = [];
    const off = scope.onInterrupt(() => seen.push('an attempt that is over'));
    off();
    scope.onInterrupt((why) => seen.push(why));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(seen).toEqual([{ kind: 'aborted', reason }]);
    expect(scope.interrupted).toEqual({ kind: 'aborted', reason });
  });

  it('knows of a signal that had fired before', async () => {
    const scope = new CallScope(new VirtualClock(), AbortSignal.abort('gone'), 0);
    expect(scope.interrupted).toEqual({ kind: 'aborted', reason: 'gone' });
    expect(await scope.pause(1_000)).toEqual({ kind: 'aborted', reason: 'gone' });
  });

  it('cuts a pause short at the deadline', async () => {
    const clock = new VirtualClock();
    const scope = new CallScope(clock, undefined, 700);
    const paused = scope.pause(60_000);
    expect(scope.remainingMs()).toBe(700);
    await clock.advance(700);
    expect(await paused).toEqual({ kind: 'deadline', deadlineMs: 700 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps the first of two interruptions', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const scope = new CallScope(clock, controller.signal, 100);
    await clock.advance(100);
    controller.abort();
    expect(scope.interrupted).toEqual({ kind: 'deadline', deadlineMs: 100 });
  });

  it('pauses for the whole time when nothing happens', async () => {
    const clock = new VirtualClock();
    const scope = new CallScope(clock, undefined, 0);
    let over = false;
    const paused = scope.pause(250).then((why) => {
      over = true;
      return why;
    });
    await clock.advance(249);
    expect(over).toBe(false);
    await clock.advance(1);
    expect(await paused).toBeUndefined();
    expect(scope.remainingMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
