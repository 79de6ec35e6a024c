import { Cluster, Redis } from 'ioredis';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { type BotStore, type RedisStoreOptions, redisStore } from '../../src/stores/redis/index.js';
import { describeWithServer } from '../support/servers/engines.js';
import { RedisServer, type RedisServerOptions } from '../support/servers/redis-server.js';
import { freePort } from '../support/servers/server-process.js';
import { openRedisDriver } from './kit/drivers.js';
import { errorOf, shown } from './kit/shown.js';
import { SteppingClock } from './kit/stepping-clock.js';

const SECRET = 'p@ss/w%rd:5ecret';

describeWithServer('Redis', 'Redis: a store whose server', () => {
  const servers: RedisServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.remove()));
  });

  /** A server of the test's own; it starts in milliseconds. */
  async function start(options?: RedisServerOptions): Promise<RedisServer> {
    const server = await RedisServer.start(options);
    servers.push(server);
    return server;
  }

  /** Closed after the test. */
  async function open(options: Partial<RedisStoreOptions>): Promise<BotStore> {
    const store = await redisStore({ agent: 'bot', ...options });
    onTestFinished(() => store.close());
    return store;
  }

  it('is down says so when it is opened, in time, and without the password', async () => {
    const url = `redis://:${encodeURIComponent(SECRET)}@127.0.0.1:${await freePort()}`;
    const began = performance.now();
    const error = await errorOf(redisStore({ url, agent: 'bot' }));
    expect(error).toMatchObject({ fault: 'unreachable', code: 'STORE_FAILED', retryable: true });
    expect(String(error.cause)).toContain('ECONNREFUSED');
    expect(shown(error)).not.toContain(SECRET);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('refuses the password says so, and shows it nowhere', async () => {
    const server = await start({ password: SECRET });
    for (const password of [`${SECRET}, but wrong`, '']) {
      const error = await errorOf(redisStore({ url: server.url({ password }), agent: 'bot' }));
      expect(error).toMatchObject({ fault: 'refused', retryable: false });
      expect(error.message).toContain('does not accept this user and password');
      expect(shown(error)).not.toContain(SECRET);
      expect(shown(error)).not.toContain(encodeURIComponent(SECRET));
    }
    const store = await open({ url: server.url() });
    expect(shown(store)).not.toContain(SECRET);
    expect(shown(store)).not.toContain(encodeURIComponent(SECRET));
  });

  it('allows no scripts says so', async () => {
    const server = await start();
    await server.command('ACL', 'SETUSER', 'guest', 'on', '>guest', '~*', '&*', '+@all', '-@scripting');
    const url = `redis://guest:guest@127.0.0.1:${server.port}`;
    const error = await errorOf(redisStore({ url, agent: 'bot' }));
    expect(error).toMatchObject({ fault: 'refused' });
    expect(error.message).toContain('does not allow a command that the store needs');
  });

  it('was written by a newer version of this package is left alone', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await store.close();
    await server.command('SETRANGE', '{agentchat:bot}:e:schema', 17, '2');
    const error = await errorOf(redisStore({ url: server.url(), agent: 'bot' }));
    expect(error).toMatchObject({ fault: 'newer', retryable: false });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'is restarted (%s) with its memory is used again by itself',
    async (signal) => {
      const server = await start({ persistence: 'always' });
      const store = await open({ url: server.url() });
      await store.values.set('before', 1);
      await server.stop(signal);
      const down = await errorOf(store.values.set('k', 1));
      expect(down).toMatchObject({ fault: 'unreachable', retryable: true });
      expect(await errorOf(store.cursors.load('c'))).toMatchObject({ fault: 'unreachable' });
      await server.run();
      await vi.waitFor(() => store.values.set('after', 2), { timeout: 5_000 });
      expect((await store.values.get('before'))?.value).toBe(1);
      expect((await store.values.get('after'))?.value).toBe(2);
    },
  );

  it('is restarted without its memory says what was lost, once, and goes on; old claims and fences count no more', async () => {
    const server = await start();
    const store = await open({ url: server.url(), claims: { leaseMs: 60_000 } });
    const version = (await store.values.set('fence', 'mine')) ?? 0;
    const claim = await store.claims.claim('k');
    if (claim.state !== 'claimed') throw new Error(claim.state);
    await server.restart();

    const lost = await vi.waitFor(
      async () => {
        const error = await errorOf(store.cursors.load('c'));
        expect(error.fault).toBe('lost');
        return error;
      },
      { timeout: 5_000 },
    );
    expect(lost).toMatchObject({ code: 'STORE_FAILED', retryable: true, outcome: 'rejected' });
    expect(lost.message).toContain('Messages that were handled may come again');
    expect(lost.message).toContain('appendonly');
    expect(await store.cursors.load('c')).toBeNull();

    // Somebody else has both now. What was given before the loss settles nothing.
    const next = (await store.values.set('fence', 'theirs')) ?? 0;
    expect(next).toBeGreaterThan(version);
    expect(await store.values.set('fence', 'mine', { ifVersion: version })).toBeNull();
    const again = await store.claims.claim('k');
    expect(again.state).toBe('claimed');
    await store.claims.release('k', claim.token);
    expect((await store.claims.claim('k')).state).toBe('in_progress');
  });

  it('comes back with an older memory says so, to a write as well, and does not repeat versions', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    const other = await open({ url: server.url() });
    await store.values.set('k', 'old');
    const old = (await server.command('GET', '{agentchat:bot}:version')) as string;
    const version = (await store.values.set('k', 'new')) ?? 0;
    expect((await other.values.get('k'))?.value).toBe('new');
    await server.command('SET', '{agentchat:bot}:version', old);

    const error = await errorOf(store.values.set('k', 'newer'));
    expect(error).toMatchObject({ fault: 'lost', outcome: 'rejected' });
    expect((await store.values.get('k'))?.value).toBe('new');
    // The other process has seen the newer version too, and has it said for itself.
    expect(await store.values.set('k', 'newer')).toBeGreaterThan(version);
  });

  it('loses its memory while many calls are under way says so to one of them', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await store.values.set('k', 1);
    await server.command('FLUSHALL');
    const calls = Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? store.values.get(`k${n}`) : store.values.set(`k${n}`, n),
    );
    const outcomes = await Promise.allSettled(calls);
    const failures = outcomes.filter(({ status }) => status === 'rejected');
    expect(failures).toMatchObject([{ reason: { fault: 'lost' } }]);
    expect((await store.values.get('k19'))?.value).toBe(19);
  });

  it('forgets its scripts gets them again', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await store.values.set('k', 1);
    await server.command('SCRIPT', 'FLUSH');
    await store.values.set('k', 2);
    expect((await store.values.get('k'))?.value).toBe(2);
  });

  it('is full says so, takes nothing in half, and lets go of what is deleted', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await store.values.set('large', 'x'.repeat(500_000));
    await store.values.set('small', 'old');
    await server.command('CONFIG', 'SET', 'maxmemory', 1);
    const error = await errorOf(store.values.set('small', 'new'));
    expect(error).toMatchObject({ fault: 'full', retryable: true, outcome: 'rejected' });
    expect(error.message).toContain('Raise maxmemory');
    expect((await store.values.get('small'))?.value).toBe('old');
    expect(await store.values.delete('large')).toBe(true);
    expect(await store.values.get('large')).toBeNull();
    await server.command('CONFIG', 'SET', 'maxmemory', 0);
    await store.values.set('small', 'new');
    expect((await store.values.get('small'))?.value).toBe('new');
  });

  it('would make room by forgetting what a bot has handled is refused', async () => {
    const server = await start({ settings: ['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'] });
    const error = await errorOf(redisStore({ url: server.url(), agent: 'bot' }));
    expect(error).toMatchObject({ fault: 'refused' });
    expect(error.message).toContain('Set maxmemory-policy noeviction');
  });

  it('is a replica says so at the first write, reads on, and writes once it is the primary', async () => {
    const primary = await start();
    const replica = await start({ settings: ['--replicaof', '127.0.0.1', String(primary.port)] });
    const first = await open({ url: primary.url() });
    await first.values.set('k', 1);
    const store = await vi.waitFor(() => open({ url: replica.url() }), { timeout: 15_000, interval: 200 });
    await vi.waitFor(async () => expect((await store.values.get('k'))?.value).toBe(1), { timeout: 10_000 });
    const error = await errorOf(store.values.set('k', 2));
    expect(error).toMatchObject({ fault: 'read_only', outcome: 'rejected' });
    expect(error.message).toContain('connect to the primary');
    await replica.command('REPLICAOF', 'NO', 'ONE');
    await vi.waitFor(() => store.values.set('k', 2), { timeout: 5_000 });
    expect((await store.values.get('k'))?.value).toBe(2);
  });

  it('cannot write to its disk says so', async () => {
    const server = await start({ settings: ['--save', '3600 1'] });
    const store = await open({ url: server.url() });
    server.denyWriting();
    await server.command('BGSAVE');
    await vi.waitFor(async () =>
      expect(await server.command('INFO', 'persistence')).toContain('rdb_last_bgsave_status:err'),
    );
    const error = await errorOf(store.values.set('k', 1));
    expect(error).toMatchObject({ fault: 'read_only', outcome: 'rejected' });
    expect(error.message).toContain('Its server cannot write to its disk');
  });

  it('has too few replicas says so', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', 1);
    const error = await errorOf(store.values.set('k', 1));
    expect(error).toMatchObject({ fault: 'read_only' });
    expect(error.message).toContain('min-replicas-to-write');
    await server.command('CONFIG', 'SET', 'min-replicas-to-write', 0);
    await store.values.set('k', 1);
  });

  it('stalls for longer than a call may take: the call fails in time, and does not happen later', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    await store.values.set('k', 'before');
    server.signal('SIGSTOP');
    const began = performance.now();
    const error = await errorOf(store.values.set('k', 'during'));
    expect(error).toMatchObject({ fault: 'timeout', retryable: true });
    expect(performance.now() - began).toBeLessThan(6_000);
    server.signal('SIGCONT');
    await vi.waitFor(async () => expect((await store.values.get('k'))?.value).toBe('before'), {
      timeout: 5_000,
    });
    await store.values.set('k', 'after');
    expect((await store.values.get('k'))?.value).toBe('after');
  });

  it('has its clock put forward goes on writing', async () => {
    const server = await start();
    const clock = new SteppingClock();
    const driver = await openRedisDriver(server.url(), 'bot', clock);
    onTestFinished(() => driver.close());
    await driver.write([{ do: 'put', key: 'k', text: '1' }]);
    clock.fallBehind(60_000);
    await driver.write([{ do: 'put', key: 'k', text: '2' }]);
    expect(await driver.get(['k'])).toMatchObject([{ text: '2' }]);
  });

  it('cuts the connection that listens is listened to again', async () => {
    const server = await start();
    const driver = await openRedisDriver(server.url(), 'bot');
    onTestFinished(() => driver.close());
    const heard: string[] = [];
    const end = await driver.listen?.('topic', (text) => heard.push(text));
    for (const round of ['first', 'second']) {
      expect(await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1);
      await vi.waitFor(
        async () => {
          await driver.notify?.('topic', round);
          expect(heard).toContain(round);
        },
        { timeout: 10_000 },
      );
    }
    await end?.();
    await vi.waitFor(async () => expect(await server.command('PUBSUB', 'CHANNELS')).toEqual([]));
  });

  it('is known from the user’s client is reached on connections of the store’s own', async () => {
    const server = await start();
    const client = new Redis(server.url(), { lazyConnect: true, keyPrefix: 'app:' });
    onTestFinished(() => client.disconnect());
    const store = await open({ client });
    await store.values.set('k', 1);
    expect(await store.values.list('k')).toMatchObject([{ value: 1 }]);
    expect(await server.command('EXISTS', 'app:{agentchat:bot}:version')).toBe(1);
    expect(client.status).toBe('wait');
    await store.close();
    expect(client.status).toBe('wait');
  });

  it('is a cluster keeps an agent on one node', async () => {
    const server = await start({
      settings: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
    });
    await server.command('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    const client = new Cluster([{ host: '127.0.0.1', port: server.port }], { lazyConnect: true });
    onTestFinished(() => client.disconnect());
    const store = await vi.waitFor(() => open({ client }), { timeout: 10_000, interval: 200 });
    const claim = await store.claims.claim('k');
    if (claim.state !== 'claimed') throw new Error(claim.state);
    await store.claims.commit('k', claim.token);
    expect(await store.claims.claim('k')).toEqual({ state: 'done' });
    await store.values.set('a', 1);
    expect(await store.values.list('')).toHaveLength(1);
  });

  it('takes thirty thousand changes in one write', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    const cursors = Array.from({ length: 30_000 }, (_, n) => ({
      conversationId: `conv ${n}`,
      expected: 2,
      floor: 1,
      missing: [],
      parked: [],
    }));
    await store.cursors.save(cursors);
    expect(await store.cursors.load('conv 29999')).toMatchObject({ expected: 2 });
  });

  it('keeps nothing of what has expired: neither entries nor their places in the index', async () => {
    const server = await start();
    const store = await open({ url: server.url() });
    for (let n = 0; n < 30; n += 1) await store.values.set(`short ${n}`, n, { expiresInMs: 1 });
    for (let n = 0; n < 8; n += 1) await store.values.set('other', n);
    // What is left: the schema's version and the value that stays.
    expect(await server.command('ZCARD', '{agentchat:bot}:keys')).toBe(2);
    expect(await server.command('ZCARD', '{agentchat:bot}:expiring')).toBe(0);
    await vi.waitFor(async () => expect(await server.command('DBSIZE')).toBe(4));
  });
});
