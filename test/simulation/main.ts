import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { portionsOf, work } from './crew.js';
import { numberAfter } from './flags.js';

/**
 * `npm run simulate -- --schedules N --seed K --jobs J`: N schedules, beginning with seed K, in J processes. With `--replicas`
 * several replicas share a store.
 */
const USAGE = 'usage: npm run simulate -- [--replicas] [--schedules N] [--seed K] [--jobs J]';
const PORTION = 25;
/** More of the same would tell nobody anything. */
const BROKEN_AT_MOST = 3;
const PROGRESS_EVERY = 1_000;

const world = process.argv.includes('--replicas') ? 'replicas' : 'bot';
const schedules = numberAfter('--schedules', 2_000, USAGE);
const first = numberAfter('--seed', 1, USAGE);
const jobs = Math.max(
  1,
  numberAfter('--jobs', Math.min(availableParallelism(), Math.ceil(schedules / 200)), USAGE),
);
const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(1);
const say = (line: string) => process.stdout.write(`${line}\n`);

let done = 0;
let messages = 0;
let broken = 0;
const worker = fileURLToPath(new URL('./worker.ts', import.meta.url));
await work(worker, jobs, portionsOf(world, first, schedules, PORTION, true), (outcome) => {
  if (outcome.kind === 'stuck') {
    const { first: from, count } = outcome.portion;
    say(`\nseeds ${from} to ${from + count - 1}: ${outcome.why}`);
    broken += 1;
    return 'stop';
  }
  const { result } = outcome;
  const before = done;
  done += result.schedules;
  messages += result.messages;
  if (result.broken !== null) {
    broken += 1;
    say(`\n${result.broken.report}`);
    return broken >= BROKEN_AT_MOST ? 'stop' : 'go on';
  }
  if (Math.floor(before / PROGRESS_EVERY) < Math.floor(done / PROGRESS_EVERY)) {
    say(`${done} of ${schedules} schedules, ${messages} messages, ${seconds()} s`);
  }
  return 'go on';
});
say(`${done} schedules from seed ${first}, ${messages} messages, ${seconds()} s, ${broken} broken`);
process.exitCode = broken > 0 ? 1 : 0;
