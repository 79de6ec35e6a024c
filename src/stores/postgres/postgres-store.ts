import { systemClock } from '../../clock/index.js';
import { checkFilled, checkOptionNames, given, invalid } from '../../http/index.js';
import { checkAgent } from '../agent.js';
import { checkStoreOptions, type SharedBotStore, type StoreOptions } from '../bot-store.js';
import { secretsOf } from '../plain-cause.js';
import { openSharedStore } from '../shared-store.js';
import { Connections } from './connections.js';
import { channelOf, Listener } from './listener.js';
import { makePool, type PgPool } from './pg.js';
import { PostgresDriver } from './postgres-driver.js';
import { Schema } from './schema.js';

/** Options of {@link postgresStore}. One of `pool` and `connectionString` is needed. */
export interface PostgresStoreOptions extends StoreOptions {
  /** Whose memory it is: the agent's handle, for instance. Agents share a database and never see each other's entries. */
  agent: string;
  /**
   * A `Pool` of `pg`. It stays yours: the store does not close it. While somebody listens (replicas do) one of its connections
   * is taken, unless there is `listen`. An idle connection that is cut is no `error` which ends your process while the store is
   * open.
   */
  pool?: PgPool | undefined;
  /** Where the database is, such as `postgres://bot:secret@db.internal/bots`; the store makes a pool of ten connections. */
  connectionString?: string | undefined;
  /** The schema that the table is in; created where it is not there. Default `agentchat`. */
  schema?: string | undefined;
  /**
   * A direct way to the server for `LISTEN`, which does not work through PgBouncer in transaction mode. Everything else
   * does. Default: a connection of the pool.
   */
  listen?: { connectionString: string } | undefined;
}

const NAMES = ['agent', 'pool', 'connectionString', 'schema', 'listen', 'claims'];
const MOST_CONNECTIONS = 10;

/**
 * A store in Postgres (12 or newer), for bots that several processes share, and for those whose database is there anyway. It
 * makes its schema by itself, and works through PgBouncer in transaction mode (see `listen`). Every write is one statement,
 * and is as safe as your server's `synchronous_commit` makes it. A call that waits too long (5 s for a connection, 5 s for
 * the statement, 3 s for a locked row) rejects.
 *
 * Needs the package `pg`, an optional peer dependency, when it makes the pool.
 *
 * @throws ValidationError that names the option which is wrong.
 * @throws StoreError whose `fault` says what is wrong with the database, or (`refused`) how to install `pg`; it never shows the
 *   password.
 * @example
 * const store = await postgresStore({ connectionString: process.env.DATABASE_URL, agent: 'my-bot' });
 * const realtime = new RealtimeClient({ client, store });
 */
export async function postgresStore(options: PostgresStoreOptions): Promise<SharedBotStore> {
  checkOptions(options);
  const { agent, pool, connectionString, schema = 'agentchat', listen } = given(options);
  const secrets = [...secretsOf(connectionString), ...secretsOf(listen?.connectionString)];
  const connections = await connectionsOf(pool ?? connectionString, MOST_CONNECTIONS, secrets);
  const lines = listen === undefined ? connections : await connectionsOf(listen.connectionString, 1, secrets);
  const listener = new Listener(lines, channelOf(schema, agent), systemClock);
  const driver = new PostgresDriver(connections, listener, new Schema(schema), agent, systemClock);
  return openSharedStore(driver, options);
}

async function connectionsOf(
  from: PgPool | string | undefined,
  max: number,
  secrets: readonly string[],
): Promise<Connections> {
  const isOurs = typeof from !== 'object';
  const pool = isOurs ? await makePool(from ?? '', max) : from;
  return new Connections(pool, isOurs, secrets, systemClock);
}

function checkOptions(options: PostgresStoreOptions): void {
  checkOptionNames(options, NAMES, 'postgresStore option');
  const { agent, pool, connectionString, schema, listen, ...others } = given(options);
  checkStoreOptions(others);
  checkAgent(agent);
  if (pool === undefined && connectionString === undefined) {
    throw invalid('pool', 'postgresStore needs a "pool" of pg, or a "connectionString" to make one');
  }
  if (pool !== undefined && connectionString !== undefined) {
    throw invalid('pool', 'give "pool" or "connectionString", not both: a pool knows its address');
  }
  // A Client has a `connect` as well.
  if (pool !== undefined && (typeof pool.connect !== 'function' || 'processID' in pool)) {
    throw invalid('pool', '"pool" must be a Pool of pg (a Client has one connection and cannot replace it)');
  }
  if (connectionString !== undefined) checkFilled(connectionString, 'connectionString');
  if (schema !== undefined && !/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(schema)) {
    throw invalid(
      'schema',
      '"schema" must be a plain identifier: letters, digits and _, 63 at most, no digit first',
    );
  }
  if (listen !== undefined) {
    checkOptionNames(listen, ['connectionString'], 'listen option');
    checkFilled(listen.connectionString, 'listen.connectionString');
  }
}
