// `npm run bot-crash-matrix`: kills a bot of the kit at every await of a turn, and says whether what is promised was kept.
import { parseArgs } from 'node:util';
import type { EngineName } from '../engines.js';
import { Report } from '../report.js';
import { engineNamed, wholeNumber } from '../wanted.js';
import { BotCrashMatrix } from './crash-matrix.js';

const STORES: readonly EngineName[] = ['lmdb', 'postgres'];
const USAGE = `usage: npm run bot-crash-matrix -- [--store ${STORES.join('|')}] [--kills N] [--seed N] [--replicas N]`;

interface Wanted {
  readonly engine: EngineName;
  readonly kills: number;
  readonly seed: number;
  readonly replicas: number;
}

/** @throws Error that says which argument is wrong. */
function wantedOf(args: string[]): Wanted {
  const { values } = parseArgs({
    args,
    options: {
      store: { type: 'string', default: 'lmdb' },
      kills: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      replicas: { type: 'string', default: '1' },
    },
  });
  const engine = engineNamed(values.store, STORES);
  const replicas = wholeNumber('replicas', values.replicas);
  if (replicas < 1) throw new Error('--replicas takes 1 or more.');
  if (engine === 'lmdb' && replicas > 1)
    throw new Error('LMDB is a store of one process: use --store postgres.');
  return {
    engine,
    kills: wholeNumber('kills', values.kills),
    seed: wholeNumber('seed', values.seed),
    replicas,
  };
}

async function run(wanted: Wanted): Promise<number> {
  const { engine, kills, seed, replicas } = wanted;
  const who = replicas === 1 ? 'A bot of the kit' : `${replicas} replicas of a bot of the kit`;
  const report = new Report(`${who} on ${engine}: ${kills} deaths, seed ${seed}.`);
  const result = await BotCrashMatrix.run({ ...wanted, onDeath: report.onDeath });
  const { messages, turns, runs, repeated } = result;
  const work = `${messages} messages, ${turns} turns, ${runs} runs of the thinker, ${repeated} tallies repeated`;
  return report.end(result, work, seed);
}

try {
  const wanted = wantedOf(process.argv.slice(2));
  process.exitCode = await run(wanted);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}
