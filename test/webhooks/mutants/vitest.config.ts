import { defineConfig } from 'vitest/config';

/** The tests of the verifier alone, and no more mutations of requests than are needed to notice one of the code. */
export default defineConfig({
  test: {
    include: ['test/webhooks/verify/**/*.test.ts'],
    env: { WEBHOOK_MUTATIONS: '5000', WEBHOOK_SEED: '1' },
    testTimeout: 20_000,
    restoreMocks: true,
  },
});
