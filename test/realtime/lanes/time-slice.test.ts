import { describe, expect, it } from 'vitest';
import { TimeSlice } from '../../../src/realtime/lanes/time-slice.js';
import { Claims, MemoryDedupeStore } from '../../../src/stores/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { LanesRig, NO_SOCKET } from './lanes-rig.js';

const ids = (conversation: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${conversation}${index + 1}`);

/** What was handled when the loop got its turns, one entry each. */
function turnsOf(rig: LanesRig): number[] {
  const turns: number[] = [];
  const note = () => {
    turns.push(rig.handled.length);
    if (turns.length < 1_000 && turns.at(-1) !== turns.at(-2)) rig.clock.defer(note);
  };
  rig.clock.defer(note);
  return turns;
}

describe('handlers that work without waiting', () => {
  it('BP-2: a lane of synchronous handlers gives the loop a turn after 30 ms', async () => {
    const rig = new LanesRig();
    rig.push(...ids('a', 10));
    rig.handlers(() => rig.clock.freeze(20));
    expect(rig.handled).toHaveLength(2);
    expect([rig.lanes.flowing, rig.lanes.full]).toEqual([false, false]);
    const turns = turnsOf(rig);
    await rig.clock.settle();
    expect(turns.slice(0, 5)).toEqual([4, 6, 8, 10, 10]);
    expect(rig.handled).toEqual(ids('a', 10));
  });

  it('BP-2: so do handlers on promises that wait for nothing', async () => {
    const rig = new LanesRig();
    rig.push(...ids('a', 10));
    rig.handlers(async () => {
      await null;
      rig.clock.freeze(20);
    });
    const turns = turnsOf(rig);
    await rig.clock.settle();
    expect(turns[0]).toBeLessThanOrEqual(2);
    expect(rig.handled).toEqual(ids('a', 10));
  });

  it('BP-2: handlers of many conversations that work behind promises do so a few a turn, then one', async () => {
    const rig = new LanesRig();
    const conversations = [...'abcdefghijklmnopqrst'];
    for (const conversation of conversations) rig.push(`${conversation}1`);
    const endedAt: number[] = [];
    rig.handlers(async () => {
      await null;
      rig.clock.freeze(60);
      endedAt.push(rig.clock.now());
    });
    let before = 0;
    const perTurn: number[] = [];
    const note = () => {
      perTurn.push(endedAt.length - before);
      before = endedAt.length;
      if (before < 20) rig.clock.defer(note);
    };
    rig.clock.defer(note);
    await rig.clock.settle();
    expect(rig.handled).toHaveLength(20);
    expect(perTurn[0]).toBe(4);
    expect(Math.max(...perTurn.slice(1))).toBe(1);
  });

  it('BP-2: as many as there are slots wait for something at the same time, a few turns later', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 16 } });
    const conversations = [...'abcdefghijklmnopqrst'];
    for (const conversation of conversations) rig.push(`${conversation}1`);
    rig.handlers(rig.manual);
    expect(rig.lanes.slots.runningCount).toBe(4);
    await rig.clock.settle();
    expect(rig.lanes.slots.runningCount).toBe(16);
  });

  it('BP-2: what ends in its own turn makes room for the next in that turn', async () => {
    const rig = new LanesRig();
    const conversations = [...'abcdefghijklmnopqrst'];
    for (const conversation of conversations) rig.push(`${conversation}1`);
    rig.handlers(async () => {});
    const turns = turnsOf(rig);
    await rig.clock.settle();
    expect(turns[0]).toBe(20);
  });

  it('BP-2: many conversations share the slice, in their order', async () => {
    const rig = new LanesRig();
    const conversations = [...'abcdefghij'];
    for (const conversation of conversations) rig.push(...ids(conversation, 2));
    rig.handlers(() => rig.clock.freeze(40));
    expect(rig.handled).toHaveLength(1);
    await rig.clock.settle();
    expect(rig.handled).toHaveLength(20);
    for (const conversation of conversations) {
      expect(rig.handled.filter((id) => id.startsWith(conversation))).toEqual(ids(conversation, 2));
    }
  });

  it('BP-2: what is pushed while the slice is over waits for the turn, and comes in order', async () => {
    const rig = new LanesRig();
    rig.handlers(() => rig.clock.freeze(60));
    rig.push('a1', 'a2', 'b1');
    expect(rig.handled).toEqual(['a1']);
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1', 'a2', 'b1']);
  });

  it('BP-2: a stop begins at the turn: nothing new starts', async () => {
    const rig = new LanesRig();
    rig.push(...ids('a', 100));
    rig.handlers(() => rig.clock.freeze(60));
    rig.stop();
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1']);
  });

  it('BP-2: claims that are granted together do not run their handlers in one go', async () => {
    const rig: LanesRig = new LanesRig({
      claiming: (slice) => ({
        slice,
        get clock() {
          return rig.clock;
        },
        get claims() {
          return claims;
        },
        onDuplicate() {},
        onError() {},
      }),
    });
    const claims = new Claims(new MemoryDedupeStore({ clock: rig.clock }), rig.clock);
    let called = 0;
    const perTurn: number[] = [];
    rig.handlers(() => {
      called += 1;
      rig.clock.freeze(60);
    });
    rig.push('a1', 'b1', 'c1', 'd1');
    let before = 0;
    const note = () => {
      perTurn.push(called - before);
      before = called;
      if (called < 4) rig.clock.defer(note);
    };
    rig.clock.defer(note);
    await rig.clock.settle();
    expect(called).toBe(4);
    expect(Math.max(...perTurn)).toBe(1);
  });
});

describe('the slice', () => {
  it('BP-2: quick calls lengthen it, to 200 ms at most', () => {
    const clock = new VirtualClock();
    const slice = new TimeSlice(clock, () => {}, NO_SOCKET);
    let calls = 0;
    slice.begin();
    for (; !slice.isOver && calls < 100_000; calls += 1) {
      clock.freeze(0.02);
      slice.begin();
      slice.called();
    }
    expect(clock.now()).toBeGreaterThan(200);
    expect(clock.now()).toBeLessThan(200.2);
  });

  it('BP-2: a slow call after thousands of quick ones is seen within four calls', () => {
    const clock = new VirtualClock();
    const slice = new TimeSlice(clock, () => {}, NO_SOCKET);
    for (let call = 0; call < 1_000; call += 1) {
      slice.begin();
      clock.freeze(0.001);
      slice.called();
    }
    expect(slice.isOver).toBe(false);
    let slow = 0;
    for (; !slice.isOver; slow += 1) {
      clock.freeze(60);
      slice.called();
    }
    expect(slow).toBeLessThanOrEqual(4);
  });

  it('BP-2: time in which nobody works does not count', async () => {
    const clock = new VirtualClock();
    let turns = 0;
    const slice = new TimeSlice(
      clock,
      () => {
        turns += 1;
      },
      NO_SOCKET,
    );
    for (let call = 0; call < 5; call += 1) {
      slice.begin();
      slice.called();
      await clock.settle();
      clock.freeze(10_000);
    }
    expect(slice.isOver).toBe(false);
    expect(turns).toBe(0);
  });

  /** A slice whose handlers need `workMs` for each of `waiting` messages, and what becomes of the socket. */
  function busy(waiting: number, workMs: number) {
    const clock = new VirtualClock();
    const log: [string, number][] = [];
    let left = waiting;
    const work = () => {
      for (; left > 0 && !slice.isOver; left -= 1) {
        slice.begin();
        clock.freeze(workMs);
        slice.called();
      }
    };
    const slice = new TimeSlice(clock, work, {
      pauseReading: () => log.push(['pause', clock.now()]),
      resumeReading: () => log.push(['resume', clock.now()]),
    });
    const more = (messages: number) => {
      left += messages;
      work();
    };
    return { clock, log, work, more, leftNow: () => left };
  }

  it('BP-2: nothing is read while messages are held back, and all again when they are handled', async () => {
    const { clock, log, work, leftNow } = busy(80, 1);
    work();
    expect(log.map(([what]) => what)).toEqual(['pause']);
    await clock.settle();
    expect(leftNow()).toBe(0);
    expect(log.map(([what]) => what)).toEqual(['pause', 'resume']);
  });

  it('BP-2: handlers that end in their turn do not each have the socket paused and resumed', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const slice = new TimeSlice(clock, () => {}, {
      pauseReading: () => log.push('pause'),
      resumeReading: () => log.push('resume'),
    });
    for (let n = 0; n < 100; n += 1) {
      const turn = slice.begun();
      if (n >= 3) {
        expect(slice.isOver).toBe(true);
        slice.ended(turn);
      }
      expect(slice.isOver).toBe(false);
    }
    expect(log).toEqual(['pause']);
    await clock.settle();
    expect(log).toEqual(['pause', 'resume']);
  });

  it('BP-2: the socket rests for no longer than a second and one handler, whatever waits', async () => {
    const { clock, log, work } = busy(75, 60);
    work();
    await clock.settle();
    const pauses = log.filter(([what]) => what === 'pause').map(([, at]) => at);
    const resumes = log.filter(([what]) => what === 'resume').map(([, at]) => at);
    expect(pauses.length).toBeGreaterThan(3);
    expect(resumes).toHaveLength(pauses.length);
    for (const [n, at] of resumes.entries()) expect(at - (pauses[n] ?? 0)).toBeLessThanOrEqual(1_060);
    // Between a rest and the next the loop has a turn, in which the socket is read.
    for (const [n, at] of pauses.entries()) if (n > 0) expect(at).toBeGreaterThan(resumes[n - 1] ?? 0);
  });

  it('BP-2: the socket rests for six seconds at most until handlers have caught up: its pings stand behind what waits', async () => {
    const { clock, log, work, more } = busy(2_000, 60);
    work();
    await clock.settle();
    expect(clock.now()).toBe(2_000 * 60);
    expect(log.at(-1)?.[0]).toBe('resume');
    expect(log.at(-1)?.[1]).toBeLessThanOrEqual(6_120);
    log.length = 0;
    more(80);
    await clock.settle();
    expect(log.map(([what]) => what).slice(0, 2)).toEqual(['pause', 'resume']);
  });
});
