import { describe, expect, it } from 'vitest';
import { PgBouncer } from './pgbouncer.js';
import { STORE_SERVERS } from './store-servers.js';

const ENGINES = {
  Postgres: STORE_SERVERS.postgres,
  Redis: STORE_SERVERS.redis,
  PgBouncer: {
    isAvailable: () => PgBouncer.isAvailable,
    givenUrl: undefined,
    variable: undefined,
    install: 'apt-get install -y postgresql pgbouncer',
  },
} as const;

export type Engine = keyof typeof ENGINES;

/**
 * Tests that need a server of their own, to stop, cut and fill. Where its binaries are missing they are skipped, which is said; with
 * `CI` set they fail instead.
 */
export function describeWithServer(engine: Engine, name: string, tests: () => void): void {
  describeIf(ENGINES[engine].isAvailable(), engine, name, tests);
}

/** Tests that a server which is shared can run as well. */
export function describeWithEngine(engine: Engine, name: string, tests: () => void): void {
  const { isAvailable, givenUrl } = ENGINES[engine];
  describeIf(givenUrl !== undefined || isAvailable(), engine, name, tests);
}

function describeIf(isThere: boolean, engine: Engine, name: string, tests: () => void): void {
  if (isThere) {
    describe(name, tests);
    return;
  }
  const { install, variable } = ENGINES[engine];
  const shared =
    variable === undefined ? '' : ` (or set ${variable}, which runs the tests that can share a server)`;
  const remedy = install + shared;
  if (process.env.CI === 'true') {
    it(`${name} needs a ${engine}`, () => expect.fail(`There is no ${engine} here. Install it: ${remedy}`));
    return;
  }
  console.warn(`\nSKIPPED: ${name}: there is no ${engine} here. To run these tests: ${remedy}\n`);
  describe.skip(`${name} (skipped: there is no ${engine} here; ${install})`, tests);
}
