import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresServer } from '../support/servers/postgres-server.js';
import { RedisServer } from '../support/servers/redis-server.js';
import type { EngineName } from './engines.js';

/** A place for one store: a folder, or a server on this machine. */
export interface Home {
  /** What the bot's process needs to find it: a path, or a URL. */
  readonly address: string;
  remove(): Promise<void>;
}

/** Makes homes, in the process of the test or the benchmark. */
export const NEW_HOME: Readonly<Record<EngineName, () => Promise<Home>>> = {
  lmdb: newFolder,
  postgres: newPostgres,
  redis: newRedis,
};

async function newFolder(): Promise<Home> {
  const address = await mkdtemp(join(tmpdir(), 'agentchat-store-'));
  return { address, remove: () => rm(address, { recursive: true, force: true }) };
}

async function newPostgres(): Promise<Home> {
  const server = await PostgresServer.start({ settings: ['fsync=on'] });
  return { address: server.url(), remove: () => server.remove() };
}

async function newRedis(): Promise<Home> {
  const server = await RedisServer.start({ persistence: 'always' });
  return { address: server.url(), remove: () => server.remove() };
}
