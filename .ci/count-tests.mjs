// Prints "<passed> <failed>" from the JSON report of vitest. A test file without results that failed (it did not load,
// or a hook at its top threw) counts as one failure. Skipped tests count as neither.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let failed = report.numFailedTests;
for (const file of report.testResults) {
  const named = file.assertionResults.some((result) => result.status === 'failed');
  if (file.status === 'failed' && !named) failed += 1;
}
console.log(`${report.numPassedTests} ${failed}`);
