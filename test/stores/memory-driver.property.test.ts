import { describe, expect, it } from 'vitest';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';
import { mulberry32 } from '../support/mulberry32.js';

const SEEDS = 20;
const STEPS = 400;

describe('the memory driver', () => {
  it('lists what is there, in the order of the keys, whatever has come, gone and come again', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const random = mulberry32(seed);
      const driver = new MemoryDriver();
      const there = new Set<string>();
      for (let step = 0; step < STEPS; step += 1) {
        const key = `${'abc'[Math.floor(random() * 3)]}/${Math.floor(random() * 60)}`;
        const roll = random();
        if (roll < 0.45) {
          await driver.write([{ do: 'put', key, text: '1' }]);
          there.add(key);
        } else if (roll < 0.85) {
          await driver.write([{ do: 'delete', key }]);
          there.delete(key);
        } else {
          const limit = 1 + Math.floor(random() * 80);
          const after = random() < 0.5 ? null : key;
          const listed = (await driver.list('b/', after, limit)).map((entry) => entry.key);
          const all = [...there]
            .filter((one) => one.startsWith('b/') && (after === null || one > after))
            .sort();
          expect(listed, `seed ${seed}, step ${step}`).toEqual(all.slice(0, limit));
        }
      }
    }
  });
});
