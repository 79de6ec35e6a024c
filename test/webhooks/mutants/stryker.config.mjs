// `npm run mutate:webhooks`: changes the verifier in every way that Stryker knows, and sees whether a test notices.
// What survives is argued away, one by one, in docs/webhooks-mutants.md; anything else that survives is a missing test.
const verifier = [
  'body',
  'event',
  'node-hmac',
  'request',
  'secrets',
  'sign',
  'signature',
  'verify',
  'verify-edge',
  'web-hmac',
];

export default {
  mutate: verifier.map((file) => `src/webhooks/${file}.ts`),
  testRunner: 'vitest',
  // Named, because a lookup of all plug-ins that are installed takes as long as ten mutants.
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'test/webhooks/mutants/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  ignorePatterns: ['dist', 'coverage', 'reports', 'bench', 'demo', 'docs', 'examples'],
  concurrency: 2,
  timeoutMS: 60_000,
  reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'reports/webhooks-mutants.html' },
  jsonReporter: { fileName: 'reports/webhooks-mutants.json' },
  allowEmpty: false,
};
