import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../src/realtime/bounds.js';
import { Dice, forSeeds } from './dice.js';
import { MachineRig, messageOf } from './machine-rig.js';
import { SequencerRig } from './sequencer-rig.js';

/** Started blind at 40, with a lane that is full. */
function full(around: Partial<MachineRig['around']> = {}): MachineRig {
  return new MachineRig({ expected: 40, around: { laneRoom: 0, ...around } });
}

function room(rig: MachineRig, laneRoom: number): void {
  rig.around.laneRoom = laneRoom;
  rig.tell({ kind: 'room' });
}

function refetched(rig: MachineRig, after: number, seqs: readonly number[]): void {
  const rows = seqs.map((seq) => rig.arrival(seq, { source: 'fill' }));
  rig.tell({ kind: 'page', purpose: 'shed', after, rows });
}

function refetches(rig: MachineRig) {
  return rig.all('fetch').filter(({ purpose }) => purpose === 'shed');
}

describe('BP-1: a late message whose lane is full', () => {
  it('is shed, remembered by its seq, and neither delivered nor acknowledged', () => {
    const rig = full();
    rig.arrive(7, 8, 9);
    expect(rig.order).toEqual([]);
    expect(rig.all('shed').map(({ arrival }) => arrival.seq)).toEqual([7, 8, 9]);
    expect(rig.all('duplicate')).toEqual([]);
    expect(rig.outstanding.given()).toEqual([{ from: 7, to: 9 }]);
    expect(rig.sequence.waitsForRoom).toBe(true);
    expect(refetches(rig)).toEqual([]);
  });

  it('is fetched by its seq when there is room, and delivered late', () => {
    const rig = full();
    rig.arrive(9, 7);
    room(rig, 2);
    expect(refetches(rig)).toEqual([{ kind: 'fetch', purpose: 'shed', after: 6 }]);
    refetched(rig, 6, [7, 8, 9, 10]);
    // 8 and 10 were never seen: history is not asked for what may be somebody else's past.
    expect(rig.order).toEqual(['late 7', 'late 9']);
    room(rig, 1);
    expect(rig.sequence.late).toBeNull();
    expect(refetches(rig)).toHaveLength(1);
  });

  it('waits again when there is not room for all, and is asked for from there on', () => {
    const rig = full();
    rig.arrive(1, 2, 3, 4, 5);
    room(rig, 2);
    refetched(rig, 0, [1, 2, 3, 4, 5]);
    expect(rig.order).toEqual(['late 1', 'late 2']);
    expect(rig.sequence.waitsForRoom).toBe(true);
    room(rig, 9);
    expect(refetches(rig).at(-1)).toEqual({ kind: 'fetch', purpose: 'shed', after: 2 });
    refetched(rig, 2, [3, 4, 5]);
    expect(rig.order).toEqual(['late 1', 'late 2', 'late 3', 'late 4', 'late 5']);
  });

  it('is asked for once at a time', () => {
    const rig = full();
    rig.arrive(1, 5);
    room(rig, 9);
    rig.arrive(41);
    room(rig, 9);
    rig.pass(1_000);
    expect(refetches(rig)).toHaveLength(1);
  });

  it('leaves the room to what is in order', () => {
    const rig = full();
    rig.arrive(7, 40, 41);
    room(rig, 2);
    expect(rig.order).toEqual([40, 41]);
    expect(refetches(rig)).toEqual([]);
    room(rig, 1);
    expect(refetches(rig)).toHaveLength(1);
  });

  it('is given up with a report when history refuses (GAP-3)', () => {
    const rig = full();
    rig.arrive(7, 8, 20);
    room(rig, 9);
    rig.tell({ kind: 'fetch-failed', purpose: 'shed', final: true, retryAfterMs: 0 });
    const missing = [
      { from: 7, to: 8 },
      { from: 20, to: 20 },
    ];
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing });
    expect(rig.outstanding.given()).toEqual(missing);
    expect(rig.sequence.late).toBeNull();
    // Remembered all the same, and delivered when it comes.
    rig.arrive(8);
    expect(rig.order).toEqual(['late 8']);
  });

  it('is asked for again while that fails in passing ways, never before a Retry-After, for gapGiveUpMs', () => {
    const rig = full({ gapGiveUpMs: 60_000 });
    rig.arrive(7);
    room(rig, 9);
    rig.tell({ kind: 'fetch-failed', purpose: 'shed', final: false, retryAfterMs: 20_000 });
    rig.pass(19_999);
    expect(refetches(rig)).toHaveLength(1);
    rig.pass(1);
    expect(refetches(rig)).toHaveLength(2);
    while (rig.report === undefined && rig.now < 1_200_000) {
      rig.tell({ kind: 'fetch-failed', purpose: 'shed', final: false, retryAfterMs: 0 });
      rig.pass(Math.max(rig.sequence.timerAt - rig.now, 1));
    }
    expect(rig.now - 1_000_000).toBe(60_000);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing: [{ from: 7, to: 7 }] });
  });

  it('is asked for again when history does not show it yet, after what history shows', () => {
    const rig = full();
    rig.arrive(7, 9);
    room(rig, 9);
    refetched(rig, 6, [8, 9]);
    expect(rig.order).toEqual(['late 9']);
    rig.pass(TIMING.fillBackoffMin * 1.25);
    expect(refetches(rig).map(({ after }) => after)).toEqual([6, 6]);
    refetched(rig, 6, []);
    rig.pass(TIMING.fillBackoffMin * 2.5);
    refetched(rig, 6, [7, 8, 9]);
    expect(rig.order).toEqual(['late 9', 'late 7']);
    expect(rig.report).toBeUndefined();
  });

  it('is named when history has it in a form that cannot be used', () => {
    const rig = full();
    rig.arrive(7, 8);
    room(rig, 9);
    const unusable = { ...rig.arrival(7), message: null, event: null, standing: 'unusable' as const };
    rig.tell({ kind: 'page', purpose: 'shed', after: 6, rows: [unusable, rig.arrival(8)] });
    expect(rig.order).toEqual(['late 8']);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_failed', missing: [{ from: 7, to: 7 }] });
  });

  it('is named where there is nobody to ask', () => {
    const rig = full({ canFetch: false });
    rig.arrive(7, 8);
    room(rig, 9);
    expect(rig.report).toMatchObject({ reason: 'gap_fill_unavailable', missing: [{ from: 7, to: 8 }] });
    rig.arrive(7);
    expect(rig.order).toEqual(['late 7']);
  });

  it('that was given up before is shed and fetched like any other', () => {
    const rig = new MachineRig({ expected: 5 });
    rig.arrive(7);
    rig.pass(2_000);
    rig.fails({ final: true });
    rig.around.laneRoom = 0;
    rig.arrive(5);
    expect(rig.outstanding.given()).toEqual([{ from: 5, to: 6 }]);
    room(rig, 3);
    refetched(rig, 4, [5, 6, 7]);
    expect(rig.order).toEqual([7, 'late 5']);
  });

  it('waits for the next life when the client stops, and the time in between does not count (STOP-1)', () => {
    const rig = full({ gapGiveUpMs: 60_000 });
    rig.arrive(7);
    room(rig, 9);
    rig.tell({ kind: 'fetch-failed', purpose: 'shed', final: false, retryAfterMs: 0 });
    rig.now += 3_600_000;
    rig.tell({ kind: 'resumed' });
    expect(rig.report).toBeUndefined();
    expect(refetches(rig)).toHaveLength(2);
  });
});

