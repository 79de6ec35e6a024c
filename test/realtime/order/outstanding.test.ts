import { describe, expect, it } from 'vitest';
import { cursorOf, restore } from '../../../src/realtime/acking/stored.js';
import { type Bounds, DEFAULT_BOUNDS } from '../../../src/realtime/bounds.js';
import { messageEvent } from '../../../src/realtime/events.js';
import { Busy, Conversation } from '../../../src/realtime/order/conversation.js';
import { Outstanding } from '../../../src/realtime/order/outstanding.js';
import { OutstandingRegister, type RegisterListener } from '../../../src/realtime/order/register.js';
import type { StoredCursor } from '../../../src/stores/index.js';
import { Dice } from './dice.js';
import { messageOf } from './machine-rig.js';
import { SequencerRig } from './sequencer-rig.js';

function registerOf(bounds: Partial<Bounds>, listener: Partial<RegisterListener> = {}): OutstandingRegister {
  return new OutstandingRegister(
    { ...DEFAULT_BOUNDS, ...bounds },
    { forgiven: () => {}, shedForgotten: () => {}, ...listener },
  );
}

describe('GAP-3: missing seqs are remembered', () => {
  it('as ranges, neighbours together, holes apart', () => {
    const outstanding = new Outstanding();
    outstanding.addMissing({ from: 1, to: 3, hole: false });
    outstanding.addMissing({ from: 4, to: 6, hole: false });
    outstanding.addMissing({ from: 7, to: 7, hole: true });
    expect(outstanding.given()).toEqual([{ from: 1, to: 6 }]);
    expect(outstanding.isMissing(7)).toBe(true);
    outstanding.found(3);
    outstanding.found(7);
    outstanding.found(7);
    expect(outstanding.isMissing(7)).toBe(false);
    expect(outstanding.given()).toEqual([
      { from: 1, to: 2 },
      { from: 4, to: 6 },
    ]);
  });

  it('but what is in its lane again is not named as forgotten: it will be handled', () => {
    const named: string[] = [];
    const register = registerOf(
      { missing: 1 },
      { shedForgotten: (_busy, { from, to }) => named.push(`${from}-${to}`) },
    );
    const busy = new Busy(new Conversation('conv_a'));
    register.addShed(busy, { from: 1, to: 4 });
    register.deliverLate(busy, 2);
    register.deliverLate(busy, 4);
    // A second range is one too many.
    register.addShed(busy, { from: 9, to: 9 });
    expect(named).toEqual(['1-1', '3-3']);
  });

  it('as the plain set of seqs would be, seeded', () => {
    const dice = new Dice(3);
    const outstanding = new Outstanding();
    const model = new Set<number>();
    for (let seq = 0; seq < 400; seq += dice.int(1, 9)) {
      const to = seq + dice.int(0, 5);
      outstanding.addMissing({ from: seq, to, hole: dice.chance(0.5) });
      for (let each = seq; each <= to; each += 1) model.add(each);
      seq = to;
      for (const found of [dice.int(0, seq), dice.int(0, seq)]) {
        outstanding.found(found);
        model.delete(found);
      }
    }
    for (let seq = 0; seq < 420; seq += 1)
      expect(outstanding.isMissing(seq), `seq ${seq}`).toBe(model.has(seq));
  });

  it('up to the bound of all conversations, the oldest forgotten first', () => {
    const told: string[] = [];
    const register = registerOf({ missing: 3 }, { forgiven: ({ id }) => told.push(id) });
    const [a, b] = ['a', 'b'].map((id) => new Busy(new Conversation(id)));
    if (a === undefined || b === undefined) throw new Error('unreachable');
    for (const seq of [1, 3]) register.addMissing(a, { from: seq, to: seq, hole: false });
    for (const seq of [1, 3]) register.addMissing(b, { from: seq, to: seq, hole: false });
    expect(a.outstanding?.given()).toEqual([{ from: 3, to: 3 }]);
    register.addMissing(b, { from: 5, to: 5, hole: false });
    expect(told).toEqual(['a', 'a']);
    expect(a.outstanding?.empty).toBe(true);
    register.settled(b, 3);
    register.addMissing(b, { from: 7, to: 7, hole: false });
    expect(b.outstanding?.given()).toHaveLength(3);
  });
});

