import { expect, it } from 'vitest';
import { drawSchedule } from './draw.js';
import { run } from './run.js';

const FIRST_SEED = 5_001;
const SCHEDULES = 100;

it(`the realtime client keeps every rule when it claims its messages, seeds ${FIRST_SEED} and following`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed += 1) {
    const { violations } = await run({ ...drawSchedule(seed), hasClaims: true });
    expect(violations, `seed ${seed}`).toEqual([]);
  }
}, 120_000);
