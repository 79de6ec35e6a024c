import { nearestName } from '../../http/index.js';
import { userHome } from '../account.js';
import { UsageError } from '../failure.js';
import { faultRates } from '../fault-rates.js';
import { findLocalService } from '../local-service.js';
import type { Output } from '../output.js';
import { ServiceControl } from '../service-control.js';
import { portIn } from '../values.js';

export interface ChaosArgs {
  readonly action: string;
  readonly port?: string | undefined;
  readonly only?: string | undefined;
  readonly rest?: boolean | undefined;
}

/** One thing that can be done: the call that does it. Throws a UsageError for words that cannot be. */
type Action = (
  words: readonly string[],
  args: ChaosArgs,
) => readonly [method: string, path: string, body?: unknown];

const ACTIONS: Readonly<Record<string, Action>> = {
  show: (words) => {
    atMost(words, 0);
    return ['GET', 'faults'];
  },
  set: (words, { only }) => {
    if (words.length === 0)
      throw new UsageError('Say which faults: mild, harsh, or such as dropFrames=0.05.');
    return ['PATCH', 'faults', { ...faultRates(words), ...(only === undefined ? {} : { only }) }];
  },
  next: (words, { only }) => {
    atMost(words, 2);
    const [kind = '', count = '1'] = words;
    if (kind === '') throw new UsageError('Say which fault, such as dropFrames.');
    const handle = only === undefined ? {} : { handle: only };
    return ['POST', 'faults/next', { kind, count: numberIn(count), ...handle }];
  },
  cut: (words) => ['POST', 'faults/cut', handleIn(words)],
  'half-open': (words) => ['POST', 'faults/half-open', handleIn(words)],
  'shut-out': (words, { rest }) => [
    'POST',
    'faults/shut-out',
    { ...handleIn(words, true), on: true, rest: rest === true },
  ],
  'let-in': (words) => ['POST', 'faults/shut-out', { ...handleIn(words, true), on: false }],
  restart: (words) => {
    atMost(words, 1);
    return ['POST', 'restart', { downMs: numberIn(words[0] ?? '0') * 1_000 }];
  },
  clear: (words) => {
    atMost(words, 0);
    return ['DELETE', 'faults'];
  },
};

/** `agentchat chaos` */
export async function runChaos(args: ChaosArgs, words: readonly string[], out: Output): Promise<undefined> {
  const action = Object.hasOwn(ACTIONS, args.action) ? ACTIONS[args.action] : undefined;
  if (action === undefined) {
    const nearest = nearestName(args.action, Object.keys(ACTIONS));
    const advice =
      nearest === undefined ? `There are: ${Object.keys(ACTIONS).join(', ')}.` : `Did you mean "${nearest}"?`;
    throw new UsageError(`There is no "chaos ${args.action}". ${advice}`);
  }
  const call = action(words, args);
  const service = await findLocalService(await userHome(), portIn(args.port));
  const answer = await new ServiceControl(service).call(...call);
  out.data(answer, describe(answer, out));
  return undefined;
}

function describe(answer: Record<string, unknown>, out: Output): string {
  const { rates, shutOut, counts, struck } = answer as {
    rates?: Record<string, { rate: number; only: string | null }>;
    shutOut?: readonly string[];
    counts?: Record<string, number>;
    struck?: number;
  };
  if (struck !== undefined) return `${struck} connection${struck === 1 ? '' : 's'} struck`;
  if (rates === undefined) return 'done';
  const on = Object.entries(rates).map(
    ([kind, { rate, only }]) => `  ${kind} ${rate}${only === null ? '' : ` (${only} only)`}`,
  );
  const lines = [on.length === 0 ? 'No faults are on.' : 'Faults that are on:', ...on];
  if (shutOut !== undefined && shutOut.length > 0) lines.push(`Shut out: ${shutOut.join(', ')}`);
  const struckSoFar = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  if (struckSoFar.length > 0) {
    lines.push(out.color.dim(`So far: ${struckSoFar.map(([kind, count]) => `${kind} ${count}`).join(', ')}`));
  }
  return lines.join('\n');
}

function handleIn(words: readonly string[], isNeeded = false): { handle?: string } {
  atMost(words, 1);
  const [handle] = words;
  if (handle === undefined && isNeeded) throw new UsageError('Say which agent.');
  return handle === undefined ? {} : { handle };
}

function numberIn(word: string): number {
  if (/^\d{1,9}$/.test(word)) return Number(word);
  throw new UsageError(`"${word}" must be a whole number.`);
}

function atMost(words: readonly string[], most: number): void {
  if (words.length > most) throw new UsageError(`"${words[most]}" is one word too many.`);
}
