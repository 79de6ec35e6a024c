import { describe, expect, it } from 'vitest';
import { Dice } from '../order/dice.js';
import { CursorWorld } from './cursor-world.js';

describe('ORD-2, ACK-1: what is saved of a conversation never goes back', () => {
  it.each([1, 2, 3, 4])(
    'expected never falls, the floor never rises, and what is owed is struck out only when it was handled, seeds %i',
    async (block) => {
      let saves = 0;
      for (let seed = block * 100; seed < block * 100 + 12; seed += 1) {
        const world = new CursorWorld(new Dice(seed));
        await world.run();
        expect(world.violations, `seed ${seed}`).toEqual([]);
        expect(world.lost(), `seed ${seed}`).toEqual([]);
        saves += world.saves;
      }
      expect(saves).toBeGreaterThan(100);
    },
  );
});
