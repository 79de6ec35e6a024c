import { type RunResult, run } from './run.js';
import type { Schedule } from './schedule.js';

/** The smallest schedule found that still breaks a rule: halves, then single actions, are taken away while it does. */
export async function shrink(schedule: Schedule): Promise<{ schedule: Schedule; result: RunResult }> {
  let best = schedule;
  let result = await run(best);
  for (
    let size = Math.ceil(best.actions.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.actions.length; ) {
      const actions = best.actions.filter((_, index) => index < from || index >= from + size);
      const candidate = { ...best, actions };
      const attempt = await run(candidate);
      if (attempt.violations.length > 0) {
        best = candidate;
        result = attempt;
      } else {
        from += size;
      }
    }
  }
  return { schedule: best, result };
}
