import { describe, expect, it } from 'vitest';
import { type DedupeStore, MemoryDedupeStore, messageClaimKey } from '../../../src/stores/index.js';
import { Dice } from '../order/dice.js';
import { LoopWorld } from './loop-world.js';

const SEEDS = 40;
const STEPS = 60;

/** Answers a little later, as a store that is not in memory does. */
function slowed(memory: MemoryDedupeStore): DedupeStore {
  const later = async () => {
    for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  };
  return {
    claim: (key) => later().then(() => memory.claim(key)),
    commit: (key, token) => later().then(() => memory.commit(key, token)),
    release: (key, token) => later().then(() => memory.release(key, token)),
  };
}

describe('ORD-1, ACK-1: loops over messages(), whatever they do', () => {
  it.each(['without a dedupe store', 'with one'])(
    'are given each message in order, one of a conversation at a time, until it is handled, seeded, %s',
    async (how) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const memory = how === 'with one' ? new MemoryDedupeStore() : null;
        const world = new LoopWorld(new Dice(seed), memory === null ? undefined : slowed(memory));
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
        for (const id of memory === null ? [] : world.handled) {
          expect(await memory?.claim(messageClaimKey(id)), `seed ${seed}, ${id}`).toEqual({ state: 'done' });
        }
        const expected = ['NO_HANDLER', 'HANDLER_SLOW', 'HANDLERS_LEFT'];
        expect(errors.filter(({ code }) => !expected.includes(code))).toEqual([]);
      }
    },
    60_000,
  );
});
