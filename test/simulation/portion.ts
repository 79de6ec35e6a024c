import { drawSchedule } from './draw.js';
import { drawReplicaSchedule } from './replicas/draw.js';
import { PLAIN_REPLICAS, runReplicas } from './replicas/run.js';
import type { ReplicaSchedule } from './replicas/schedule.js';
import { run } from './run.js';
import type { Schedule } from './schedule.js';
import { PLAIN, ruleOf, type Simulated, shrink } from './shrink.js';

/** Which simulation: of one bot, or of several replicas of it. */
export type World = 'bot' | 'replicas';

/** Seeds that are run one after the other. */
export interface Portion {
  readonly world: World;
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

const BOT: Simulated<Schedule> = { draw: drawSchedule, run, plain: PLAIN };
const REPLICAS: Simulated<ReplicaSchedule> = {
  draw: drawReplicaSchedule,
  run: runReplicas,
  plain: PLAIN_REPLICAS,
};

/** Runs a portion, to its end or to the first schedule that breaks a rule. */
export function runPortion(portion: Portion): Promise<PortionResult> {
  return portion.world === 'replicas' ? runSeeds(REPLICAS, portion) : runSeeds(BOT, portion);
}

async function runSeeds<S extends { readonly actions: readonly unknown[] }>(
  simulated: Simulated<S>,
  portion: Portion,
): Promise<PortionResult> {
  if (portion.traced === true) return traceSeeds(simulated, portion);
  let messages = 0;
  for (let n = 0; n < portion.count; n += 1) {
    const seed = portion.first + n;
    const result = await simulated.run(simulated.draw(seed));
    messages += result.sent;
    const [objection] = result.violations;
    if (objection === undefined) continue;
    const report = portion.shrink ? await reportOf(simulated, portion.world, seed) : '';
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

async function traceSeeds<S extends { readonly actions: readonly unknown[] }>(
  simulated: Simulated<S>,
  { first, count }: Portion,
): Promise<PortionResult> {
  const traces: string[] = [];
  let messages = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const { trace, handled, sent } = await simulated.run(simulated.draw(seed), { traced: true });
    messages += sent;
    const lines = trace.map((line) => line.replace(ERROR_LINE, '$1'));
    traces.push([...lines, `handled ${handled}, sent ${sent}`].join('\n'));
  }
  return { schedules: count, messages, broken: null, traces };
}

/** The shortest way to what is wrong with a seed. */
async function reportOf<S extends { readonly actions: readonly unknown[] }>(
  simulated: Simulated<S>,
  world: World,
  seed: number,
): Promise<string> {
  const { schedule, result } = await shrink(simulated, simulated.draw(seed));
  const { actions, ...setting } = schedule;
  return [
    `seed ${seed} breaks a rule`,
    ...result.violations,
    `setting ${JSON.stringify(setting)}, ${actions.length} actions`,
    ...result.trace.slice(-TRACE_LINES),
    `replay: npm run simulate -- ${world === 'replicas' ? '--replicas ' : ''}--schedules 1 --seed ${seed}`,
  ].join('\n');
}
