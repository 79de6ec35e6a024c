import { describe, expect, it } from 'vitest';
import { Dice } from '../sequencer/dice.js';
import { LoopWorld } from './loop-world.js';

const SEEDS = 40;
const STEPS = 60;

describe('ORD-1, ACK-1: loops over messages(), whatever they do', () => {
  it('are given each message in order, one of a conversation at a time, until it is handled, seeded', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const world = new LoopWorld(new Dice(seed));
      try {
        await world.rig.connected();
        for (let step = 0; step < STEPS; step += 1) await world.step();
        await world.finish();
      } catch (cause) {
        throw new Error(`seed ${seed}: ${String(cause)}`, { cause });
      }
      const { client, acked, errors } = world.rig;
      expect(client.counters.handled, `seed ${seed}`).toBe(world.handled.size);
      expect(client.explain().totals, `seed ${seed}`).toMatchObject({ waiting: 0, held: 0, slotsTaken: 0 });
      // ACK-1: what was handled, and nothing else; a message that came twice is acknowledged again.
      await world.rig.clock.settle();
      expect(new Set(acked), `seed ${seed}`).toEqual(world.handled);
      expect(errors.filter(({ code }) => code !== 'NO_HANDLER' && code !== 'HANDLER_SLOW')).toEqual([]);
    }
  }, 60_000);
});
