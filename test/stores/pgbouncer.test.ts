import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { describeWithServer } from '../support/servers/engines.js';
import { PgBouncer } from '../support/servers/pgbouncer.js';
import { until } from '../support/servers/server-process.js';
import { describeStore } from './suite/store-suite.js';

describeWithServer('PgBouncer', 'Postgres behind PgBouncer in transaction mode', () => {
  let bouncer: PgBouncer;
  let agents = 0;

  beforeAll(async () => {
    bouncer = await PgBouncer.start();
  });
  afterAll(() => bouncer?.remove());

  const open = (agent: string) =>
    postgresStore({
      connectionString: bouncer.url(),
      listen: { connectionString: bouncer.directUrl() },
      agent,
    });

  describeStore('through PgBouncer', { isDurable: true, isShared: true }, async () => {
    agents += 1;
    const agent = `agent-${agents}`;
    return {
      open: (options = {}) =>
        postgresStore({
          connectionString: bouncer.url(),
          listen: { connectionString: bouncer.directUrl() },
          agent,
          ...options,
        }),
    };
  });

  it('REP-1, REP-4: replicas divide the partitions, and hear of each other past it', async () => {
    const names = ['one', 'two'] as const;
    const heard: string[] = [];
    const stores = await Promise.all(names.map(() => open('fleet')));
    const replicas = stores.map((store, n) =>
      store.replicas({ name: String(names[n]), leaseMs: 2_000, partitions: 8 }),
    );
    for (const [n, replica] of replicas.entries()) {
      await replica.start({
        taken: () => {},
        leaving: async () => {},
        lost: () => {},
        trouble: () => {},
        heard: (conversation, seq) => heard.push(`${names[n]}: ${conversation} ${seq}`),
      });
    }
    const held = () => replicas.map(({ insight }) => insight.held.map(({ partition }) => partition));
    await until(async () => {
      const [first = [], second = []] = held();
      expect([...first, ...second].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      expect(Math.min(first.length, second.length)).toBeGreaterThan(0);
    });
    const conversation = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find((id) => replicas[1]?.owns(id)) ?? '';
    await until(async () => {
      replicas[0]?.tell(conversation, 7);
      await expect.poll(() => heard, { timeout: 1_000 }).toContain(`two: ${conversation} 7`);
    });
    for (const replica of replicas) await replica.stop();
    for (const store of stores) await store.close();
  });
});
