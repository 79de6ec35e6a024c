import { loadavg } from 'node:os';
import { Child } from '../realtime/child.js';
import { median, medianRatio, passes, print, shown, type Verdict, verdictLine } from '../realtime/report.js';

/**
 * `npm run bench:bot`: what a turn of the bot kit costs in processor time, beside a bare handler of `RealtimeClient` that answers with
 * `replyId`. Both keep what they remember in memory, in a process of its own; the service, and those who write, are in another. They
 * take turns, so that whatever else the machine does hits both alike. Only the ratio means anything on another machine.
 *
 * `-- --rounds 20` for more rounds; `--check` makes it fail when the target is missed; `--profile` writes a profile of each into the
 * folder where it was started.
 */
const CONTENDERS = [
  { name: 'bare', title: 'bare handler with replyId' },
  { name: 'bot', title: 'createBot, guard off' },
  { name: 'guarded', title: 'createBot' },
] as const;
type Name = (typeof CONTENDERS)[number]['name'];

/** So few for each peer that the guard has nothing to say. */
const LOAD = { peers: 200, each: 5 };
const at = process.argv.indexOf('--rounds');
const ROUNDS = at < 0 ? 9 : Number(process.argv[at + 1]);
const REHEARSALS = 2;

interface Taken {
  readonly cpuMs: number;
  readonly wallMs: number;
}

const here = (file: string) => new URL(file, import.meta.url).href;
const flags = (name: string) =>
  process.argv.includes('--profile') ? ['--cpu-prof', `--cpu-prof-name=bench-bot-${name}.cpuprofile`] : [];

const service = await Child.start(here('./service.mjs'), '');
const bots = new Map<Name, Child>();
const taken = new Map<Name, number[]>(CONTENDERS.map(({ name }) => [name, []]));
const turns = LOAD.peers * LOAD.each;
try {
  for (const { name } of CONTENDERS) {
    const account = await service.ask<object>('agent', { handle: name });
    bots.set(name, await Child.start(here('./bot.mjs'), JSON.stringify({ name, ...account }), flags(name)));
  }
  for (let round = 0; round < REHEARSALS + ROUNDS; round += 1) {
    // There and back: nobody always runs first.
    const order = round % 2 === 0 ? [...bots] : [...bots].reverse();
    for (const [name, bot] of order) {
      const done = bot.ask<Taken>('answer', { count: turns });
      await service.ask('write', { to: name, round, ...LOAD });
      const { cpuMs } = await done;
      if (round >= REHEARSALS) taken.get(name)?.push((cpuMs * 1_000) / turns);
    }
  }
  await Promise.all([...bots.values()].map((bot) => bot.ask('stop', {})));
} finally {
  for (const child of [...bots.values(), service]) child.stop();
}

const of = (name: Name) => taken.get(name) ?? [];
const verdicts: Verdict[] = [];
const busy = loadavg().map((load) => load.toFixed(1));
print(
  `${ROUNDS} rounds of ${turns} turns; load of the machine ${busy.join(', ')}; medians of processor time`,
);
for (const { name, title } of CONTENDERS) {
  const ratio = medianRatio(of(name), of('bare'));
  print(
    `  ${title.padEnd(26)} ${median(of(name)).toFixed(0).padStart(5)} us a turn   ${shown(ratio)} of bare`,
  );
  if (name === 'bare') continue;
  verdicts.push({ what: `of a bare handler: ${title}`, value: ratio, target: { atMost: 1.5 } });
}
for (const verdict of verdicts) print(verdictLine(verdict));
process.exit(process.argv.includes('--check') && !verdicts.every(passes) ? 1 : 0);
