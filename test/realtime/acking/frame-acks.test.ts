import { describe, expect, it } from 'vitest';
import { FrameAcks } from '../../../src/realtime/acking/frame-acks.js';
import { newCounters } from '../../../src/realtime/explain/counters.js';
import { VirtualClock } from '../../support/virtual-clock.js';

class AcksRig {
  readonly clock = new VirtualClock();
  readonly counters = newCounters();
  readonly batches: (readonly string[])[] = [];
  writable = true;
  /** So many frames are taken; beyond that it takes no more. */
  room = Number.POSITIVE_INFINITY;
  /** How often frames were made, and it was asked to write them. */
  asked = 0;
  private sessions = 0;
  readonly acks: FrameAcks;

  constructor(most = 10_000) {
    const takesMore = () => this.writable && this.batches.flat().length < this.room;
    this.acks = new FrameAcks(this.clock, most, this.counters, {
      get takesMore() {
        return takesMore();
      },
      write: (frames) => {
        this.asked += 1;
        if (this.writable) this.batches.push(frames);
        return this.writable;
      },
    });
  }

  session(ackMode: boolean): void {
    this.sessions += 1;
    this.acks.sessionStarted({ id: this.sessions, ackMode, startedAt: 0 });
  }

  get acked(): string[] {
    return this.batches.flat().map((frame) => (JSON.parse(frame) as { message_id: string }).message_id);
  }
}

/** One whose session takes nothing, so that `m1` is still to be acknowledged. */
async function owing(): Promise<AcksRig> {
  const rig = new AcksRig();
  rig.session(true);
  rig.writable = false;
  rig.acks.add('m1');
  await rig.clock.settle();
  return rig;
}

/** A rig in which each of `turns` turns of the loop brings an acknowledgement, after handlers have worked for `workMs`. */
async function bringing(turns: number, workMs: number): Promise<AcksRig> {
  const rig = new AcksRig();
  rig.session(true);
  const bring = (n: number) => {
    rig.clock.freeze(workMs);
    rig.acks.add(`m${n}`);
    if (n < turns) rig.clock.defer(() => bring(n + 1));
  };
  bring(1);
  await rig.clock.settle();
  expect(rig.acked).toEqual(Array.from({ length: turns }, (_, n) => `m${n + 1}`));
  return rig;
}

describe('ACK-1: acknowledgements by frame', () => {
  it('of a few turns that bring a little each are written together, thirty-two at most', async () => {
    expect((await bringing(10, 0)).batches.map(({ length }) => length)).toEqual([10]);
    expect((await bringing(40, 0)).batches.map(({ length }) => length)).toEqual([32, 8]);
  });

  it('do not wait for others behind handlers that take their time', async () => {
    const { batches } = await bringing(10, 5);
    expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(2);
  });

  it('of one turn of the loop are written together', async () => {
    const rig = new AcksRig();
    rig.session(true);
    for (let n = 0; n < 100; n += 1) rig.acks.add(`m${n}`);
    expect(rig.batches).toEqual([]);
    await rig.clock.settle();
    rig.acks.add('later');
    await rig.clock.settle();
    expect(rig.batches.map(({ length }) => length)).toEqual([100, 1]);
    expect(rig.batches[1]).toEqual(['{"type":"ack","message_id":"later"}']);
    expect(rig.counters.acksSent).toBe(101);
  });

  it('are well formed whatever an id contains', async () => {
    const rig = new AcksRig();
    rig.session(true);
    rig.acks.add('a"\\\n\u2028');
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a"\\\n\u2028']);
  });

  it('are never sent when the service did not negotiate them', async () => {
    const rig = new AcksRig();
    rig.acks.add('before any session');
    rig.session(false);
    rig.acks.add('m1');
    await rig.clock.settle();
    rig.acks.sessionEnded();
    rig.acks.add('m2');
    rig.session(false);
    await rig.clock.settle();
    expect(rig.batches).toEqual([]);
  });

  it('that fall due between two sessions go out on the next', async () => {
    const rig = new AcksRig();
    rig.session(true);
    rig.acks.sessionEnded();
    rig.acks.add('m1');
    rig.acks.add('m2');
    await rig.clock.advance(60_000);
    expect(rig.batches).toEqual([]);
    rig.session(true);
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m1', 'm2']);
  });

  it('that a turn has collected when the session ends go out before what is handled after that', async () => {
    const rig = new AcksRig();
    rig.session(true);
    rig.acks.add('m1');
    rig.acks.sessionEnded();
    rig.acks.add('m2');
    rig.session(true);
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m1', 'm2']);
  });

  it('that could not be written go out on the next session', async () => {
    const rig = await owing();
    rig.acks.sessionEnded();
    rig.writable = true;
    rig.session(true);
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m1']);
    expect(rig.counters.acksSent).toBe(1);
  });

  it('are dropped when the next session knows no acks: the drain’s cursor covers them', async () => {
    const rig = new AcksRig();
    rig.session(true);
    rig.acks.sessionEnded();
    rig.acks.add('m1');
    rig.session(false);
    rig.session(true);
    await rig.clock.settle();
    expect(rig.batches).toEqual([]);
  });

  it('are written early, and none is forgotten, when one turn of the loop brings more than the queue may hold', async () => {
    const rig = new AcksRig(100);
    rig.session(true);
    for (let n = 0; n < 1_000; n += 1) rig.acks.add(`m${n}`);
    await rig.clock.settle();
    expect(rig.acked).toHaveLength(1_000);
  });

  it.each(['between sessions', 'on a session that cannot be written to'])(
    'wait in a bounded queue, the oldest forgotten first, %s',
    async (where) => {
      const rig = new AcksRig(100);
      rig.session(true);
      rig.writable = false;
      if (where === 'between sessions') rig.acks.sessionEnded();
      for (let n = 0; n < 1_000; n += 1) {
        rig.acks.add(`m${n}`);
        if (n % 10 === 0) await rig.clock.settle();
      }
      if (where !== 'between sessions') rig.acks.sessionEnded();
      rig.writable = true;
      rig.session(true);
      await rig.clock.settle();
      expect(rig.acked.length).toBeLessThanOrEqual(101);
      expect(rig.acked.at(-1)).toBe('m999');
    },
  );
});

