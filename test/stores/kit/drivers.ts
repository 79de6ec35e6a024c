import { Pool } from 'pg';
import { type Clock, systemClock } from '../../../src/clock/index.js';
import type { StoreDriver } from '../../../src/stores/driver.js';
import { Connections } from '../../../src/stores/postgres/connections.js';
import { channelOf, Listener as PostgresListener } from '../../../src/stores/postgres/listener.js';
import { PostgresDriver } from '../../../src/stores/postgres/postgres-driver.js';
import { Schema } from '../../../src/stores/postgres/schema.js';
import { Connection } from '../../../src/stores/redis/connection.js';
import { connectTo } from '../../../src/stores/redis/ioredis.js';
import { RedisKeys } from '../../../src/stores/redis/keys.js';
import { Listener as RedisListener } from '../../../src/stores/redis/listener.js';
import { RedisDriver } from '../../../src/stores/redis/redis-driver.js';
import { ServerClock } from '../../../src/stores/server-clock.js';

/** What `postgresStore` puts the roles on. */
export async function openPostgresDriver(
  connectionString: string,
  agent: string,
  clock: Clock = systemClock,
): Promise<StoreDriver> {
  const connections = new Connections(new Pool({ connectionString }), true, [], clock);
  const listener = new PostgresListener(connections, channelOf('agentchat', agent), clock);
  const driver = new PostgresDriver(connections, listener, new Schema('agentchat'), agent, clock);
  await driver.open();
  return driver;
}

/** What `redisStore` puts the roles on. */
export async function openRedisDriver(
  url: string,
  agent: string,
  clock: Clock = systemClock,
): Promise<StoreDriver> {
  const keys = new RedisKeys('agentchat', agent);
  const connect = await connectTo(url);
  const connection = () => new Connection(connect, [], clock);
  const listener = new RedisListener(connection, keys.channel, clock);
  const driver = new RedisDriver(connection(), listener, keys, new ServerClock(clock));
  await driver.open();
  return driver;
}
