import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BotStore } from 'agentchat-client';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

/** A place for one store: a folder, or a server. */
export interface Home {
  /** What the bot's process needs to find it: a path, or a URL. */
  readonly address: string;
  remove(): Promise<void>;
}

/** An engine on which the crash matrix runs. */
export interface Engine {
  /** In the process of the test. */
  newHome(): Promise<Home>;
  /** In the process of the bot. A shared engine needs short leases here: nobody frees the claims of the dead. */
  open(address: string): Promise<BotStore>;
}

export const ENGINES = {
  lmdb: { newHome: newFolder, open: (path) => lmdbStore({ path }) },
} as const satisfies Record<string, Engine>;

export type EngineName = keyof typeof ENGINES;

async function newFolder(): Promise<Home> {
  const address = await mkdtemp(join(tmpdir(), 'agentchat-crash-'));
  return { address, remove: () => rm(address, { recursive: true, force: true }) };
}
