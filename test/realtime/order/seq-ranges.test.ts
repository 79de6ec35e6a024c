import { describe, expect, it } from 'vitest';
import { SeqRanges } from '../../../src/realtime/order/outstanding.js';
import { forSeeds } from './dice.js';

describe('GAP-3, GAP-4: seqs that are remembered as ranges', () => {
  it('are what a plain set of seqs is, in as few ranges as there can be, seeded', () => {
    forSeeds(60, (dice) => {
      const ranges = new SeqRanges();
      const model = new Set<number>();
      for (let step = 0; step < 80; step += 1) {
        const from = dice.int(0, 60);
        const to = from + dice.pick(0, 0, 1, 9);
        const adds = dice.chance(0.6);
        if (adds) ranges.add({ from, to });
        else ranges.remove({ from, to });
        for (let seq = from; seq <= to; seq += 1) {
          if (adds) model.add(seq);
          else model.delete(seq);
        }
      }
      for (let seq = 0; seq <= 75; seq += 1) {
        const next = [...model].filter((each) => each >= seq);
        expect(ranges.has(seq)).toBe(model.has(seq));
        expect(ranges.next(seq)).toBe(next.length === 0 ? undefined : Math.min(...next));
        const around = ranges.around(seq);
        if (!model.has(seq)) expect(around).toBeUndefined();
        else {
          expect(model.has((around?.from ?? 0) - 1)).toBe(false);
          expect(model.has((around?.to ?? 0) + 1)).toBe(false);
        }
      }
      const starts = [...model].filter((seq) => !model.has(seq - 1));
      expect(ranges.count).toBe(starts.length);
      expect(ranges.all.map(({ from }) => from)).toEqual(starts.sort((a, b) => a - b));
    });
  });

  it('cost the same however many they are', () => {
    const ranges = new SeqRanges();
    ranges.add({ from: 0, to: Number.MAX_SAFE_INTEGER - 1 });
    ranges.remove({ from: 7, to: 7 });
    expect(ranges.all).toEqual([
      { from: 0, to: 6 },
      { from: 8, to: Number.MAX_SAFE_INTEGER - 1 },
    ]);
    expect(ranges.shift()).toEqual({ from: 0, to: 6 });
    expect(ranges.count).toBe(1);
  });
});
