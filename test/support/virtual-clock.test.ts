import { describe, expect, it } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

describe('VirtualClock', () => {
  it('runs timers by due time, equal ones in the order in which they were set', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const note = (name: string) => () => void ran.push(`${name}@${clock.now()}`);
    clock.setTimer(note('c'), 20);
    clock.setTimer(note('a'), 10);
    clock.setTimer(note('b'), 10);
    clock.clearTimer(clock.setTimer(note('cleared'), 10));
    clock.setTimer(note('later'), 21);
    await clock.advance(20);
    expect(ran).toEqual(['a@10', 'b@10', 'c@20']);
    expect(clock.now()).toBe(20);
    expect(clock.pendingTimers).toBe(1);
  });

  it('lets promises and deferred callbacks of a timer run before the next timer', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    clock.setTimer(async () => {
      for (let i = 0; i < 50; i++) await undefined;
      ran.push('promise');
      clock.defer(() => void Promise.resolve().then(() => ran.push('deferred')));
    }, 5);
    clock.setTimer(() => void ran.push('next'), 5);
    await clock.advance(5);
    expect(ran).toEqual(['promise', 'deferred', 'next']);
  });

  it('runs timers late after a freeze, at the time at which the process woke up', async () => {
    const clock = new VirtualClock();
    let at = -1;
    clock.setTimer(() => {
      at = clock.now();
    }, 100);
    clock.freeze(5_000);
    expect(at).toBe(-1);
    await clock.advance(0);
    expect(at).toBe(5_000);
  });

  it('runs timers that fall due while code takes time before what that code has deferred', async () => {
    const clock = new VirtualClock();
    const ran: string[] = [];
    const work = (times: number) => {
      ran.push(`work@${clock.now()}`);
      clock.freeze(20);
      if (times > 1) clock.defer(() => work(times - 1));
    };
    clock.setTimer(() => clock.defer(() => work(3)), 0);
    clock.setTimer(() => void ran.push(`timer@${clock.now()}`), 30);
    await clock.advance(0);
    expect(ran).toEqual(['work@0', 'work@20', 'timer@40', 'work@40']);
    expect(clock.now()).toBe(60);
  });

  it('repeats its random numbers from the seed', () => {
    const a = new VirtualClock({ seed: 42 });
    const b = new VirtualClock({ seed: 42 });
    const drawn = Array.from({ length: 1_000 }, () => a.random());
    expect(drawn).toEqual(Array.from({ length: 1_000 }, () => b.random()));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, n) => sum + n, 0) / 1_000).toBeCloseTo(0.5, 1);
  });

  it('keeps nothing of a timer that was cleared', () => {
    const clock = new VirtualClock();
    for (let i = 0; i < 10_000; i++) clock.clearTimer(clock.setTimer(() => {}, 30_000 - i));
    expect(clock.pendingTimers).toBe(0);
    expect(clock.nextTimerAt).toBeUndefined();
  });

  it('says when it waits for something that cannot come', async () => {
    await expect(new VirtualClock().advanceUntil(() => false)).rejects.toThrow(/nothing is pending/);
  });
});