describe('HND-1: parked messages are remembered', () => {
  it('up to their bound; one that is parked again counts once', () => {
    const register = registerOf({ parked: 2 });
    const busy = new Busy(new Conversation('a'));
    expect(register.park(busy, 1, 'm1')).toBe(1);
    expect(register.park(busy, 2, 'm2')).toBe(1);
    expect(register.park(busy, 3, 'm3')).toBeNull();
    expect(register.park(busy, 1, 'm1')).toBe(2);
    expect(register.parkedTotal).toBe(2);
    register.settled(busy, 1);
    register.unpark(busy, 1);
    expect(register.parkedTotal).toBe(1);
    expect(register.park(busy, 3, 'm3')).toBe(1);
  });

  it('and come again, each time counted, until a handler succeeds', async () => {
    let fails = 3;
    const rig = new SequencerRig({
      retries: 0,
      handler: ({ payload }, { late, redelivered }) => {
        rig.note(`${payload.id} late ${late} redelivered ${redelivered}`);
        fails -= 1;
        if (payload.id === 'm5' && fails >= 0) throw new Error('on purpose');
      },
    });
    rig.anchor('conv_a', 5);
    const event = messageEvent(messageOf(5));
    rig.arrives(messageOf(5));
    expect(rig.stands('conv_a')).toContain('parked 1');
    // A frame that comes meanwhile changes nothing: it has its own schedule.
    rig.arrives(messageOf(5));
    rig.sequencer.redeliver('conv_a', event, 5);
    rig.sequencer.redeliver('conv_a', event, 5);
    expect(rig.parks).toEqual(['conv_a 5 1', 'conv_a 5 2', 'conv_a 5 3']);
    rig.sequencer.redeliver('conv_a', event, 5);
    rig.sequencer.redeliver('conv_a', event, 5);
    await rig.clock.settle();
    expect(rig.acked).toEqual(['m5']);
    expect(rig.log.filter((line) => line.includes('late'))).toEqual([
      '0 m5 late false redelivered false',
      '0 m5 late true redelivered true',
      '0 m5 late true redelivered true',
      '0 m5 late true redelivered true',
    ]);
    expect(rig.stands('conv_a')).toBe('expects 6 from 5');
  });
});

describe('what a store keeps of a conversation', () => {
  const handler = () => undefined;

  function restored(cursor: unknown): { rig: SequencerRig; parked: readonly unknown[] } {
    const rig = new SequencerRig({ handler });
    rig.arrives(messageOf(40));
    const parked = restore(rig.sequencer, 'conv_a', cursor as StoredCursor);
    return { rig, parked };
  }

  it('is what it gives back', () => {
    const cursor: StoredCursor = {
      conversationId: 'conv_a',
      expected: 40,
      floor: 3,
      missing: [{ from: 10, to: 12 }],
      parked: [{ seq: 20, id: 'm20', times: 2 }],
    };
    const { rig, parked } = restored(cursor);
    expect(parked).toEqual(cursor.parked);
    const conversation = rig.sequencer.conversations.get('conv_a');
    if (conversation === undefined) throw new Error('the conversation is gone');
    expect(cursorOf(conversation)).toEqual({ ...cursor, expected: 41 });
    rig.arrives(messageOf(11));
    expect(rig.acked).toEqual(['m40', 'm11']);
  });

  it.each([
    null,
    undefined,
    7,
    'x',
    {},
    { expected: '40' },
    { expected: -1 },
    { expected: 1.5, missing: [] },
  ])('is nothing when it is %j', (cursor) => {
    const { rig, parked } = restored(cursor);
    expect(parked).toEqual([]);
    expect(rig.stands('conv_a')).toContain('expects -1');
  });

  it.each([
    { expected: 40, missing: 'x', parked: 'y' },
    { expected: 40, missing: {}, parked: { filter: 1 } },
    { expected: 40, missing: [null, 5, { from: 1 }, { from: 'a', to: 3 }], parked: [null, 1, { seq: 'x' }] },
    { expected: 40, missing: null, parked: null, floor: 'x' },
  ])('is its position alone when the rest is junk: %j', (cursor) => {
    const { rig, parked } = restored(cursor);
    expect(parked).toEqual([]);
    expect(rig.acked).toEqual(['m40']);
    expect(rig.stands('conv_a')).toBe('expects 41 from 40');
  });

  it('owes nothing at or above the position: that is not handled yet, and would be handled twice', () => {
    const { rig, parked } = restored({
      expected: 40,
      floor: 1,
      missing: [{ from: 38, to: 41 }],
      parked: [{ seq: 40, id: 'm40', times: 1 }],
    });
    expect(parked).toEqual([]);
    rig.arrives(messageOf(41));
    rig.arrives(messageOf(41));
    rig.arrives(messageOf(40));
    expect(rig.counters.handled).toBe(2);
    expect(rig.stands('conv_a')).toContain('"from":38,"to":39');
  });
});
