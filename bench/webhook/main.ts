import {
  type Contender,
  contenders,
  type Delivery,
  delivery,
  EVERYBODY,
  KINDS,
  limit,
} from './contenders.js';

/**
 * `npm run bench:webhook`: what one verification costs, ours against what cannot be done without and against others.
 * Processor time, not the clock's, in many short rounds in which each contender has its turn, in shuffled order: whatever
 * else the machine does, it does to all of a round. Only the ratios mean anything.
 *
 * `-- --rounds 2000` for more rounds.
 */
const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 600 : Number(process.argv[at + 1]);
/** Long enough to be measured, short enough that most turns are not interrupted. */
const TURN_MICROSECONDS = 500;
const WARM_UP = 30;
const SIZES = [512, 4_096, 65_536];

const print = (line: string) => process.stdout.write(`${line}\n`);

/** Microseconds of processor time for so many verifications. */
async function turn({ verify }: Contender, given: Delivery, times: number): Promise<number> {
  const isSync = !(verify(given) instanceof Promise);
  const before = process.cpuUsage();
  if (isSync) for (let done = 0; done < times; done += 1) verify(given);
  else for (let done = 0; done < times; done += 1) await verify(given);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** How often a contender can verify in one turn, once it has been compiled. */
async function calibrated(contender: Contender, given: Delivery): Promise<number> {
  let times = 1;
  for (let tries = 0; tries < 3; ) {
    if ((await turn(contender, given, times)) < TURN_MICROSECONDS) times *= 2;
    else tries += 1;
  }
  return times;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** For each round, the microseconds that one verification took each of the contenders. */
async function measured(given: Delivery): Promise<Map<Contender, number>[]> {
  const times = new Map<Contender, number>();
  for (const contender of contenders) times.set(contender, await calibrated(contender, given));
  const rounds: Map<Contender, number>[] = [];
  for (let number = -WARM_UP; number < ROUNDS; number += 1) {
    const taken = new Map<Contender, number>();
    for (const contender of shuffled(contenders)) {
      const count = times.get(contender) ?? 1;
      taken.set(contender, (await turn(contender, given, count)) / count);
    }
    if (number >= 0) rounds.push(taken);
  }
  return rounds;
}

print(`Node ${process.version}, ${ROUNDS} rounds: median microseconds, and the median share of the limit`);
for (const kind of KINDS) {
  for (const [index, bytes] of SIZES.entries()) {
    const given = delivery(bytes, kind, Math.floor(Date.now() / 1_000));
    const rounds = await measured(given);
    print(`\n${bytes / 1_024} KB as a ${kind}`);
    for (const contender of contenders) {
      const taken = (who: Contender, round: Map<Contender, number>) => round.get(who) ?? Number.NaN;
      const middle = median(rounds.map((round) => taken(contender, round)));
      const share = median(rounds.map((round) => taken(limit, round) / taken(contender, round)));
      const target = contender.targets?.[index];
      const verdict = target === undefined ? '' : share >= target ? `   >= ${target}` : `   misses ${target}`;
      print(
        `  ${contender.name.padEnd(20)} ${middle.toFixed(2).padStart(9)} us   ${share.toFixed(2)}${verdict}`,
      );
    }
  }
}
if (contenders.length < EVERYBODY) {
  print('\nTo compare with the others: npm install --prefix bench/webhook/competitors');
}
