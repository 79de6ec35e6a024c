import { describe, expect, it } from 'vitest';
import { CrashMatrix } from './crash-matrix.js';
import { ENGINES, type EngineName } from './engines.js';

const KILLS = 20;

/** A sample of `npm run crash-matrix`. */
describe.each(Object.keys(ENGINES) as EngineName[])(
  'a bot with %s that is killed at any await of a turn',
  (engine) => {
    it(`ACK-1 handles all, answers each once and in order, and repeats nothing acknowledged, ${KILLS} times`, {
      timeout: 120_000,
    }, async () => {
      const { violations, deaths, handlerCalls, messages } = await CrashMatrix.run({
        engine,
        kills: KILLS,
        seed: 20_261_129,
      });
      expect(violations).toEqual([]);
      expect([...deaths.values()].reduce((sum, count) => sum + count, 0)).toBe(KILLS);
      // Those deaths were in the middle of something.
      expect(handlerCalls).toBeGreaterThan(messages);
    });
  },
);
