// `npm run crash-matrix`: kills a bot at every await of a turn, and says whether what is promised was kept.
import { parseArgs } from 'node:util';
import { CrashMatrix } from './crash-matrix.js';
import type { EngineName } from './engines.js';
import { Report } from './report.js';
import { ALL_ENGINES, engineNamed, wholeNumber } from './wanted.js';

const USAGE = `usage: npm run crash-matrix -- [--store ${ALL_ENGINES.join('|')}] [--kills N] [--seed N]`;

interface Wanted {
  readonly engine: EngineName;
  readonly kills: number;
  readonly seed: number;
}

/** @throws Error that says which argument is wrong. */
function wantedOf(args: string[]): Wanted {
  const { values } = parseArgs({
    args,
    options: {
      store: { type: 'string', default: 'lmdb' },
      kills: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
    },
  });
  return {
    engine: engineNamed(values.store, ALL_ENGINES),
    kills: wholeNumber('kills', values.kills),
    seed: wholeNumber('seed', values.seed),
  };
}

async function run(wanted: Wanted): Promise<number> {
  const { engine, kills, seed } = wanted;
  const report = new Report(`A bot with ${engine} dies ${kills} times, seed ${seed}.`);
  const result = await CrashMatrix.run({ ...wanted, onDeath: report.onDeath });
  return report.end(result, `${result.messages} messages, ${result.handlerCalls} handler calls`, seed);
}

try {
  const wanted = wantedOf(process.argv.slice(2));
  process.exitCode = await run(wanted);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}
