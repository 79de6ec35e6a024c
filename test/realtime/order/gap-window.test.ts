import { describe, expect, it } from 'vitest';
import { GapWindow } from '../../../src/realtime/order/gap-window.js';
import { Dice } from './dice.js';

describe("GAP-1: gapFillWindowMs 'adaptive'", () => {
  it('is two seconds until it has seen enough', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 7; n += 1) window.closedByItself(10);
    expect(window.current).toBe(2_000);
    window.closedByItself(10);
    expect(window.current).toBeLessThan(100);
  });

  it('waits somewhat longer than the latest frame that came by itself', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 10; n += 1) window.closedByItself(n * 20);
    expect(window.current).toBeGreaterThan(180);
    expect(window.current).toBeLessThan(400);
  });

  it('fills at once when waiting is pointless', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 8; n += 1) window.hadToBeFilled();
    expect(window.current).toBe(0);
  });

  it('is corrected when what was filled comes by itself a moment later', () => {
    const window = new GapWindow('adaptive');
    const outcomes = Array.from({ length: 8 }, () => window.hadToBeFilled());
    expect(window.current).toBe(0);
    for (const outcome of outcomes.slice(0, 4)) window.cameAfterAll(outcome, 300);
    expect(window.current).toBe(460);
    // Of several frames of one gap the latest counts.
    for (const outcome of outcomes.slice(0, 4)) window.cameAfterAll(outcome, 200);
    expect(window.current).toBe(460);
  });

  it('is not worth it for a few, unless nobody would notice', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 30; n += 1) window.hadToBeFilled();
    for (let n = 0; n < 2; n += 1) window.closedByItself(300);
    expect(window.current).toBe(0);
    const quick = new GapWindow('adaptive');
    for (let n = 0; n < 30; n += 1) quick.hadToBeFilled();
    for (let n = 0; n < 2; n += 1) quick.closedByItself(20);
    expect(quick.current).toBe(40);
  });

  it('is not stretched by one straggler, and recovers from many', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 31; n += 1) window.closedByItself(20);
    window.closedByItself(1_900);
    expect(window.current).toBe(40);
    for (let n = 0; n < 4; n += 1) window.closedByItself(1_900);
    expect(window.current).toBe(2_000);
    for (let n = 0; n < 32; n += 1) window.closedByItself(20);
    expect(window.current).toBe(40);
  });

  it('lies between nothing and two seconds whatever happened', () => {
    const dice = new Dice(11);
    const window = new GapWindow('adaptive');
    const outcomes = [window.hadToBeFilled()];
    for (let n = 0; n < 5_000; n += 1) {
      const ms = dice.pick(0, -5, 3, 700, 1e9, Number.POSITIVE_INFINITY);
      if (dice.chance(0.4)) window.closedByItself(ms);
      else if (dice.chance(0.5)) outcomes.push(window.hadToBeFilled());
      else window.cameAfterAll(outcomes[dice.int(0, outcomes.length - 1)] ?? { ms: 0 }, ms);
      expect(window.current).toBeGreaterThanOrEqual(0);
      expect(window.current).toBeLessThanOrEqual(2_000);
    }
  });

  it('never exceeds two seconds', () => {
    const window = new GapWindow('adaptive');
    for (let n = 0; n < 8; n += 1) window.closedByItself(60_000);
    expect(window.current).toBe(2_000);
  });

  it('forgets what was long ago', () => {
    const window = new GapWindow('adaptive');
    window.closedByItself(1_000);
    for (let n = 0; n < 32; n += 1) window.hadToBeFilled();
    expect(window.current).toBe(0);
  });

  it('learns nothing when it is a number', () => {
    const window = new GapWindow(300);
    for (let n = 0; n < 40; n += 1) window.hadToBeFilled();
    expect(window.current).toBe(300);
    expect(new GapWindow().current).toBe(2_000);
  });
});
