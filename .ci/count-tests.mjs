// Reads the JSON report of vitest. Prints "<passed> <failed>" to standard output, and each failed test with its first
// words to standard error. A test file without results that failed (it did not load, or a hook at its top threw)
// counts as one failure. Skipped tests count as neither, but those of the stores fail: here their servers have to be.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let failed = report.numFailedTests;
for (const file of report.testResults) {
  const named = file.assertionResults.filter((result) => result.status === 'failed');
  if (file.status === 'failed' && named.length === 0) {
    failed += 1;
    console.error(`not ok  ${file.name}: ${firstLines(file.message)}`);
  }
  for (const test of file.assertionResults.filter(isSkippedStoreTest(file.name))) {
    failed += 1;
    console.error(`not ok  ${file.name} > ${test.fullName}: was skipped`);
  }
  for (const test of named) {
    console.error(`not ok  ${file.name} > ${test.fullName}: ${firstLines(test.failureMessages[0])}`);
  }
}
console.log(`${report.numPassedTests} ${failed}`);

function isSkippedStoreTest(file) {
  return ({ status }) => /[\\/]test[\\/]stores[\\/]/.test(file) && ['skipped', 'pending'].includes(status);
}

function firstLines(text = 'no message') {
  return text.split('\n').slice(0, 8).join('\n        ');
}
