import { spawnSync } from 'node:child_process';
import { passes, print, type Verdict, verdictLine } from '../realtime/report.js';
import { Bundles } from './bundles.js';
import { Imports } from './imports.js';

/**
 * `npm run bench:weight`: what this package costs beside the official one, a bare `fetch` and a raw `ws`: to import, to
 * bundle, to run. docs/weight.md says what each number means. The measurements that need a server are those of
 * `bench:realtime` and `bench:send`.
 *
 * `-- import bundle` for some of the measurements; `--rounds 41` for more rounds of imports; `--check` makes it fail when a
 * target is missed.
 */
const ELSEWHERE: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'realtime',
    [
      'bench/realtime/main.ts',
      'many-gaps',
      'drain',
      'cold-drain',
      'clients',
      'in-order',
      'cold',
      'acks',
      'cold-acks',
      'async-acks',
    ],
  ],
  ['send', ['bench/send/main.ts']],
]);

const args = process.argv.slice(2);
const at = args.indexOf('--rounds');
const rounds = at < 0 ? 21 : Number(args[at + 1]);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1 on');
const chosen = args.filter((arg, index) => !arg.startsWith('--') && (at < 0 || index !== at + 1));
const here = [new Imports(rounds), new Bundles()];
const names = [...here.map(({ name }) => name), ...ELSEWHERE.keys()];
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`There is no "${unknown}": choose among ${names.join(', ')}`);
const wanted = (name: string) => chosen.length === 0 || chosen.includes(name);

const verdicts: Verdict[] = [];
for (const measurement of here.filter(({ name }) => wanted(name))) {
  verdicts.push(...(await measurement.run()));
  print();
}
for (const verdict of verdicts) print(verdictLine(verdict));

const check = args.includes('--check');
let failed = check && !verdicts.every(passes);
for (const [name, command] of ELSEWHERE) {
  if (!wanted(name)) continue;
  print();
  const { status } = spawnSync('npx', ['tsx', ...command, ...(check ? ['--check'] : [])], {
    stdio: 'inherit',
  });
  if (status !== 0) failed = true;
}
process.exit(failed ? 1 : 0);
