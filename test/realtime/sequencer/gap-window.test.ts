import { describe, expect, it } from 'vitest';
import { GapWindow } from '../../../src/realtime/sequencer/gap-window.js';

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
