// `npm run replicas-chaos`: three replicas on a real store, while everything is killed, stopped and restarted.
import { parseArgs } from 'node:util';
import { Chaos } from './chaos.js';

const USAGE =
  'usage: npm run replicas-chaos -- [--store postgres|redis] [--push all|one] [--seconds N] [--seed N]';

try {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'postgres' },
      push: { type: 'string', default: 'all' },
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { store: engine, push: pushTo } = values;
  if (engine !== 'postgres' && engine !== 'redis')
    throw new Error(`There is no store called ${engine} here.`);
  if (pushTo !== 'all' && pushTo !== 'one') throw new Error('--push takes all or one.');
  const [seconds, seed] = [values.seconds, values.seed].map(Number);
  if (!Number.isInteger(seconds) || !Number.isInteger(seed))
    throw new Error('--seconds and --seed take whole numbers.');
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  const result = await Chaos.run({ engine, pushTo, seconds: seconds ?? 60, seed: seed ?? 1, say });
  const { violations, takeOversMs, reports, ...counts } = result;
  for (const [name, count] of Object.entries(counts)) say(`  ${name.padEnd(16)} ${count}`);
  say(`  take-overs, ms   ${takeOversMs.toSorted((a, b) => a - b).join(' ')}`);
  // What came before a broken promise is what explains it.
  if (violations.length > 0) for (const line of reports) say(line);
  for (const violation of violations) say(`BROKEN  ${violation}`);
  say(
    violations.length === 0
      ? 'Every promise was kept.'
      : `${violations.length} violations with seed ${seed}.`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 2;
}
