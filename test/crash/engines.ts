import type { BotStore } from 'agentchat-client';
import { lmdbStore } from 'agentchat-client/stores/lmdb';
import { postgresStore } from 'agentchat-client/stores/postgres';
import { redisStore } from 'agentchat-client/stores/redis';

/** An engine on which the crash matrix runs, in the process of the bot. */
export interface Engine {
  /** `address` is a path or a URL. */
  open(address: string): Promise<BotStore>;
}

/** Nobody frees the claims of the dead in a shared engine, and each life waits for those of the one before. */
const SHARED = { agent: 'bot', claims: { leaseMs: 500 } } as const;

export const ENGINES = {
  lmdb: { open: (path) => lmdbStore({ path }) },
  postgres: { open: (connectionString) => postgresStore({ ...SHARED, connectionString }) },
  redis: { open: (url) => redisStore({ ...SHARED, url }) },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof ENGINES;
