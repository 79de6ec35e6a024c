import { acks } from './acks.js';
import { asyncAcks } from './async-acks.js';
import { clients } from './clients.js';
import { cold, coldAcks } from './cold.js';
import { coldDrain, drain } from './drain.js';
import { gap } from './gap.js';
import { idle } from './idle.js';
import { inOrder } from './in-order.js';
import { manyGaps } from './many-gaps.js';
import { passes, print, type Verdict, verdictLine } from './report.js';

/**
 * `npm run bench:realtime`: what the realtime client costs, beside a loop that guarantees nothing and beside the official
 * client, in one run. Only the ratios mean anything on another machine. Measure some of it only:
 * `npm run bench:realtime -- in-order gap`. With `--check`, a missed target makes it fail.
 */
const MEASUREMENTS = [
  inOrder,
  cold,
  acks,
  coldAcks,
  asyncAcks,
  drain,
  coldDrain,
  idle,
  clients,
  gap,
  manyGaps,
];

const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
const unknown = wanted.filter((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
if (unknown.length > 0) {
  const names = MEASUREMENTS.map(({ name }) => name).join(', ');
  print(
    `There is no measurement called ${unknown.join(', ')}. There are: ${names}; --check fails on a miss.`,
  );
  process.exit(2);
}

const verdicts: Verdict[] = [];
for (const measurement of MEASUREMENTS) {
  if (wanted.length > 0 && !wanted.includes(measurement.name)) continue;
  const found = await measurement.run();
  for (const verdict of found) print(`  ${verdictLine(verdict)}`);
  print();
  verdicts.push(...found);
}
const missed = verdicts.filter((verdict) => !passes(verdict));
print(
  missed.length === 0
    ? `All ${verdicts.length} targets met.`
    : `${missed.length} of ${verdicts.length} targets missed.`,
);
process.exit(missed.length > 0 && process.argv.includes('--check') ? 1 : 0);
