import { drawSchedule } from './draw.js';
import { run } from './run.js';
import { ruleOf, shrink } from './shrink.js';

/** Seeds that are run one after the other. */
export interface Portion {
  readonly first: number;
  readonly count: number;
  /** Whether a broken schedule is worth the time to find the smallest one that breaks the same rule. */
  readonly shrink: boolean;
  /** Whether to give the trace of each schedule. A schedule that breaks a rule does not end a traced portion. */
  readonly traced?: boolean;
}

/** A schedule that broke a rule. */
export interface Broken {
  readonly seed: number;
  readonly rule: string;
  /** What was objected to first. */
  readonly objection: string;
  /** For people: what was objected to, the setting, the shortened trace, and how to run it again. */
  readonly report: string;
}

export interface PortionResult {
  /** How many were run: all, or as far as the first broken one. */
  readonly schedules: number;
  readonly messages: number;
  readonly broken: Broken | null;
  /** One text per schedule, when traces were asked for. */
  readonly traces?: readonly string[];
}

const TRACE_LINES = 120;

/** Runs a portion, to its end or to the first schedule that breaks a rule. */
export async function runPortion(portion: Portion): Promise<PortionResult> {
  if (portion.traced === true) return tracePortion(portion);
  let messages = 0;
  for (let n = 0; n < portion.count; n += 1) {
    const seed = portion.first + n;
    const result = await run(drawSchedule(seed));
    messages += result.sent;
    const [objection] = result.violations;
    if (objection === undefined) continue;
    const report = portion.shrink ? await reportOf(seed) : '';
    return {
      schedules: n + 1,
      messages,
      broken: { seed, rule: ruleOf(result) ?? '', objection, report },
    };
  }
  return { schedules: portion.count, messages, broken: null };
}

/** The wording of an error may change without a change of behaviour: only its code counts. */
const ERROR_LINE = /^( *\d+ {2}error {4}\S+).*$/s;

async function tracePortion({ first, count }: Portion): Promise<PortionResult> {
  const traces: string[] = [];
  let messages = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const { trace, handled, sent } = await run(drawSchedule(seed), { traced: true });
    messages += sent;
    const lines = trace.map((line) => line.replace(ERROR_LINE, '$1'));
    traces.push([...lines, `handled ${handled}, sent ${sent}`].join('\n'));
  }
  return { schedules: count, messages, broken: null, traces };
}

/** The shortest way to what is wrong with a seed. */
async function reportOf(seed: number): Promise<string> {
  const { schedule, result } = await shrink(drawSchedule(seed));
  const { actions, ...setting } = schedule;
  return [
    `seed ${seed} breaks a rule`,
    ...result.violations,
    `setting ${JSON.stringify(setting)}, ${actions.length} actions`,
    ...result.trace.slice(-TRACE_LINES),
    `replay: npm run simulate -- --schedules 1 --seed ${seed}`,
  ].join('\n');
}
