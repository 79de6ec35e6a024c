import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { portionsOf, work } from './crew.js';
import { numberAfter } from './flags.js';

/**
 * `npm run simulate:traces -- --write FILE` records a hash of what happened in each of N schedules; `--against FILE`
 * compares with an earlier record. A change that only moves or renames code leaves every hash as it was.
 */
const USAGE = 'usage: npm run simulate:traces -- [--schedules N] [--seed K] (--write FILE | --against FILE)';
const PORTION = 25;
const SHOWN_AT_MOST = 10;

const schedules = numberAfter('--schedules', 2_000, USAGE);
const first = numberAfter('--seed', 1, USAGE);
const writeTo = textAfter('--write');
const against = textAfter('--against');
if ((writeTo === undefined) === (against === undefined)) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

function textAfter(flag: string): string | undefined {
  const at = process.argv.indexOf(flag);
  return at < 0 ? undefined : process.argv[at + 1];
}

const hashes = new Map<number, string>();
const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
const portions = [...portionsOf('bot', first, schedules, PORTION, false)].map((portion) => ({
  ...portion,
  traced: true,
}));
await work(worker, availableParallelism(), portions, (outcome) => {
  if (outcome.kind === 'stuck') throw new Error(outcome.why);
  for (const [n, trace] of (outcome.result.traces ?? []).entries()) {
    hashes.set(outcome.portion.first + n, createHash('sha256').update(trace).digest('hex').slice(0, 16));
  }
  return 'go on';
});

const record = [...hashes].sort(([a], [b]) => a - b);
if (writeTo !== undefined) {
  writeFileSync(writeTo, `${record.map(([seed, hash]) => `${seed} ${hash}`).join('\n')}\n`);
  process.stdout.write(`${record.length} traces recorded in ${writeTo}\n`);
} else if (against !== undefined) {
  const earlier = new Map(
    readFileSync(against, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [seed, hash] = line.split(' ');
        return [Number(seed), hash] as const;
      }),
  );
  const known = record.filter(([seed]) => earlier.has(seed));
  const changed = known.filter(([seed, hash]) => earlier.get(seed) !== hash).map(([seed]) => seed);
  process.stdout.write(`${known.length} traces compared, ${changed.length} changed\n`);
  if (changed.length > 0) process.stdout.write(`seeds ${changed.slice(0, SHOWN_AT_MOST).join(', ')}\n`);
  process.exitCode = known.length > 0 && changed.length === 0 ? 0 : 1;
}
