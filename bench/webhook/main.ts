import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Contender, contenders, type Delivery, delivery, limit } from './contenders.js';

/**
 * `npm run bench:webhook`: what one verification costs, ours against what cannot be done without and against others.
 * Processor time, not the clock's, and medians of many short rounds in shuffled order, because a machine is never idle.
 * Only the ratios mean anything.
 *
 * `-- --rounds 1000` for more rounds.
 */
const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 300 : Number(process.argv[at + 1]);
/** Long enough to be measured, short enough that most rounds are not interrupted. */
const ROUND_MICROSECONDS = 3_000;
const WARM_UP = 20;
const SIZES = [512, 4_096, 65_536];

setFlagsFromString('--expose-gc');
/** Between the rounds, so that nobody cleans up after somebody else. */
const collectGarbage = runInNewContext('gc') as (options: { type: 'minor' }) => void;

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Microseconds of processor time for so many verifications. */
async function round({ verify }: Contender, given: Delivery, times: number): Promise<number> {
  const isSync = !(verify(given) instanceof Promise);
  collectGarbage({ type: 'minor' });
  const before = process.cpuUsage();
  if (isSync) for (let done = 0; done < times; done += 1) verify(given);
  else for (let done = 0; done < times; done += 1) await verify(given);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function calibrated(contender: Contender, given: Delivery): Promise<number> {
  let times = 1;
  while ((await round(contender, given, times)) < ROUND_MICROSECONDS) times *= 2;
  return times;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** Microseconds for one verification, by contender and round. */
async function measured(given: Delivery): Promise<Map<Contender, number[]>> {
  const times = new Map<Contender, number>();
  for (const contender of contenders) times.set(contender, await calibrated(contender, given));
  const taken = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (let number = -WARM_UP; number < ROUNDS; number += 1) {
    for (const contender of shuffled(contenders)) {
      const count = times.get(contender) ?? 1;
      const microseconds = await round(contender, given, count);
      if (number >= 0) taken.get(contender)?.push(microseconds / count);
    }
  }
  return taken;
}

print(`Node ${process.version}, ${ROUNDS} rounds`);
for (const kind of ['Buffer', 'string'] as const) {
  for (const [index, bytes] of SIZES.entries()) {
    // As old as it may well be, and never too old for a check that cannot be told the time.
    const given = delivery(bytes, kind, Math.floor(Date.now() / 1_000));
    const taken = await measured(given);
    const base = median(taken.get(limit) ?? []);
    print(`\n${bytes / 1_024} KB as a ${kind}`);
    for (const [{ name, targets }, microseconds] of taken) {
      const middle = median(microseconds);
      const share = base / middle;
      const target = targets?.[index];
      const verdict =
        target === undefined ? '' : share >= target ? `  (>= ${target})` : `  (MISSES ${target})`;
      print(`  ${name.padEnd(20)} ${middle.toFixed(2).padStart(9)} us   ${share.toFixed(2)}${verdict}`);
    }
  }
}
const missing = 8 - contenders.length;
if (missing > 0) print('\nTo compare with the others: npm install --prefix bench/webhook/competitors');
