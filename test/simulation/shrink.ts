import { type RunResult, run } from './run.js';
import type { Schedule } from './schedule.js';

/** What a setting may be made simpler to. */
const PLAIN: readonly Partial<Schedule>[] = [
  { bounds: {} },
  { hostAheadMs: 0 },
  { rude: false },
  { deadLetter: 'none' },
  { handlers: 1 },
  { echo: false },
  { handle: 'given' },
  { backlog: true },
  { gapFillWindowMs: 2_000 },
  { gapGiveUpMs: 300_000 },
  { reconcileIntervalMs: 20_000 },
  { onHandlerFailure: 'park' },
];

/**
 * The smallest schedule found that still breaks a rule: halves, then single actions, are taken away while it does, and
 * the setting is made plainer. The result is traced.
 */
export async function shrink(schedule: Schedule): Promise<{ schedule: Schedule; result: RunResult }> {
  let best = schedule;
  const rule = ruleOf(await run(schedule));
  const isStillBroken = async (candidate: Schedule) => {
    const isBroken = ruleOf(await run(candidate)) === rule;
    if (isBroken) best = candidate;
    return isBroken;
  };
  let size = Math.ceil(best.actions.length / 2);
  while (size >= 1) {
    for (let from = 0; from < best.actions.length; ) {
      const actions = best.actions.filter((_, index) => index < from || index >= from + size);
      if (!(await isStillBroken({ ...best, actions }))) from += size;
    }
    size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  for (const plain of PLAIN) await isStillBroken({ ...best, ...plain });
  return { schedule: best, result: await run(best, { traced: true }) };
}

/** The rule that was broken first. */
export function ruleOf({ violations }: RunResult): string | undefined {
  return violations[0]?.split(':')[0];
}
