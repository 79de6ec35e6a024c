import { expectTypeOf } from 'expect-type';
import { Cluster, Redis } from 'ioredis';
import { Client, Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import type { SharedBotStore } from '../../src/stores/index.js';
import { type PgPool, type PostgresStoreOptions, postgresStore } from '../../src/stores/postgres/index.js';
import { type RedisClient, type RedisStoreOptions, redisStore } from '../../src/stores/redis/index.js';

// What matters here is that it compiles, against the types that the packages themselves publish.
describe('the types of the shared stores', () => {
  it('fit a Pool of pg, and no Client', () => {
    const pool = new Pool({ connectionString: 'postgres://127.0.0.1:1/db' });
    const options: PostgresStoreOptions = { agent: 'bot', pool };
    expectTypeOf(pool).toExtend<PgPool>();
    expectTypeOf(new Client()).not.toExtend<PgPool>();
    expect(options.pool).toBe(pool);
  });

  it('fit a Redis and a Cluster of ioredis', () => {
    const redis = new Redis({ lazyConnect: true });
    const cluster = new Cluster([], { lazyConnect: true });
    const options: readonly RedisStoreOptions[] = [
      { agent: 'bot', client: redis },
      { agent: 'bot', client: cluster },
    ];
    expectTypeOf(redis).toExtend<RedisClient>();
    expectTypeOf(cluster).toExtend<RedisClient>();
    expect(options).toHaveLength(2);
  });

  it('give a store of a bot', () => {
    expectTypeOf(postgresStore).returns.resolves.toEqualTypeOf<SharedBotStore>();
    expectTypeOf(redisStore).returns.resolves.toEqualTypeOf<SharedBotStore>();
  });
});
