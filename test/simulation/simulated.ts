import { expect, it } from 'vitest';
import { runPortion, type World } from './portion.js';

const PORTION = 100;

/** Many schedules as tests, in portions so that a failure names its seed soon. */
export function keepsEveryRule(first: number, schedules: number, world: World = 'bot'): void {
  for (let from = first; from < first + schedules; from += PORTION) {
    it(`keeps every rule, seeds ${from} to ${from + PORTION - 1}`, { timeout: 120_000 }, async () => {
      const { broken } = await runPortion({ world, first: from, count: PORTION, shrink: true });
      if (broken !== null) expect.fail(broken.report);
    });
  }
}
