import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { portionsOf, work } from '../crew.js';
import { numberAfter } from '../flags.js';
import { MUTATIONS } from './list.js';
import { bundleMutant } from './mutant.js';
import type { Mutation } from './mutation.js';

/**
 * `npm run simulate:mutations -- --schedules N --seed K`: drops one rule of the client at a time, and runs schedules until
 * an invariant objects. Fails when a mutation survives them all, or when the client without one does not.
 */
const USAGE = 'usage: npm run simulate:mutations -- [--schedules N] [--seed K] [--jobs J] [--only TEXT]';
/** Small ones: most mutations are caught within a few schedules. */
const PORTION = 10;

const schedules = numberAfter('--schedules', 3_000, USAGE);
const first = numberAfter('--seed', 1, USAGE);
const jobs = Math.max(1, numberAfter('--jobs', availableParallelism(), USAGE));
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt < 0 ? '' : (process.argv[onlyAt + 1] ?? '');

/** What became of a mutation: the first objection, null when there was none, and how many schedules it took. */
interface Verdict {
  readonly mutation: Mutation | null;
  readonly objection: string | null;
  readonly after: number;
}

const place = mkdtempSync(join(tmpdir(), 'agentchat-mutations-'));
process.on('exit', () => rmSync(place, { recursive: true, force: true }));

async function judge(mutation: Mutation | null, name: string): Promise<Verdict> {
  const file = join(place, `${name}.cjs`);
  await bundleMutant(mutation, file);
  let objection: string | null = null;
  let after = 0;
  await work(file, 1, portionsOf(mutation?.world ?? 'bot', first, schedules, PORTION, false), (outcome) => {
    if (outcome.kind === 'stuck') objection = `END: ${outcome.why}`;
    else {
      after += outcome.result.schedules;
      objection = outcome.result.broken?.objection ?? null;
    }
    return objection === null ? 'go on' : 'stop';
  });
  return { mutation, objection, after };
}

const chosen = MUTATIONS.filter(({ name, rule }) => `${rule} ${name}`.includes(only));
// The source as it is comes first: an objection to that would explain all others.
const queue: (Mutation | null)[] = [null, ...chosen];
const wrong: string[] = [];
process.stdout.write('| rule | dropped | what objects | schedules |\n|---|---|---|---|\n');

function tell({ mutation, objection, after }: Verdict): void {
  const name = mutation?.name ?? 'nothing';
  if ((mutation === null) !== (objection === null)) wrong.push(name);
  const caught = objection?.replace(/ \(at \d+ ms\)$/, '').replaceAll('|', '/');
  process.stdout.write(`| ${mutation?.rule ?? '-'} | ${name} | ${caught ?? '**nothing**'} | ${after} |\n`);
}

await Promise.all(
  Array.from({ length: jobs }, async (_, job) => {
    for (let n = 0; queue.length > 0; n += 1) tell(await judge(queue.shift() ?? null, `${job}-${n}`));
  }),
);
for (const name of wrong) process.stdout.write(`\nNot as it should be: ${name}\n`);
process.stdout.write(`\n${chosen.length} mutations, ${wrong.length} not as they should be\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
