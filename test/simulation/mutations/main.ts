import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, portionsOf, work } from '../crew.js';
import { numberAfter } from '../flags.js';
import { MUTATIONS } from './list.js';
import { type Mutation, mutate } from './mutation.js';

/**
 * `npm run simulate:mutations -- --schedules N --seed K`: drops one rule at a time from a copy of the source, and runs
 * schedules until an invariant objects. A mutation that nobody objects to has survived: the exit code is 1.
 */
const USAGE = 'usage: npm run simulate:mutations -- [--schedules N] [--seed K] [--jobs J]';
const root = fileURLToPath(new URL('../../..', import.meta.url));
const schedules = numberAfter('--schedules', 3_000, USAGE);
const first = numberAfter('--seed', 1, USAGE);
const jobs = Math.max(1, numberAfter('--jobs', availableParallelism(), USAGE));
/** Small ones first: most mutations are caught within a few schedules. */
const PORTION = 10;

/** What became of a mutation: the first objection and how many schedules it took; null when there was none. */
interface Verdict {
  readonly mutation: Mutation | null;
  readonly objection: string | null;
  readonly after: number;
}

const place = mkdtempSync(join(tmpdir(), 'agentchat-mutations-'));
process.on('exit', () => rmSync(place, { recursive: true, force: true }));

/** A copy of everything that the simulation runs, with one rule dropped; or with none. */
function copyWith(mutation: Mutation | null, name: string): string {
  const copy = join(place, name);
  mkdirSync(join(copy, 'test'), { recursive: true });
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
  for (const folder of ['simulation', 'support']) {
    cpSync(join(root, 'test', folder), join(copy, 'test', folder), { recursive: true });
  }
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  if (mutation !== null) {
    const path = join(copy, 'src', 'realtime', mutation.file);
    writeFileSync(path, mutate(readFileSync(path, 'utf8'), mutation));
  }
  return copy;
}

async function judge(mutation: Mutation | null, name: string): Promise<Verdict> {
  const copy = copyWith(mutation, name);
  let objection: string | null = null;
  let after = 0;
  const onOutcome = (outcome: Outcome) => {
    if (outcome.kind === 'stuck') objection = outcome.why;
    else {
      after += outcome.result.schedules;
      objection = outcome.result.broken?.objection ?? null;
    }
    return objection === null ? 'go on' : 'stop';
  };
  await work(
    join(copy, 'test', 'simulation', 'worker.ts'),
    1,
    portionsOf(first, schedules, PORTION, false),
    onOutcome,
  );
  rmSync(copy, { recursive: true, force: true });
  return { mutation, objection, after };
}

// The source as it is comes first: an objection to that would explain all others.
const queue: (Mutation | null)[] = [null, ...MUTATIONS];
let wrong = 0;
process.stdout.write('| rule | dropped | caught by | schedules |\n|---|---|---|---|\n');

function tell({ mutation, objection, after }: Verdict): void {
  const isRight = (mutation === null) === (objection === null);
  if (!isRight) wrong += 1;
  const caught = objection ?? (mutation === null ? 'nothing, as it should be' : '**nothing: it survived**');
  process.stdout.write(
    `| ${mutation?.rule ?? '-'} | ${mutation?.name ?? 'nothing'} | ${caught.replaceAll('|', '/')} | ${after} |\n`,
  );
}

await Promise.all(
  Array.from({ length: jobs }, async (_, job) => {
    for (let n = 0; queue.length > 0; n += 1) {
      const mutation = queue.shift() ?? null;
      tell(await judge(mutation, `${job}-${n}`));
    }
  }),
);
process.stdout.write(`${MUTATIONS.length} mutations, ${wrong} not as they should be\n`);
process.exitCode = wrong === 0 ? 0 : 1;