describe('BP-3: acknowledgements to a peer that has much to read', () => {
  it('wait, and go out in their order when it has read', async () => {
    const rig = new AcksRig();
    rig.session(true);
    rig.writable = false;
    for (let n = 0; n < 10; n += 1) {
      rig.acks.add(`m${n}`);
      await rig.clock.settle();
    }
    await rig.clock.advance(5_000);
    expect(rig.acked).toEqual([]);
    expect(rig.acks.pending).toBe(10);
    rig.writable = true;
    await rig.clock.advance(100);
    expect(rig.acked).toEqual(Array.from({ length: 10 }, (_, n) => `m${n}`));
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it('are not made again and again while they wait', async () => {
    const rig = new AcksRig(100);
    rig.session(true);
    rig.writable = false;
    for (let n = 0; n < 1_000; n += 1) {
      rig.acks.add(`m${n}`);
      await rig.clock.advance(100);
    }
    expect(rig.asked).toBe(0);
    rig.writable = true;
    await rig.clock.advance(100);
    expect(rig.acked.at(-1)).toBe('m999');
  });

  it.each(['between sessions', 'while the peer reads nothing'])(
    'of messages that come again %s wait once, so that none is forgotten',
    async (where) => {
      const rig = new AcksRig(100);
      rig.session(true);
      rig.writable = false;
      if (where === 'between sessions') rig.acks.sessionEnded();
      for (let round = 0; round < 3; round += 1) {
        for (let n = 0; n < 100; n += 1) rig.acks.add(`m${n}`);
        await rig.clock.advance(10);
      }
      expect(rig.acks.pending).toBe(100);
      rig.writable = true;
      if (where === 'between sessions') rig.session(true);
      await rig.clock.advance(100);
      expect(rig.acked).toEqual(Array.from({ length: 100 }, (_, n) => `m${n}`));
    },
  );

  it('go out a thousand at a time, after a look at what is unsent, however many have waited for the session', async () => {
    const rig = new AcksRig(50_000);
    rig.session(true);
    rig.acks.sessionEnded();
    for (let n = 0; n < 20_500; n += 1) rig.acks.add(`m${n}`);
    rig.room = 5_500;
    rig.session(true);
    expect(rig.acked).toHaveLength(6_000);
    expect(rig.acks.pending).toBe(14_500);
    expect(rig.counters.acksSent).toBe(6_000);
    rig.room = Number.POSITIVE_INFINITY;
    await rig.clock.advance(100);
    expect(rig.acked).toEqual(Array.from({ length: 20_500 }, (_, n) => `m${n}`));
    expect(rig.acks.pending).toBe(0);
    expect(rig.counters.acksSent).toBe(20_500);
  });

  it('wait no longer in a session that has ended: they go out on the next', async () => {
    const rig = await owing();
    rig.acks.sessionEnded();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.writable = true;
    await rig.clock.advance(1_000);
    expect(rig.acked).toEqual([]);
    rig.session(true);
    expect(rig.acked).toEqual(['m1']);
  });
});
