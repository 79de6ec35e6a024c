import { run } from './run.js';
import { drawSchedule } from './schedule.js';
import { shrink } from './shrink.js';

/** `npm run simulate -- --schedules N --seed K [--trace]`: N schedules, beginning with seed K. */
function numberAfter(flag: string, fallback: number): number {
  const at = process.argv.indexOf(flag);
  if (at < 0) return fallback;
  const value = Number(process.argv[at + 1]);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(
    `${flag} needs a whole number\nusage: npm run simulate -- [--schedules N] [--seed K]\n`,
  );
  process.exit(2);
}

const schedules = numberAfter('--schedules', 2_000);
const first = numberAfter('--seed', 1);
const startedAt = performance.now();
let sent = 0;
let failures = 0;
for (let seed = first; seed < first + schedules; seed += 1) {
  const schedule = drawSchedule(seed);
  const result = await run(schedule);
  sent += result.sent;
  if (result.violations.length > 0) {
    failures += 1;
    const small = await shrink(schedule);
    const { actions, ...setting } = small.schedule;
    process.stdout.write(`\nseed ${seed} breaks a rule\n${small.result.violations.join('\n')}\n`);
    process.stdout.write(`setting ${JSON.stringify(setting)}, ${actions.length} actions\n`);
    process.stdout.write(`${small.result.trace.slice(-120).join('\n')}\n`);
    process.stdout.write(`replay: npm run simulate -- --schedules 1 --seed ${seed}\n`);
    if (failures >= 3) break;
  } else if ((seed - first + 1) % 500 === 0) {
    process.stdout.write(`${seed - first + 1} schedules, ${sent} messages\n`);
  }
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
process.stdout.write(
  `${schedules} schedules from seed ${first}, ${sent} messages, ${seconds} s, ${failures} broken\n`,
);
process.exitCode = failures > 0 ? 1 : 0;
