import { systemClock } from '../../clock/index.js';
import { checkFilled, checkOptionNames, given, invalid } from '../../http/index.js';
import { checkAgent } from '../agent.js';
import { checkStoreOptions, type SharedBotStore, type StoreOptions } from '../bot-store.js';
import { secretsOf } from '../plain-cause.js';
import { ServerClock } from '../server-clock.js';
import { openSharedStore } from '../shared-store.js';
import { Connection } from './connection.js';
import { connectTo, type RedisClient } from './ioredis.js';
import { RedisKeys } from './keys.js';
import { Listener } from './listener.js';
import { RedisDriver } from './redis-driver.js';

/** Options of {@link redisStore}. One of `client` and `url` is needed. */
export interface RedisStoreOptions extends StoreOptions {
  /** Whose memory it is: the agent's handle, for instance. Agents share a server and never see each other's entries. */
  agent: string;
  /**
   * A `Redis` or `Cluster` of `ioredis`. It says where the server is and how to get in; the store makes connections of its own
   * like it (one, and one more while somebody listens), and neither uses nor closes yours.
   */
  client?: RedisClient | undefined;
  /** Where the server is, such as `redis://:secret@cache.internal:6379/0`. */
  url?: string | undefined;
  /** What all keys begin with, together with the agent: `{agentchat:my-bot}:...`. Default `agentchat`. */
  prefix?: string | undefined;
}

const NAMES = ['agent', 'client', 'url', 'prefix', 'claims'];

/**
 * A store in Redis (6 or newer), for bots that several processes share and that write much. Every write is one script. How
 * much a crash or a failover of the server loses is a matter of its settings: with `appendonly yes` and `appendfsync everysec` a second, with
 * `always` nothing, without persistence all; a replica that takes over may be behind by what it had not heard. The store
 * notices and says so once, with the fault `lost`. Set `maxmemory-policy noeviction`. A call that gets no answer in 5 s
 * rejects.
 *
 * Needs the package `ioredis` (5 or newer), an optional peer dependency.
 *
 * @throws ValidationError that names the option which is wrong.
 * @throws StoreError whose `fault` says what is wrong with the server, or (`refused`) how to install `ioredis`; it never shows
 *   the password.
 * @example
 * const store = await redisStore({ url: process.env.REDIS_URL, agent: 'my-bot' });
 * const realtime = new RealtimeClient({ client, store });
 */
export async function redisStore(options: RedisStoreOptions): Promise<SharedBotStore> {
  checkOptions(options);
  const { agent, client, url, prefix = 'agentchat' } = given(options);
  const secrets = secretsOf(url);
  const connect = await connectTo(client ?? url ?? '');
  const newConnection = () => new Connection(connect, secrets, systemClock);
  const keys = new RedisKeys(prefix, agent);
  const listener = new Listener(newConnection, keys.channel, systemClock);
  const driver = new RedisDriver(newConnection(), listener, keys, new ServerClock(systemClock));
  return openSharedStore(driver, options);
}

function checkOptions(options: RedisStoreOptions): void {
  checkOptionNames(options, NAMES, 'redisStore option');
  const { agent, client, url, prefix, ...others } = given(options);
  checkStoreOptions(others);
  checkAgent(agent);
  if (client === undefined && url === undefined) {
    throw invalid('client', 'redisStore needs a "client" of ioredis, or a "url" to make one');
  }
  if (client !== undefined && url !== undefined) {
    throw invalid('client', 'give "client" or "url", not both: a client knows its address');
  }
  if (client !== undefined && (typeof client.duplicate !== 'function' || !('isCluster' in client))) {
    throw invalid(
      'client',
      '"client" must be a Redis or Cluster of ioredis (a client of node-redis will not do)',
    );
  }
  if (url !== undefined) checkFilled(url, 'url');
  if (prefix !== undefined && !/^[A-Za-z0-9_.:@-]{1,100}$/.test(prefix)) {
    throw invalid('prefix', '"prefix" must be 1 to 100 letters, digits and _ . : @ -');
  }
}
