import { expect, it } from 'vitest';
import { ValidationError } from '../../../src/errors/index.js';
import type { Message } from '../../../src/wire/index.js';
import { messageOf } from './machine-rig.js';
import { SequencerRig } from './sequencer-rig.js';

it('GAP-2: a far-off message is handled once, also when its place comes while its handler is at work', async () => {
  const calls: string[] = [];
  let finish = () => {};
  const rig = new SequencerRig({
    bounds: { absurdSeqDistance: 10 },
    handler: ({ payload }) => {
      calls.push(payload.id);
      if (payload.id !== 'm16') return undefined;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrives(messageOf(16));
  await rig.clock.advance(100);
  expect(calls).toEqual(['m16']);
  rig.history.set(
    'conv_a',
    Array.from({ length: 13 }, (_, i) => messageOf(5 + i)),
  );
  rig.arrives(messageOf(5));
  rig.arrives(messageOf(15));
  await rig.clock.advance(3_000);
  rig.arrives(messageOf(16));
  rig.arrives(messageOf(17));
  await rig.clock.advance(3_000);
  finish();
  await rig.clock.advance(10_000);
  rig.arrives(messageOf(16));
  expect(calls.filter((id) => id === 'm16')).toHaveLength(1);
  expect(calls).toHaveLength(13);
  expect(rig.acked.filter((id) => id === 'm16').length).toBeGreaterThan(0);
  expect(rig.stands('conv_a')).toBe('expects 18 from 5');
});

it('ORD-3: what is older than the first look is handled late, once, however often it comes', async () => {
  const calls: string[] = [];
  const rig = new SequencerRig({
    handler: async ({ payload }, { late }) => {
      calls.push(`${payload.id} ${late}`);
    },
  });
  rig.anchor('conv_a', 40);
  for (const seq of [38, 38, 40, 38]) rig.arrives(messageOf(seq));
  await rig.clock.settle();
  rig.arrives(messageOf(38));
  await rig.clock.settle();
  expect(calls).toEqual(['m38 true', 'm40 false']);
  expect(rig.acked).toEqual(['m38', 'm40', 'm38']);
  expect(rig.counters).toMatchObject({ handled: 2, late: 1, duplicates: 1 });
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function history(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, i) => messageOf(from + i));
}

it('HND-2: a far-off message that is refused for good rests, also when its place comes, and its lane goes on', async () => {
  const calls: string[] = [];
  const rig = new SequencerRig({
    bounds: { absurdSeqDistance: 9 },
    handler: ({ payload }) => {
      calls.push(payload.id);
      if (payload.id === 'm16') throw new ValidationError('No.');
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrives(messageOf(16));
  await rig.clock.advance(100);
  expect(calls).toEqual(['m16']);
  expect(rig.sequencer.register.parkedTotal).toBe(1);

  rig.arrives(messageOf(16));
  rig.arrives(messageOf(5));
  await rig.clock.advance(HOUR);
  expect(calls).toEqual(['m16', 'm5']);

  rig.history.set('conv_a', history(6, 17));
  rig.arrives(messageOf(15));
  await rig.clock.advance(HOUR);
  for (const seq of [16, 17, 16]) rig.arrives(messageOf(seq));
  await rig.clock.advance(HOUR);
  expect(calls.filter((id) => id === 'm16')).toHaveLength(1);
  expect(calls).toHaveLength(13);
  expect(rig.acked).not.toContain('m16');
  expect(rig.parks).toEqual([]);
  expect(rig.sequencer.register.parkedTotal).toBe(1);
  expect(rig.stands('conv_a')).toBe('expects 18 from 5 busy missing [] parked 1');
});

it('HND-2: it rests as well when its place comes by the fast path', async () => {
  const calls: string[] = [];
  const rig = new SequencerRig({
    bounds: { absurdSeqDistance: 3 },
    handler: ({ payload }) => {
      calls.push(payload.id);
      if (payload.id === 'm9') throw new ValidationError('No.');
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrives(messageOf(9));
  await rig.clock.advance(100);
  for (const seq of [5, 6, 7, 8, 9, 10]) rig.arrives(messageOf(seq));
  expect(calls).toEqual(['m9', 'm5', 'm6', 'm7', 'm8', 'm10']);
  expect(rig.acked).not.toContain('m9');
  expect(rig.stands('conv_a')).toBe('expects 11 from 5 busy missing [] parked 1');
});

it('HND-1: a message without a seq whose handler keeps failing is parked, and comes again ever less often', async () => {
  const calls: string[] = [];
  let fails = true;
  const rig = new SequencerRig({
    retries: 0,
    handler: ({ payload }, { redelivered }) => {
      calls.push(`${payload.id}${redelivered ? ' again' : ''}`);
      if (fails && payload.id === 'x') throw new Error('not yet');
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrivesUnordered(messageOf(0, 'x'));
  rig.arrives(messageOf(5));
  await rig.clock.advance(MINUTE - 1);
  rig.arrivesUnordered(messageOf(0, 'x'));
  expect(calls).toEqual(['x', 'm5']);
  expect(rig.sequencer.register.parkedTotal).toBe(1);
  fails = false;
  await rig.clock.advance(2);
  expect(calls).toEqual(['x', 'm5', 'x again']);
  expect(rig.acked).toEqual(['m5', 'x']);
  expect(rig.sequencer.register.parkedTotal).toBe(0);
  rig.arrivesUnordered(messageOf(0, 'x'));
  await rig.clock.advance(HOUR);
  expect(calls).toHaveLength(3);
  expect(rig.parks).toEqual(['x beside 1']);
});

it('HND-1: beyond the bound of parked messages a stray is waited for, as any other', async () => {
  const calls: string[] = [];
  const rig = new SequencerRig({
    retries: 0,
    bounds: { parked: 1 },
    handler: ({ payload }) => {
      calls.push(payload.id);
      if (payload.id !== 'm5') throw new ValidationError('No.');
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrivesUnordered(messageOf(0, 'x'));
  rig.arrivesUnordered(messageOf(0, 'y'));
  rig.arrives(messageOf(5));
  await rig.clock.advance(25_000);
  expect(calls).toEqual(['x', 'y', 'y', 'y']);
  expect(rig.sequencer.register.parkedTotal).toBe(1);
});

it('HND-1: a stray that its conversation has reached meanwhile is parked at its place, and claims nothing before it', async () => {
  let refuse = (_: Error) => {};
  const rig = new SequencerRig({
    bounds: { absurdSeqDistance: 10 },
    handler: ({ payload }) => {
      if (payload.id === 'm8') return new Promise<void>(() => {});
      if (payload.id !== 'm16') return undefined;
      return new Promise<void>((_, reject) => {
        refuse = reject;
      });
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrives(messageOf(16));
  await rig.clock.advance(100);
  rig.history.set('conv_a', history(5, 17));
  for (const seq of [5, 15]) rig.arrives(messageOf(seq));
  await rig.clock.advance(3_000);
  for (const seq of [16, 17]) rig.arrives(messageOf(seq));
  refuse(new ValidationError('No.'));
  await rig.clock.advance(3_000);
  expect(rig.acked).toEqual(['m5', 'm6', 'm7']);
  expect(rig.stands('conv_a')).toBe('expects 18 from 5 busy missing [] parked 1');
  expect(rig.sequencer.conversations.get('conv_a')?.handledCursor).toBe(7);
});

it('GAP-3: what was handled below the floor is not named as missing when it comes again to a full lane', async () => {
  const calls: number[] = [];
  const rig = new SequencerRig({
    bounds: { missing: 1, lane: 1 },
    handler: async ({ payload }) => {
      calls.push(payload.seq);
      if (payload.seq === 40) await new Promise<void>(() => {});
    },
  });
  rig.anchor('conv_a', 40);
  // Three ranges, of which one is remembered.
  for (const seq of [30, 33, 36]) {
    rig.arrives(messageOf(seq));
    await rig.clock.settle();
  }
  rig.arrives(messageOf(40));
  rig.arrives(messageOf(41));
  expect(calls).toEqual([30, 33, 36, 40]);
  for (const seq of [30, 33, 36, 30, 33, 36]) rig.arrives(messageOf(seq));
  await rig.clock.settle();
  expect(rig.reports).toEqual([]);
  expect(rig.acked.slice(3)).toEqual(['m30', 'm33', 'm36', 'm30', 'm33', 'm36']);
  expect(rig.counters.shed).toBe(0);
});

it('BP-1: a message without a seq is not told as lost when it comes again to a full lane', async () => {
  const rig = new SequencerRig({
    acks: false,
    bounds: { lane: 1 },
    handler: async ({ payload }) => {
      if (payload.id === 'm5') await new Promise<void>(() => {});
    },
  });
  rig.anchor('conv_a', 5);
  rig.arrivesUnordered(messageOf(0, 'x'));
  await rig.clock.settle();
  rig.arrives(messageOf(5));
  for (const id of ['y', 'z', 'x', 'y', 'z']) rig.arrivesUnordered(messageOf(0, id));
  expect(rig.errors).toEqual([]);
  rig.arrivesUnordered(messageOf(0, 'lost'));
  expect(rig.errors).toEqual(['MESSAGE_SHED']);
});
