import { describe, expect, it } from 'vitest';
import { describeWithServer } from '../../support/servers/engines.js';
import { BotCrashMatrix, type BotCrashMatrixOptions } from './crash-matrix.js';

/** A sample of `npm run bot-crash-matrix`. */
function sampleOf(options: Omit<BotCrashMatrixOptions, 'seed'>): void {
  it(`TURN-2 handles all, books and answers each turn once, and repeats nothing that is over, ${options.kills} times`, {
    timeout: 180_000,
  }, async () => {
    const { violations, deaths, runs, turns } = await BotCrashMatrix.run({ ...options, seed: 20_261_129 });
    expect(violations).toEqual([]);
    expect([...deaths.values()].reduce((sum, count) => sum + count, 0)).toBe(options.kills);
    // Those deaths were in the middle of something.
    expect(runs).toBeGreaterThan(turns);
  });
}

describe('a bot of the kit with LMDB that is killed at any await of a turn', () => {
  sampleOf({ engine: 'lmdb', kills: 20 });
});
describeWithServer(
  'Postgres',
  'three replicas of a bot of the kit that are killed at any await of a turn',
  () => {
    sampleOf({ engine: 'postgres', kills: 10, replicas: 3 });
  },
);
