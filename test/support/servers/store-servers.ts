import { PostgresServer } from './postgres-server.js';
import { RedisServer } from './redis-server.js';

/** A shared store's server, for as long as a run needs it. */
export interface StoreServer {
  url(): string;
  restart(): Promise<void>;
  /** Ends it, and removes all that it has written. */
  remove(): Promise<void>;
}

/** What there is of an engine on this machine. */
export interface StoreServers {
  /** What users call it. */
  readonly title: string;
  /** Whether its programs are installed. */
  isAvailable(): boolean;
  /** The address of a server that somebody runs for us, from the environment. */
  readonly givenUrl: string | undefined;
  /** Where that address comes from. */
  readonly variable: string;
  /** The command that installs its programs. */
  readonly install: string;
  /** Starts one that loses nothing it has confirmed when it is restarted. */
  start(): Promise<StoreServer>;
}

/** A shared store by the name that the commands take. */
export type StoreName = 'postgres' | 'redis';

export const STORE_SERVERS: Readonly<Record<StoreName, StoreServers>> = {
  postgres: {
    title: 'Postgres',
    isAvailable: () => PostgresServer.isAvailable,
    givenUrl: PostgresServer.givenUrl,
    variable: 'AGENTCHAT_TEST_POSTGRES_URL',
    install: 'apt-get install -y postgresql',
    start: () => PostgresServer.start(),
  },
  redis: {
    title: 'Redis',
    isAvailable: () => RedisServer.isAvailable,
    givenUrl: RedisServer.givenUrl,
    variable: 'AGENTCHAT_TEST_REDIS_URL',
    install: 'apt-get install -y redis-server',
    // A Redis that forgets its leases in a restart has two owners for a while: docs/replicas.md says so.
    start: () => RedisServer.start({ persistence: 'always' }),
  },
};
