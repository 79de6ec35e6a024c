import { Child } from '../realtime/child.js';
import { median, medianRatio, passes, print, shown, type Verdict, verdictLine } from '../realtime/report.js';
import { CONTENDERS } from './contenders.js';

/**
 * `npm run bench:send`: what sending a message costs, beside a bare `fetch` and a bare `undici.request` of the same bytes
 * and beside the official client, each in a process of its own, in rounds in which all have their turn. The ratios are of
 * processor time: only they mean anything on another machine.
 *
 * `-- --rounds 30` for more rounds; `--check` makes it fail when a target is missed.
 */
const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 15 : Number(process.argv[at + 1]);
const REHEARSALS = 3;
const COUNT = 600;
const CONCURRENCIES = [1, 16, 64];

interface Taken {
  readonly cpuUs: number;
  readonly wallUs: number;
}

const here = (file: string) => new URL(file, import.meta.url).href;

async function measured(
  senders: ReadonlyMap<string, Child>,
  concurrency: number,
): Promise<Map<string, Taken[]>> {
  const taken = new Map<string, Taken[]>(CONTENDERS.map(({ name }) => [name, []]));
  for (let round = 0; round < REHEARSALS + ROUNDS; round += 1) {
    // There and back: nobody always runs first.
    const order = round % 2 === 0 ? [...senders] : [...senders].reverse();
    for (const [name, sender] of order) {
      const result = await sender.ask<Taken>('send', { count: COUNT, concurrency });
      if (round >= REHEARSALS) taken.get(name)?.push(result);
    }
  }
  return taken;
}

const verdicts: Verdict[] = [];
const server = await Child.start(here('./server.mjs'), '');
const senders = new Map<string, Child>();
try {
  for (const { name } of CONTENDERS) {
    const argument = JSON.stringify({ name, port: server.hello.port });
    senders.set(name, await Child.start(here('./sender.mjs'), argument));
  }
  for (const concurrency of CONCURRENCIES) {
    print(`${concurrency} at a time, ${ROUNDS} rounds of ${COUNT}; medians, and of processor time the ratio`);
    const taken = await measured(senders, concurrency);
    const cpu = (name: string) => (taken.get(name) ?? []).map(({ cpuUs }) => cpuUs);
    for (const { name, title, against } of CONTENDERS) {
      const perSecond = 1e6 / median((taken.get(name) ?? []).map(({ wallUs }) => wallUs));
      const ratio = against === undefined ? undefined : medianRatio(cpu(against.name), cpu(name));
      const cells = [
        `${Math.round(perSecond).toLocaleString('en').padStart(7)} sends/s`,
        `${median(cpu(name)).toFixed(0).padStart(5)} us of CPU`,
        ...(against === undefined || ratio === undefined ? [] : [`${shown(ratio)} of bare ${against.name}`]),
      ];
      print(`  ${title.padEnd(26)} ${cells.join('   ')}`);
      if (against?.atLeast === undefined || ratio === undefined) continue;
      const what = `of bare ${against.name}, ${concurrency} at a time`;
      verdicts.push({ what, value: ratio, target: { atLeast: against.atLeast } });
    }
    print();
  }
} finally {
  for (const child of [...senders.values(), server]) child.stop();
}
for (const verdict of verdicts) print(verdictLine(verdict));
process.exit(process.argv.includes('--check') && !verdicts.every(passes) ? 1 : 0);
