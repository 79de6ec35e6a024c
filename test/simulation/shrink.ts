import type { RunResult } from './run.js';
import type { Schedule } from './schedule.js';

/** One of the simulations: its schedules, and what becomes of them. */
export interface Simulated<S extends { readonly actions: readonly unknown[] }> {
  draw(seed: number): S;
  run(schedule: S, options?: { traced?: boolean }): Promise<RunResult>;
  /** What a setting may be made simpler to. */
  readonly plain: readonly Partial<S>[];
}

/** What a setting of one bot may be made simpler to. */
export const PLAIN: readonly Partial<Schedule>[] = [
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
export async function shrink<S extends { readonly actions: readonly unknown[] }>(
  { run, plain }: Simulated<S>,
  schedule: S,
): Promise<{ schedule: S; result: RunResult }> {
  let best = schedule;
  const rule = ruleOf(await run(schedule));
  const isStillBroken = async (candidate: S) => {
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
  for (const simpler of plain) await isStillBroken({ ...best, ...simpler });
  return { schedule: best, result: await run(best, { traced: true }) };
}

/** The rule that was broken first. */
export function ruleOf({ violations }: RunResult): string | undefined {
  return violations[0]?.split(':')[0];
}
