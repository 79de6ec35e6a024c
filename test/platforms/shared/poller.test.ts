import { describe, expect, it } from 'vitest';
import { poll } from '../../../src/platforms/shared/poller.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const delaysMs = [100, 200, 1_000];

describe('poll', () => {
  function start(doneAt: number, limitMs = 0, signal?: AbortSignal) {
    const clock = new VirtualClock();
    const at: number[] = [];
    const running = poll({
      label: 'things.wait',
      ask: async () => {
        at.push(clock.now());
        return at.length;
      },
      isDone: (state) => state === doneAt,
      delaysMs,
      limitMs,
      signal,
      clock,
    });
    running.catch(() => {});
    return { clock, at, running };
  }

  it('asks after each pause, the last one again and again, until it is done', async () => {
    const { clock, at, running } = start(5);
    await clock.advance(10_000);
    expect(await running).toEqual({ state: 5, done: true });
    expect(at).toEqual([0, 100, 300, 1_300, 2_300]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives the last state when the time is over', async () => {
    const { clock, at, running } = start(99, 1_500);
    await clock.advance(10_000);
    expect(await running).toEqual({ state: 4, done: false });
    expect(at).toEqual([0, 100, 300, 1_300]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends in the middle of a pause when the signal fires', async () => {
    const controller = new AbortController();
    const { clock, running } = start(99, 0, controller.signal);
    await clock.advance(150);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'enough' } });
    expect(clock.pendingTimers).toBe(0);
    await expect(start(1, 0, controller.signal).running).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('passes on what asking throws', async () => {
    const asking = poll({
      label: 'things.wait',
      ask: () => Promise.reject(new Error('no')),
      isDone: () => true,
      delaysMs,
      limitMs: 0,
    });
    await expect(asking).rejects.toThrow('no');
  });
});
