import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { type BotStore, type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres/index.js';
import { describeWithServer } from '../support/servers/engines.js';
import { PostgresServer } from '../support/servers/postgres-server.js';
import { freePort } from '../support/servers/server-process.js';
import { openPostgresDriver } from './kit/drivers.js';
import { errorOf, shown } from './kit/shown.js';
import { SteppingClock } from './kit/stepping-clock.js';

const SECRET = 'p@ss/w%rd:5ecret';

describeWithServer('Postgres', 'Postgres: a store whose server', () => {
  let server: PostgresServer;
  let agents = 0;

  beforeAll(async () => {
    server = await PostgresServer.start({
      password: SECRET,
      settings: ['max_connections=30', 'deadlock_timeout=100ms'],
    });
  });
  afterAll(() => server?.remove());

  /** A store of an agent that no other test has; closed after the test. */
  async function open(options: Partial<PostgresStoreOptions> = {}): Promise<BotStore> {
    agents += 1;
    const address = options.pool === undefined ? { connectionString: server.url() } : {};
    const store = await postgresStore({ agent: `agent ${agents}`, ...address, ...options });
    onTestFinished(() => store.close());
    return store;
  }

  /** A session of somebody else; ended after the test. */
  async function session(): Promise<Client> {
    const client = new Client({ connectionString: server.url() });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  /** How often Postgres has undone a statement because two waited for each other. */
  const deadlocks = () => server.log.split('deadlock detected').length - 1;

  function pool(options: ConstructorParameters<typeof Pool>[0] = {}): Pool {
    const made = new Pool({ connectionString: server.url(), ...options });
    onTestFinished(() => made.end());
    return made;
  }

  it('is down says so when it is opened, in time, and without the password', async () => {
    const nobody = `postgres://bot:${encodeURIComponent(SECRET)}@127.0.0.1:${await freePort()}/db`;
    const error = await errorOf(postgresStore({ connectionString: nobody, agent: 'a' }));
    expect(error).toMatchObject({ fault: 'unreachable', code: 'STORE_FAILED', retryable: true });
    expect(error.message).toContain('Check that its server runs');
    expect(shown(error)).not.toContain(SECRET);
  });

  it('accepts connections and says nothing is given up in time', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const began = performance.now();
    const error = await errorOf(
      postgresStore({ connectionString: `postgres://bot@127.0.0.1:${port}/db`, agent: 'a' }),
    );
    expect(error.fault).toBe('unreachable');
    expect(performance.now() - began).toBeLessThan(9_000);
  });

  it('refuses the password says so, and shows it nowhere', async () => {
    const connectionString = server.url({ password: `${SECRET}, but wrong` });
    const error = await errorOf(postgresStore({ connectionString, agent: 'a' }));
    expect(error).toMatchObject({ fault: 'refused', retryable: false });
    expect(error.message).toContain('does not accept this user and password');
    expect(shown(error)).not.toContain(SECRET);
    expect(shown(error)).not.toContain(encodeURIComponent(SECRET));
  });

  it('is told in an address that cannot be read shows no password either', async () => {
    const address = `postgres://bot:${SECRET}@[nowhere/db`;
    const error = await errorOf(postgresStore({ connectionString: address, agent: 'a' }));
    expect(shown(error)).not.toContain(SECRET);
    expect(shown(error)).not.toContain('5ecret');
  });

  it('lets it in is not shown with its password', async () => {
    const store = await open();
    expect(shown(store)).not.toContain(SECRET);
    expect(shown(store)).not.toContain(encodeURIComponent(SECRET));
  });

  it('lacks the database says so', async () => {
    const error = await errorOf(
      postgresStore({ connectionString: server.url({ database: 'nowhere' }), agent: 'a' }),
    );
    expect(error).toMatchObject({ fault: 'refused' });
    expect(error.message).toContain('The database does not exist');
  });

  it('lacks the permission to make a schema says so', async () => {
    await server.sql("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    const connectionString = server.url({ user: 'guest', password: 'guest' });
    const error = await errorOf(postgresStore({ connectionString, agent: 'a', schema: 'theirs' }));
    expect(error).toMatchObject({ fault: 'refused' });
    expect(error.message).toContain('lacks a permission');
    await server.sql('CREATE SCHEMA theirs AUTHORIZATION guest');
    const store = await open({ connectionString, schema: 'theirs' });
    await store.values.set('k', 1);
  });

  it('keeps texts in another encoding is refused at once', async () => {
    await server.sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    const connectionString = server.url({ database: 'latin' });
    const error = await errorOf(postgresStore({ connectionString, agent: 'a' }));
    expect(error).toMatchObject({ fault: 'refused' });
    expect(error.message).toContain("ENCODING 'UTF8'; this one has version");
  });

  it('was written by a newer version of this package is left alone', async () => {
    const store = await open({ agent: 'from the future' });
    await store.close();
    await server.sql("UPDATE agentchat.entries SET value = '2' WHERE agent = 'from the future'");
    const opening = postgresStore({ connectionString: server.url(), agent: 'from the future' });
    const error = await errorOf(opening);
    expect(error).toMatchObject({ fault: 'newer', retryable: false });
    expect(error.message).toContain('Update this package');
  });

  it.each(['SIGINT', 'SIGKILL'] as const)('is restarted (%s) is used again by itself', async (signal) => {
    const store = await open();
    await store.values.set('before', 1);
    await server.stop(signal);
    const down = await errorOf(store.values.set('k', 1));
    expect(down).toMatchObject({ fault: 'unreachable', retryable: true });
    expect(await errorOf(store.cursors.load('c'))).toMatchObject({ fault: 'unreachable' });
    await server.run();
    await store.values.set('after', 2);
    expect((await store.values.get('before'))?.value).toBe(1);
    expect((await store.values.get('after'))?.value).toBe(2);
  });

  it('cuts a connection in a write makes all of it or nothing, and says that it is not known', async () => {
    const store = await open();
    await store.values.set('held', 'old');
    const other = await session();
    await other.query('BEGIN');
    await other.query("SELECT 1 FROM agentchat.entries WHERE key = 'v/held' FOR UPDATE");
    const writing = errorOf(store.values.set('held', 'new'));
    await vi.waitFor(async () => {
      const ended = await other.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%write_1%' AND wait_event_type = 'Lock'",
      );
      expect(ended.rowCount).toBe(1);
    });
    expect(await writing).toMatchObject({ fault: 'unreachable', outcome: 'unknown' });
    await other.query('ROLLBACK');
    expect((await store.values.get('held'))?.value).toBe('old');
    await store.values.set('held', 'newer');
  });

  it('cuts connections that nobody uses ends no process, ours or the user’s pool', async () => {
    const theirs = pool({ application_name: 'theirs' });
    const stores = [await open(), await open({ pool: theirs })];
    const cut =
      "SELECT count(pg_terminate_backend(pid)) AS cut FROM pg_stat_activity WHERE application_name IN ('agentchat-client', 'theirs')";
    const [row] = await server.sql(cut);
    expect(Number(row?.cut)).toBeGreaterThanOrEqual(2);
    for (const store of stores) await vi.waitFor(() => store.values.set('k', 1));
  });

  it('kills a statement says that it was cancelled', async () => {
    const store = await open();
    await store.values.set('held', 'old');
    const other = await session();
    await other.query('BEGIN');
    await other.query("SELECT 1 FROM agentchat.entries WHERE key = 'v/held' FOR UPDATE");
    const writing = errorOf(store.values.set('held', 'new'));
    await vi.waitFor(async () => {
      const cancelled = await other.query(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%write_1%' AND wait_event_type = 'Lock'",
      );
      expect(cancelled.rowCount).toBe(1);
    });
    const error = await writing;
    expect(error).toMatchObject({ fault: 'timeout' });
    expect(error.message).toContain('The statement was cancelled');
    await other.query('ROLLBACK');
  });

  it('has a row locked by another session lets no write hang', async () => {
    const store = await open();
    await store.values.set('locked', 'old');
    const other = await session();
    await other.query('BEGIN');
    await other.query("SELECT 1 FROM agentchat.entries WHERE key = 'v/locked' FOR UPDATE");
    const began = performance.now();
    const error = await errorOf(store.values.set('locked', 'new'));
    expect(error).toMatchObject({ fault: 'timeout' });
    expect(error.message).toContain('Another session has locked');
    expect(performance.now() - began).toBeLessThan(4_800);
    await other.query('ROLLBACK');
    expect((await store.values.get('locked'))?.value).toBe('old');
    await store.values.set('locked', 'new');
  });

  it('has no connection left in the pool says which knob to turn, and does not write later', async () => {
    const small = pool({ max: 1 });
    const store = await open({ pool: small });
    const taken = await small.connect();
    const error = await errorOf(store.values.set('late', 1));
    expect(error).toMatchObject({ fault: 'timeout', outcome: 'not_sent' });
    expect(error.message).toContain('Raise `max` of the pool');
    taken.release();
    await store.values.set('next', 1);
    expect(await store.values.get('late')).toBeNull();
    expect(small.totalCount).toBe(1);
  });

  it('has no connection left at all says so', async () => {
    const others: Client[] = [];
    onTestFinished(async () => {
      await Promise.all(others.map((client) => client.end()));
    });
    const connectionString = server.url({ user: 'guest', password: 'guest' });
    let refused: unknown;
    while (refused === undefined) {
      const client = new Client({ connectionString });
      client.on('error', () => {});
      await client.connect().then(
        () => others.push(client),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    const error = await errorOf(postgresStore({ connectionString, agent: 'a', schema: 'theirs' }));
    expect(error).toMatchObject({ fault: 'unreachable' });
    expect(error.message).toContain('no connection left');
  });

  it('is a replica, or reads only, says so at the first write and reads on', async () => {
    const first = await open({ agent: 'on a replica' });
    await first.values.set('k', 1);
    const query = '?options=-c%20default_transaction_read_only%3Don';
    const store = await open({ agent: 'on a replica', connectionString: server.url({ query }) });
    expect((await store.values.get('k'))?.value).toBe(1);
    const error = await errorOf(store.values.set('k', 2));
    expect(error).toMatchObject({ fault: 'read_only', outcome: 'rejected' });
    expect(error.message).toContain('connect to the primary');
    const empty = postgresStore({ agent: 'nobody', connectionString: server.url({ query }) });
    expect(await errorOf(empty)).toMatchObject({ fault: 'read_only' });
  });

  it('loses its table says so, and begins with an empty one when it is opened again', async () => {
    const store = await open({ schema: 'dropped' });
    await store.values.set('k', 1);
    await server.sql('DROP TABLE dropped.entries');
    const { values } = store;
    for (const call of [() => values.get('k'), () => values.set('k', 1), () => values.list('')]) {
      const error = await errorOf(call());
      expect(error).toMatchObject({ fault: 'corrupt', retryable: false });
      expect(error.message).toContain('open the store again to begin with an empty one');
    }
    const again = await open({ schema: 'dropped' });
    expect(await again.values.get('k')).toBeNull();
    await again.values.set('k', 2);
  });

  it('holds what is no JSON says which entry', async () => {
    const store = await open({ agent: 'mangled' });
    await store.values.set('k', 1);
    await server.sql("UPDATE agentchat.entries SET value = '{' WHERE agent = 'mangled' AND key = 'v/k'");
    const error = await errorOf(store.values.get('k'));
    expect(error).toMatchObject({ fault: 'corrupt' });
    expect(error.message).toContain('The entry v/k is no JSON');
  });

  it('undoes a write because of a deadlock gets it once more', async () => {
    const before = deadlocks();
    const store = await open({ agent: 'deadlocked' });
    await store.cursors.save(
      ['a', 'b'].map((id) => ({ conversationId: id, expected: 1, floor: 1, missing: [], parked: [] })),
    );
    const other = await session();
    // This one is never the one that Postgres undoes.
    await other.query("SET deadlock_timeout = '1h'");
    await other.query('BEGIN');
    const lock = (key: string) =>
      other.query("SELECT 1 FROM agentchat.entries WHERE agent = 'deadlocked' AND key = $1 FOR UPDATE", [
        key,
      ]);
    await lock('c/b');
    const saving = store.cursors.save(
      ['a', 'b'].map((id) => ({ conversationId: id, expected: 2, floor: 1, missing: [], parked: [] })),
    );
    await vi.waitFor(async () => {
      const [row] = await server.sql(
        "SELECT count(*) AS waiting FROM pg_stat_activity WHERE query LIKE '%write_1%' AND wait_event_type = 'Lock'",
      );
      expect(Number(row?.waiting)).toBe(1);
    });
    await lock('c/a');
    await other.query('COMMIT');
    await saving;
    expect(await store.cursors.load('b')).toMatchObject({ expected: 2 });
    expect(deadlocks()).toBe(before + 1);
  });

  it('is written to by many at once, in every order of the keys, refuses nobody', async () => {
    const stores = [await open({ agent: 'crowd' }), await open({ agent: 'crowd' })];
    const ids = Array.from({ length: 12 }, (_, n) => `conv ${n}`);
    const before = deadlocks();
    const saves = Array.from({ length: 200 }, (_, n) => {
      const order = n % 2 === 0 ? ids : [...ids].reverse();
      const own = order.slice(n % 5, 8 + (n % 5));
      const cursors = own.map((conversationId) => ({
        conversationId,
        expected: n + 1,
        floor: 1,
        // Marks come and go, so that rows are made and deleted as well.
        missing: n % 3 === 0 ? [{ from: 1, to: 1 }] : [],
        parked: [],
      }));
      return (stores[n % 2] as BotStore).cursors.save(cursors);
    });
    await Promise.all(saves);
    expect(deadlocks()).toBe(before);
  });

  it('is reached through a pooler that gives each statement another connection works all the same', async () => {
    const connections = [await session(), await session(), await session()];
    let turn = 0;
    const statements: unknown[] = [];
    const pooler = {
      connect: async () => ({
        query: (statement: { text: string; values: unknown[] }) => {
          statements.push(statement);
          turn += 1;
          return (connections[turn % connections.length] as Client).query(statement);
        },
        release() {},
        on() {},
        removeListener() {},
      }),
      end: () => expect.fail('It is not ours to end.'),
      on() {},
      removeListener() {},
    };
    const store = await open({ pool: pooler });
    const claim = await store.claims.claim('k');
    if (claim.state !== 'claimed') throw new Error(claim.state);
    await store.claims.commit('k', claim.token);
    expect(await store.claims.claim('k')).toEqual({ state: 'done' });
    await store.values.update('n', (n) => Number(n) + 1);
    expect(await store.values.list('n')).toHaveLength(1);
    // Neither prepared statements nor settings stay behind on a connection.
    expect(statements.filter((statement) => 'name' in (statement as object))).toEqual([]);
    for (const client of connections) {
      expect((await client.query('SELECT * FROM pg_prepared_statements')).rows).toEqual([]);
      expect((await client.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
    }
  });

  it('is opened for the first time by several processes at once serves them all', async () => {
    const program = fileURLToPath(new URL('kit/open-postgres.ts', import.meta.url));
    const args = ['--import', 'tsx', program, server.url(), 'first_time'];
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      return child;
    });
    const say = (child: (typeof children)[number]) =>
      once(child.stdout, 'data').then(([text]) => String(text).trim());
    expect(await Promise.all(children.map(say))).toEqual(children.map(() => 'loaded'));
    const opened = children.map(say);
    const ended = children.map((child) => once(child, 'exit'));
    for (const child of children) child.stdin.write('go\n');
    expect(await Promise.all(opened)).toEqual(children.map(() => 'opened'));
    await Promise.all(ended);
    const store = await open({ agent: 'shared', schema: 'first_time' });
    expect((await store.values.get('sum'))?.value).toBe(children.length);
  });

  it('stands under a pool of the user’s leaves the pool as it was', async () => {
    const theirs = pool();
    const listeners = theirs.listenerCount('error');
    const store = await open({ pool: theirs });
    await store.values.set('k', 1);
    await store.close();
    expect(theirs.listenerCount('error')).toBe(listeners);
    expect((await theirs.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await errorOf(store.values.get('k'))).toMatchObject({ fault: 'closed' });
  });

  it('stalls for longer than a call may take: the call fails in time, and does not happen later', async () => {
    const single = pool({ max: 1 });
    const store = await open({ pool: single });
    await store.values.set('k', 'before');
    const { rows } = await single.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const pid = rows[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const began = performance.now();
    const error = await errorOf(store.values.set('k', 'during'));
    expect(error).toMatchObject({ fault: 'timeout', outcome: 'unknown' });
    expect(performance.now() - began).toBeLessThan(6_000);
    process.kill(pid, 'SIGCONT');
    await vi.waitFor(async () => {
      const [row] = await server.sql(`SELECT count(*) AS there FROM pg_stat_activity WHERE pid = ${pid}`);
      expect(Number(row?.there)).toBe(0);
    });
    expect((await store.values.get('k'))?.value).toBe('before');
  });

  it('has its clock put forward goes on writing', async () => {
    const clock = new SteppingClock();
    const driver = await openPostgresDriver(server.url(), 'in another time', clock);
    onTestFinished(() => driver.close());
    await driver.write([{ do: 'put', key: 'k', text: '1' }]);
    clock.fallBehind(60_000);
    await driver.write([{ do: 'put', key: 'k', text: '2' }]);
    expect(await driver.get(['k'])).toMatchObject([{ text: '2' }]);
  });

  it('cuts the connection that listens is listened to again', async () => {
    const driver = await openPostgresDriver(server.url(), 'listener');
    onTestFinished(() => driver.close());
    const heard: string[] = [];
    const end = await driver.listen?.('topic', (text) => heard.push(text));
    const cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN agentchat%'";
    for (const round of ['first', 'second']) {
      expect(await server.sql(cut)).toHaveLength(1);
      await vi.waitFor(
        async () => {
          await driver.notify?.('topic', round);
          expect(heard).toContain(round);
        },
        { timeout: 10_000 },
      );
    }
    await end?.();
    await vi.waitFor(async () => expect(await server.sql(cut)).toEqual([]));
    await expect(driver.notify?.('topic', 'x'.repeat(8_000))).rejects.toMatchObject({
      message: expect.stringContaining('A notice takes 7900 bytes; this one has'),
      outcome: 'not_sent',
    });
  });

  it('is behind a pooler is listened to on a direct way', async () => {
    const theirs = pool({ max: 1, application_name: 'through a pooler' });
    const store = await open({ pool: theirs, listen: { connectionString: server.url() } });
    await store.values.set('k', 1);
    expect((await store.values.get('k'))?.value).toBe(1);
  });

  it('keeps what has expired is rid of it as others write', async () => {
    const store = await open({ agent: 'sweeper' });
    for (let n = 0; n < 30; n += 1) await store.values.set(`short ${n}`, n, { expiresInMs: 1 });
    for (let n = 0; n < 8; n += 1) await store.values.set('other', n);
    const [row] = await server.sql("SELECT count(*) AS rows FROM agentchat.entries WHERE agent = 'sweeper'");
    // What is left: the schema's version and the value that stays.
    expect(Number(row?.rows)).toBe(2);
  });
});
