import { describe, expect, it } from 'vitest';
import { Dice } from '../order/dice.js';
import { messageOf } from '../order/machine-rig.js';
import { SequencerRig } from '../order/sequencer-rig.js';

function messageIn(conversation: string, seq: number) {
  return { ...messageOf(seq, `${conversation}-${seq}`), conversation_id: conversation };
}

describe('BP-1: all lanes together', () => {
  it('turn away what they have no room for, and take it when they have: one with a lane, and one without', async () => {
    const ends: (() => void)[] = [];
    const handled: string[] = [];
    const rig = new SequencerRig({
      bounds: { laneTotal: 2, lane: 10, concurrency: 2 },
      handler: ({ payload }) => {
        handled.push(payload.id);
        return new Promise<void>((resolve) => {
          ends.push(resolve);
        });
      },
    });
    for (const id of ['a', 'b', 'c']) rig.anchor(id, 1);
    for (const seq of [1, 2, 3]) rig.arrives(messageIn('a', seq));
    rig.arrives(messageIn('b', 1));
    // a-2 and a-3 are all that may wait: b-2 is held beside its lane, c-1 by a conversation that has none.
    rig.arrives(messageIn('b', 2));
    rig.arrives(messageIn('c', 1));
    expect(handled).toEqual(['a-1', 'b-1']);
    ends[1]?.();
    await rig.clock.settle();
    // A handler is free: full lanes do not close the way to it.
    expect(handled).toEqual(['a-1', 'b-1', 'c-1']);
    ends[0]?.();
    await rig.clock.settle();
    expect(handled.toSorted()).toEqual(['a-1', 'a-2', 'b-1', 'c-1']);
    for (let n = 0; n < ends.length; n += 1) ends[n]?.();
    await rig.clock.advance(100);
    for (let n = 0; n < ends.length; n += 1) ends[n]?.();
    await rig.clock.advance(100);
    expect(rig.acked.toSorted()).toEqual(['a-1', 'a-2', 'a-3', 'b-1', 'b-2', 'c-1']);
    expect(rig.fetches).toEqual([]);
    expect(['a', 'b', 'c'].map((id) => rig.stands(id))).toEqual([
      'expects 4 from 1',
      'expects 3 from 1',
      'expects 2 from 1',
    ]);
  });

  it('ORD-1: full lanes behind handlers that never settle do not deafen the others', async () => {
    const handled: string[] = [];
    const rig = new SequencerRig({
      bounds: { laneTotal: 2, lane: 10, concurrency: 1 },
      handler: ({ payload }) => {
        handled.push(payload.id);
        return payload.conversation_id === 'a' ? new Promise(() => {}) : Promise.resolve();
      },
    });
    for (const id of ['a', 'b', 'c']) rig.anchor(id, 1);
    for (const seq of [1, 2, 3]) rig.arrives(messageIn('a', seq));
    for (const seq of [1, 2, 3]) rig.arrives(messageIn('b', seq));
    await rig.clock.advance(50_000);
    expect(handled).toEqual(['a-1']);
    // After a minute the stuck handler has given its slot back.
    await rig.clock.advance(50_000);
    expect(handled).toEqual(['a-1', 'b-1', 'b-2', 'b-3']);
    for (const seq of [1, 2]) rig.arrives(messageIn('c', seq));
    await rig.clock.settle();
    expect(handled.slice(4)).toEqual(['c-1', 'c-2']);
  });

  it('never hold more than they may, lose nothing, and keep the order, seeded', async () => {
    for (let seed = 1; seed <= 15; seed += 1) {
      const dice = new Dice(seed);
      const laneTotal = dice.pick(1, 3, 10);
      const handled: string[] = [];
      const rig: SequencerRig = new SequencerRig({
        bounds: {
          laneTotal,
          lane: dice.pick(1, 4, 256),
          concurrency: dice.pick(1, 3, 64),
          holdTotal: dice.pick(2, 10_000),
        },
        handler: ({ payload }) => {
          handled.push(payload.id);
          if (dice.chance(0.3)) return undefined;
          return new Promise<void>((resolve) => {
            rig.clock.setTimer(resolve, dice.pick(0, 5, 80));
          });
        },
      });
      const ids = Array.from({ length: dice.int(2, 12) }, (_, n) => `conv_${n}`);
      const count = dice.int(3, 15);
      for (const id of ids) {
        rig.anchor(id, 1);
        rig.history.set(
          id,
          Array.from({ length: count }, (_, i) => messageIn(id, i + 1)),
        );
      }
      for (let seq = 1; seq <= count; seq += 1) {
        for (const id of ids) rig.arrives(messageIn(id, seq));
        const waiting = ids.reduce(
          (sum, id) => sum + (rig.sequencer.conversations.get(id)?.busy?.lane?.waiting ?? 0),
          0,
        );
        expect(waiting, `seed ${seed}`).toBeLessThanOrEqual(laneTotal);
        if (dice.chance(0.3)) await rig.clock.advance(dice.int(1, 50));
      }
      await rig.clock.advance(600_000);
      for (const id of ids) {
        const own = handled.filter((each) => each.startsWith(`${id}-`));
        const all = Array.from({ length: count }, (_, i) => `${id}-${i + 1}`);
        expect(own, `seed ${seed}`).toEqual(all);
        expect(rig.stands(id), `seed ${seed}`).toBe(`expects ${count + 1} from 1`);
      }
      expect(rig.reports.flatMap(({ missing }) => missing)).toEqual([]);
    }
  });
});

describe('GAP-4: conversations that wait', () => {
  it('are no more than the bound: one more is left to the service, keeps its position, and goes on from there', async () => {
    const rig = new SequencerRig({ bounds: { waitingConversations: 2 }, handler: () => undefined });
    for (const id of ['a', 'b', 'c']) {
      rig.anchor(id, 1);
      rig.history.set(
        id,
        [1, 2].map((seq) => messageIn(id, seq)),
      );
      rig.arrives(messageIn(id, 2));
    }
    expect(['a', 'b', 'c'].map((id) => rig.stands(id))).toEqual([
      'expects 1 from 1 busy',
      'expects 1 from 1 busy',
      'expects 1 from 1',
    ]);
    expect(rig.counters.shed).toBe(1);
    await rig.clock.advance(5_000);
    expect(rig.acked).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
    expect(rig.clock.pendingTimers).toBe(0);
    rig.arrives(messageIn('c', 2));
    await rig.clock.advance(5_000);
    expect(rig.acked).toEqual(['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'c-2']);
  });

  it('and nobody who is at work, or owes anything, is turned away', async () => {
    let end = () => {};
    const rig = new SequencerRig({
      bounds: { waitingConversations: 1 },
      handler: ({ payload }) =>
        payload.id === 'b-1'
          ? new Promise<void>((resolve) => {
              end = resolve;
            })
          : undefined,
    });
    for (const id of ['a', 'b']) rig.anchor(id, 1);
    rig.arrives(messageIn('a', 2));
    rig.arrives(messageIn('b', 1));
    rig.arrives(messageIn('b', 3));
    expect(rig.stands('b')).toBe('expects 2 from 1 busy');
    end();
    await rig.clock.settle();
    // Now it only waits.
    expect(rig.stands('b')).toBe('expects 2 from 1');
    expect(rig.acked).toEqual(['b-1']);
  });
});