describe('BP-1: a far-off message whose lane is full', () => {
  it('is left to the service, and moves nothing', () => {
    const rig = full();
    rig.arrive(5_000_000);
    rig.tell({ kind: 'confirmed', seq: 5_000_000, exists: false });
    expect(rig.order).toEqual([]);
    expect(rig.all('shed')).toHaveLength(1);
    expect(rig.report).toBeUndefined();
    expect(rig.conversation.expected).toBe(40);
  });
});

describe('ORD-3: what was handled below the first look is known, however long it was', () => {
  it('one that comes again is acknowledged, and not handled again, beyond what ids remember', async () => {
    const calls: string[] = [];
    const rig = new SequencerRig({ handler: ({ payload }) => calls.push(payload.id), dedupCacheSize: 4 });
    rig.anchor('conv_a', 40);
    for (let seq = 1; seq < 40; seq += 1) rig.arrives(messageOf(seq), 'drain', true);
    for (let seq = 1; seq < 40; seq += 1) rig.arrives(messageOf(seq), 'drain', true);
    await rig.clock.settle();
    expect(calls).toHaveLength(39);
    expect(rig.counters).toMatchObject({ duplicates: 39, late: 39 });
    expect(rig.acked).toHaveLength(78);
    // All of it is handled now: one position says so.
    expect(rig.stands('conv_a')).toBe('expects 40 from 1');
  });

  it('in any order, with messages that nobody brings in between, seeded', () => {
    forSeeds(60, (dice) => {
      const calls = new Map<number, number>();
      const rig = new SequencerRig({
        dedupCacheSize: 1,
        handler: ({ payload }) => calls.set(payload.seq, (calls.get(payload.seq) ?? 0) + 1),
      });
      rig.anchor('conv_a', 40);
      const came = Array.from({ length: 300 }, () => dice.int(1, 60)).filter((seq) => seq % 5 !== 0);
      for (const seq of came) rig.arrives(messageOf(seq), 'drain', true);
      for (const seq of new Set(came.filter((each) => each < 40))) expect(calls.get(seq)).toBe(1);
    });
  });
});

