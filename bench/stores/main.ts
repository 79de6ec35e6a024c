import { passes, print, verdictLine } from '../realtime/report.js';
import { claims } from './claims.js';
import { inbound } from './inbound.js';

/**
 * `npm run bench:stores`: what a store costs, engine by engine beside memory, in one run. Only the ratios mean anything on another
 * machine. Measure some of it only: `npm run bench:stores -- claims`. With `--check`, a missed target makes it fail.
 */
const MEASUREMENTS = [inbound, claims];

const wanted = process.argv.slice(2).filter((argument) => argument !== '--check');
const unknown = wanted.filter((name) => !MEASUREMENTS.some((measurement) => measurement.name === name));
if (unknown.length > 0) {
  print(
    `There is no measurement called ${unknown.join(', ')}. There are: inbound, claims; --check fails on a miss.`,
  );
  process.exit(2);
}

let missed = 0;
for (const measurement of MEASUREMENTS) {
  if (wanted.length > 0 && !wanted.includes(measurement.name)) continue;
  for (const verdict of await measurement.run()) {
    print(`  ${verdictLine(verdict)}`);
    if (!passes(verdict)) missed += 1;
  }
  print();
}
print(missed === 0 ? 'All targets met.' : `${missed} targets missed.`);
process.exit(missed > 0 && process.argv.includes('--check') ? 1 : 0);
