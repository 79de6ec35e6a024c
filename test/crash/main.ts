// `npm run crash-matrix`: kills a bot at every await of a turn, and says whether what is promised was kept.
import { parseArgs } from 'node:util';
import { CrashMatrix } from './crash-matrix.js';
import { nameOf } from './death.js';
import { ENGINES, type EngineName } from './engines.js';

const USAGE = `usage: npm run crash-matrix -- [--store ${Object.keys(ENGINES).join('|')}] [--kills N] [--seed N]`;

interface Wanted {
  readonly engine: EngineName;
  readonly kills: number;
  readonly seed: number;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

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
  const { store } = values;
  if (!isEngine(store)) throw new Error(`There is no store called ${store} here.`);
  return { engine: store, kills: wholeNumber('kills', values.kills), seed: wholeNumber('seed', values.seed) };
}

function isEngine(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name);
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
  return Number(text);
}

async function run(wanted: Wanted): Promise<number> {
  const { engine, kills, seed } = wanted;
  say(`A bot with ${engine} dies ${kills} times, seed ${seed}.`);
  const startedAt = performance.now();
  const onDeath = (death: Parameters<typeof nameOf>[0], life: number) => {
    if (life % 20 === 0) say(`  ${life} deaths; the last one was to come ${nameOf(death)}`);
  };
  const { violations, deaths, messages, handlerCalls } = await CrashMatrix.run({ ...wanted, onDeath });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  for (const [name, count] of [...deaths].sort(([a], [b]) => (a < b ? -1 : 1)))
    say(`  ${name.padEnd(16)} ${String(count).padStart(4)}`);
  say(`${messages} messages, ${handlerCalls} handler calls, ${seconds} s.`);
  for (const violation of violations) say(`BROKEN  ${violation}`);
  say(
    violations.length === 0
      ? 'Every promise was kept.'
      : `${violations.length} violations with seed ${seed}.`,
  );
  return violations.length === 0 ? 0 : 1;
}

try {
  const wanted = wantedOf(process.argv.slice(2));
  process.exitCode = await run(wanted);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}