interface Flood {
  readonly lane: number;
  readonly count: number;
  readonly handlerMs: number;
  readonly missing: number;
}

function floodOf(dice: Dice): Flood {
  return {
    lane: dice.pick(1, 2, 7, 256),
    count: dice.int(50, 700),
    handlerMs: dice.pick(0, 1, 10),
    missing: dice.pick(1, 3, 1_000),
  };
}

describe('BP-1: the lane never exceeds its bound', () => {
  it('whatever comes late, early, twice, beside the order or parked: nothing is lost or handled twice, seeded', async () => {
    for (let seed = 1; seed <= 25; seed += 1) await flood(seed);
  });
});

async function flood(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { lane, count, handlerMs, missing } = floodOf(dice);
  const calls = new Map<string, number>();
  const rig: SequencerRig = new SequencerRig({
    bounds: { lane, missing },
    // What is handled below the floor is remembered by ranges, and beyond their bound by ids.
    dedupCacheSize: missing === 1_000 ? 8 : 2_048,
    handler: ({ payload }) => {
      check(`handling ${payload.id}`);
      calls.set(payload.id, (calls.get(payload.id) ?? 0) + 1);
      if (handlerMs === 0 && dice.chance(0.5)) return undefined;
      return new Promise<void>((resolve) => {
        rig.clock.setTimer(resolve, handlerMs);
      });
    },
  });
  const check = (what: string) => {
    const waiting = rig.sequencer.conversations.get('conv_a')?.busy?.lane?.waiting ?? 0;
    if (waiting > lane) throw new Error(`BP-1, seed ${seed}: ${waiting} of ${lane} wait, ${what}`);
    if (rig.sequencer.register.missingTotal > missing) throw new Error(`GAP-4, seed ${seed}: debts, ${what}`);
  };
  const start = dice.int(1, count);
  const all = Array.from({ length: count }, (_, i) => messageOf(i + 1));
  rig.history.set('conv_a', all);
  rig.anchor('conv_a', start);
  const order = [...all, ...all.filter(() => dice.chance(0.3))];
  // A drain brings them in order, a look newest first, a bad network in any order.
  const how = dice.pick('drain', 'look', 'chaos');
  if (how === 'look') order.reverse();
  if (how === 'chaos') order.sort(() => dice.next() - 0.5);
  for (const [i, message] of order.entries()) {
    rig.arrives(message, 'drain', false);
    check(`after ${message.id}`);
    if (dice.chance(0.02)) rig.arrives(messageOf(10_000_000 + i, `far-${i}`));
    if (i % 50 === 0) await rig.clock.advance(dice.pick(0, 5, 100));
  }
  await rig.clock.advance(3_600_000);
  const named = rig.reports.flatMap((report) => report.missing);
  for (const { id, seq } of all) {
    const times = calls.get(id) ?? 0;
    const told = named.some(({ from, to }) => seq >= from && seq <= to);
    if (times !== 1 && !(times === 0 && told))
      throw new Error(`seed ${seed}: ${id} was handled ${times} times`);
    if (times === 0 && rig.acked.includes(id))
      throw new Error(`ACK-1, seed ${seed}: ${id} is acked unhandled`);
  }
  if (missing === 1_000) expect(rig.reports.filter(({ reason }) => reason === 'buffer_overflow')).toEqual([]);
}
