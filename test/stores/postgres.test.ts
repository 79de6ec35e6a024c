import { afterAll, beforeAll } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { describeWithEngine } from '../support/servers/engines.js';
import { PostgresServer } from '../support/servers/postgres-server.js';
import { openPostgresDriver } from './kit/drivers.js';
import { describeDriver } from './suite/driver-suite.js';
import { describeStore } from './suite/store-suite.js';

describeWithEngine('Postgres', 'Postgres', () => {
  let server: PostgresServer | undefined;
  let url = PostgresServer.givenUrl ?? '';
  let agents = 0;

  beforeAll(async () => {
    if (url !== '') return;
    server = await PostgresServer.start();
    url = server.url();
  });
  afterAll(() => server?.remove());

  /** A store that no other test has. */
  const agent = () => {
    agents += 1;
    return `agent ${agents} of ${process.pid} at ${Date.now()}`;
  };

  describeDriver('Postgres', true, async () => {
    const name = agent();
    return { open: () => openPostgresDriver(url, name) };
  });

  describeStore('Postgres', { isDurable: true, isShared: true }, async () => {
    const name = agent();
    return { open: (options = {}) => postgresStore({ connectionString: url, agent: name, ...options }) };
  });
});
