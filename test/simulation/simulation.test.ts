import { describe, expect, it } from 'vitest';
import { drawSchedule } from './draw.js';
import { run } from './run.js';
import { keepsEveryRule } from './simulated.js';

// Two files of a thousand, for two processes. `npm run simulate` runs as many as you like.
describe('the realtime client in simulated trouble', () => {
  keepsEveryRule(1, 1_000);

  it('is the same run for the same seed, traced or not', async () => {
    const traced = () => run(drawSchedule(11), { traced: true });
    const [once, again, silent] = [await traced(), await traced(), await run(drawSchedule(11))];
    expect(again.trace).toEqual(once.trace);
    expect(once.trace.length).toBeGreaterThan(50);
    expect(silent).toEqual({ ...once, trace: [] });
    expect(once.handled).toBeGreaterThan(0);
  });
});
