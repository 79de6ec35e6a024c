import { describe, expect, it } from 'vitest';
import { run } from './run.js';
import { drawSchedule } from './schedule.js';
import { shrink } from './shrink.js';

/** Many schedules, in portions so that a failure names its seed soon. `npm run simulate` runs as many as you like. */
const PORTIONS = 20;
const SCHEDULES_EACH = 100;

describe('the realtime client in simulated trouble', () => {
  for (let portion = 0; portion < PORTIONS; portion += 1) {
    const first = 1 + portion * SCHEDULES_EACH;
    it(`keeps every rule, seeds ${first} to ${first + SCHEDULES_EACH - 1}`, {
      timeout: 120_000,
    }, async () => {
      for (let seed = first; seed < first + SCHEDULES_EACH; seed += 1) {
        const schedule = drawSchedule(seed);
        const { violations } = await run(schedule);
        if (violations.length === 0) continue;
        const { schedule: small, result } = await shrink(schedule);
        expect.fail(
          `seed ${seed}: ${result.violations.join('; ')}\n${small.actions.length} actions\n` +
            `${result.trace.slice(-80).join('\n')}\nreplay: npm run simulate -- --schedules 1 --seed ${seed}`,
        );
      }
    });
  }

  it('is the same run for the same seed', async () => {
    const [once, again] = [await run(drawSchedule(11)), await run(drawSchedule(11))];
    expect(again.trace).toEqual(once.trace);
    expect(once.handled).toBeGreaterThan(0);
  });
});
