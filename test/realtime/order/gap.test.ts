import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../src/realtime/bounds.js';
import { MachineRig } from './machine-rig.js';

/** Long enough for the window of two seconds. */
const WINDOW = 2_000;

function withGap(around: MachineRig['around'] | object = {}): MachineRig {
  const rig = new MachineRig({ expected: 5, around });
  rig.arrive(8);
  return rig;
}

describe('GAP-1: a gap waits for natural arrival', () => {
  it('closes without a fetch when what is missing arrives within the window', () => {
    const rig = withGap();
    rig.pass(WINDOW - 1);
    rig.arrive(5, 7, 6);
    expect(rig.order).toEqual([5, 6, 7, 8]);
    expect(rig.all('fetch')).toEqual([]);
    expect(rig.report).toBeUndefined();
    expect(rig.sequence.timerAt).toBe(0);
  });

  it('is filled when the window is over', () => {
    const rig = withGap();
    rig.pass(WINDOW - 1);
    expect(rig.all('fetch')).toEqual([]);
    rig.pass(1);
    expect(rig.all('fetch')).toEqual([{ kind: 'fetch', purpose: 'gap', after: 4 }]);
  });

  it('has one timer, however many frames wait behind it', () => {
    const rig = withGap();
    rig.arrive(9, 10, 12, 20);
    expect(rig.all('timer')).toHaveLength(1);
    expect(rig.all('gap-opened')).toHaveLength(1);
  });

  it('is filled at once with a window of 0', () => {
    expect(withGap({ gapWindowMs: 0 }).all('fetch')).toHaveLength(1);
  });

  it('waits for the end of a running drain', () => {
    const rig = withGap({ draining: true });
    rig.pass(WINDOW + 3_000);
    expect(rig.all('fetch')).toEqual([]);
    rig.around.draining = false;
    rig.tell({ kind: 'drain-ended' });
    expect(rig.all('fetch')).toHaveLength(1);
  });

  it('waits ten seconds at most for a drain', () => {
    const rig = withGap({ draining: true });
    rig.pass(TIMING.drainPatience - 1);
    expect(rig.all('fetch')).toEqual([]);
    rig.pass(1);
    expect(rig.all('fetch')).toHaveLength(1);
  });

  it('opens for a seq that only REST has named (LIVE-2)', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.tell({ kind: 'known', seq: 6 });
    rig.pass(WINDOW);
    rig.page(4, [5, 6]);
    expect(rig.order).toEqual([5, 6]);
    expect(rig.report?.gap.buffered).toBeNull();
  });

  it('gives each of several gaps the age of what waits behind it', () => {
    const rig = withGap();
    rig.pass(1_500);
    rig.arrive(11);
    rig.pass(500);
    rig.page(4, [5, 6, 7, 8]);
    expect(rig.order).toEqual([5, 6, 7, 8]);
    expect(rig.all('fetch')).toHaveLength(1);
    rig.pass(1_499);
    expect(rig.all('fetch')).toHaveLength(1);
    rig.pass(1);
    expect(rig.all('fetch')).toHaveLength(2);
  });
});

describe("GAP-1: what a gap that closed by itself teaches 'adaptive'", () => {
  it('is when the missing message arrived, not when a full lane took it', () => {
    const rig = withGap({ laneRoom: 0 });
    rig.pass(30);
    rig.arrive(5, 6, 7);
    rig.pass(1_500);
    rig.around.laneRoom = 256;
    rig.tell({ kind: 'room' });
    const [closed] = rig.all('gap-closed');
    expect(closed).toMatchObject({
      reason: null,
      gap: { since: 1_000_000, arrivedAt: 1_000_030, live: true },
    });
  });

  it('is nothing when a drain or a backlog closed it', () => {
    const rig = withGap({ draining: true });
    rig.arrive(5, 6);
    rig.drained(7);
    expect(rig.all('gap-closed')).toMatchObject([{ reason: null, gap: { live: false } }]);
  });
});

