import { expect, it } from 'vitest';
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
