import { describe, expect, it } from 'vitest';
import { describeWithServer } from '../support/servers/engines.js';
import { CrashMatrix } from './crash-matrix.js';
import type { EngineName } from './engines.js';

const KILLS = 20;

/** A sample of `npm run crash-matrix`. */
function sampleOf(engine: EngineName): void {
  it(`ACK-1 handles all, answers each once and in order, and repeats nothing acknowledged, ${KILLS} times`, {
    timeout: 180_000,
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
}

const name = (engine: string) => `a bot with ${engine} that is killed at any await of a turn`;
describe(name('LMDB'), () => sampleOf('lmdb'));
describeWithServer('Postgres', name('Postgres'), () => sampleOf('postgres'));
describeWithServer('Redis', name('Redis'), () => sampleOf('redis'));