describe('GAP-2: a fill', () => {
  it('is asked for once at a time', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.arrive(9, 12);
    rig.pass(60_000);
    rig.tell({ kind: 'room' });
    expect(rig.all('fetch')).toHaveLength(1);
  });

  it('is paged until the gap is covered, however wide', () => {
    const rig = new MachineRig({ expected: 1 });
    rig.arrive(2_001);
    rig.pass(WINDOW);
    for (let after = 0; after < 2_000; after += 200) {
      expect(rig.all('fetch').at(-1)).toEqual({ kind: 'fetch', purpose: 'gap', after });
      rig.page(
        after,
        Array.from({ length: 200 }, (_, i) => after + 1 + i),
      );
    }
    expect(rig.order).toHaveLength(2_001);
    expect(rig.all('fetch')).toHaveLength(10);
    expect(rig.report).toMatchObject({ reason: 'gap_filled', missing: [] });
  });

  it('keeps what arrives beside it, and delivers it in its place', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.arrive(6);
    rig.page(4, [5, 6, 7, 8]);
    expect(rig.order).toEqual([5, 6, 7, 8]);
  });

  it('calls a seq a hole when history shows a higher one and not this', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.page(4, [5, 7, 8]);
    expect(rig.order).toEqual([5, 7, 8]);
    expect(rig.all('missing')).toEqual([{ kind: 'missing', range: { from: 6, to: 6 }, hole: true }]);
    expect(rig.report).toMatchObject({ reason: 'gap_filled', missing: [] });
  });

  it('asks again when history lags: it does not show yet what has arrived', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.page(4, [5]);
    expect(rig.order).toEqual([5]);
    rig.page(5, []);
    expect(rig.all('missing')).toEqual([]);
    rig.pass(TIMING.fillBackoffMin * 1.25);
    expect(rig.all('fetch').map(({ after }) => after)).toEqual([4, 5, 5]);
    rig.page(5, [6, 7, 8]);
    expect(rig.order).toEqual([5, 6, 7, 8]);
    expect(rig.all('missing')).toEqual([]);
  });

  it('does not call a hole what is younger than a second', () => {
    const rig = withGap({ gapWindowMs: 0 });
    rig.page(4, [5, 7, 8]);
    expect(rig.order).toEqual([5]);
    expect(rig.all('missing')).toEqual([]);
    rig.pass(TIMING.holeSettle);
    rig.page(5, [7, 8]);
    expect(rig.order).toEqual([5, 7, 8]);
    expect(rig.all('missing')).toHaveLength(1);
  });

  it('judges a slow answer by when it was asked for, not by when it came', () => {
    const rig = withGap({ gapWindowMs: 0 });
    rig.pass(5_000);
    rig.page(4, [5, 7, 8]);
    expect(rig.all('missing')).toEqual([]);
    rig.page(5, [6, 7, 8]);
    expect(rig.order).toEqual([5, 6, 7, 8]);
  });

  it('does not judge a young gap by the age of an older one', () => {
    const rig = withGap();
    rig.pass(WINDOW - 10);
    rig.arrive(10);
    rig.pass(10);
    rig.page(4, [5, 7, 8, 10]);
    expect(rig.order).toEqual([5, 7, 8]);
    expect(rig.all('missing')).toEqual([{ kind: 'missing', range: { from: 6, to: 6 }, hole: true }]);
    rig.arrive(9);
    expect(rig.order).toEqual([5, 7, 8, 9, 10]);
  });

  it('believes history above what anybody has named only as far as it has no break', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.page(4, [5, 6, 7, 8, 9, 11]);
    expect(rig.order).toEqual([5, 6, 7, 8, 9]);
    rig.arrive(10, 11);
    expect(rig.order).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });

  it('is over at once after a final answer, and goes on behind the gap', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.fails({ final: true });
    expect(rig.order).toEqual([8]);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing: [{ from: 5, to: 7 }] });
  });

  it('ends only the gap that was asked about: another has its own window', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.arrive(5, 6, 7, 10);
    rig.fails({ final: true });
    expect(rig.all('missing')).toEqual([]);
    rig.arrive(9);
    expect(rig.order).toEqual([5, 6, 7, 8, 9, 10]);
  });

  it('backs off after passing errors: 250 ms doubling to 15 s', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    const waits: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      rig.fails();
      waits.push(rig.sequence.timerAt - rig.now);
      rig.pass(rig.sequence.timerAt - rig.now);
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    expect(rig.all('fetch')).toHaveLength(10);
  });

  it('never undercuts a Retry-After', () => {
    const rig = withGap();
    rig.pass(WINDOW);
    rig.fails({ retryAfterMs: 42_000 });
    rig.pass(41_999);
    expect(rig.all('fetch')).toHaveLength(1);
    rig.pass(1);
    expect(rig.all('fetch')).toHaveLength(2);
  });

  it('gives up after gapGiveUpMs of passing errors, and not before', () => {
    const rig = withGap({ gapGiveUpMs: 10_000 });
    rig.pass(WINDOW);
    while (rig.report === undefined && rig.now < 1_100_000) {
      rig.fails();
      rig.pass(Math.max(rig.sequence.timerAt - rig.now, 1));
    }
    expect(rig.now - 1_000_000).toBe(WINDOW + 10_000);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing: [{ from: 5, to: 7 }] });
    expect(rig.order).toEqual([8]);
  });

  it('gives a gap that opens behind one which was given up the whole time for itself', () => {
    const rig = withGap({ gapGiveUpMs: 10_000 });
    rig.pass(WINDOW);
    const failUntil = (end: number) => {
      while (rig.now < end) {
        if (rig.sequence.asking.underWay) rig.fails();
        rig.pass(500);
      }
    };
    failUntil(rig.now + 5_000);
    rig.tell({ kind: 'known', seq: 9 });
    failUntil(rig.now + 7_000);
    expect(rig.all('missing').map(({ range }) => range)).toEqual([{ from: 5, to: 7 }]);
    failUntil(rig.now + 7_000);
    expect(rig.all('missing')).toHaveLength(1);
    failUntil(rig.now + 7_000);
    expect(
      rig
        .all('missing')
        .map(({ range }) => range)
        .slice(1),
    ).toEqual([{ from: 9, to: 9 }]);
  });

  it('gives up when a Retry-After is longer than gapGiveUpMs', () => {
    const rig = withGap({ gapGiveUpMs: 10_000 });
    rig.pass(WINDOW);
    rig.fails({ retryAfterMs: 3_600_000 });
    rig.pass(10_000);
    expect(rig.order).toEqual([8]);
  });

  it('does not count the time in which a message waited for room as time of asking', () => {
    const rig = new MachineRig({ expected: 5, around: { laneRoom: 0 } });
    rig.arrive(5, 8);
    rig.pass(3_600_000);
    rig.around.laneRoom = 256;
    rig.tell({ kind: 'room' });
    rig.fails();
    expect(rig.all('missing')).toEqual([]);
    rig.pass(TIMING.fillBackoffMin);
    rig.page(5, [6, 7, 8]);
    expect(rig.order).toEqual([5, 6, 7, 8]);
  });

  it('goes on at once, with a report, where there is no history to ask', () => {
    const rig = withGap({ canFetch: false });
    rig.pass(WINDOW);
    expect(rig.order).toEqual([8]);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_unavailable', missing: [{ from: 5, to: 7 }] });
  });
});
