import { loadPeer } from '../peer.js';
import { ENGINE } from './faults.js';
import { WRITE_SCRIPT } from './write-script.js';

/** As much of a `Redis` or `Cluster` of `ioredis` as is needed: it says where the server is, and is not used itself. */
export interface RedisClient {
  readonly isCluster?: boolean;
  /** `Redis` takes options here; `Cluster` takes nodes, and then options. */
  duplicate(...overrides: never[]): unknown;
}

/** What a connection of our own is asked for. */
export interface RedisConnection {
  readonly status: string;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  mget(keys: readonly string[]): Promise<(string | null)[]>;
  zrangebylex(
    key: string,
    min: string,
    max: string,
    limit: 'LIMIT',
    from: number,
    count: number,
  ): Promise<string[]>;
  info(section: string): Promise<string>;
  publish(channel: string, notice: string): Promise<number>;
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  /** The script, by its digest; by its text where the server does not know it, after a restart for one. */
  agentchatWrite(countKeysArguments: readonly (number | string)[]): Promise<readonly string[]>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'message', listener: (channel: string, notice: string) => void): unknown;
}

/** How long a command may take, and opening a connection, in milliseconds. */
export const COMMAND_MS = 5_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * A command that cannot be sent rejects, and one whose connection is lost does: kept for later, or sent again, it might be carried
 * out when newer ones have been.
 */
const BEHAVIOUR = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_MS,
  connectTimeout: COMMAND_MS,
  connectionName: 'agentchat-client',
  retryStrategy: (times: number) => Math.min(FIRST_PAUSE_MS * 2 ** times, LONGEST_PAUSE_MS),
  // A primary that was demoted goes on as a replica: its address may lead to the new one by now.
  reconnectOnError: (error: Error) => /\bREADONLY\b/.test(error.message),
  scripts: { agentchatWrite: { lua: WRITE_SCRIPT } },
};

const CLUSTER_BEHAVIOUR = {
  lazyConnect: true,
  enableOfflineQueue: false,
  scripts: BEHAVIOUR.scripts,
  redisOptions: { commandTimeout: COMMAND_MS, connectTimeout: COMMAND_MS, maxRetriesPerRequest: 0 },
};

/** Makes connections to where the store is. */
export type Connect = () => RedisConnection;

/** @throws StoreError `refused` when `ioredis` is needed and is not installed. */
export async function connectTo(from: RedisClient | string): Promise<Connect> {
  if (typeof from !== 'string') {
    const template = from as { duplicate(...overrides: readonly object[]): RedisConnection };
    return from.isCluster === true
      ? () => template.duplicate([], CLUSTER_BEHAVIOUR)
      : () => template.duplicate(BEHAVIOUR);
  }
  const ioredis = await loadPeer(ENGINE, 'ioredis', () => import('ioredis'));
  // What a CommonJS package gives to `import()` differs from one runtime and bundler to the next.
  const Redis = ioredis.Redis ?? ioredis.default;
  return () => new Redis(from, BEHAVIOUR) as unknown as RedisConnection;
}
