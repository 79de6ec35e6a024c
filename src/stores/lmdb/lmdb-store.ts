import { ValidationError } from '../../errors/index.js';
import { checkOptionNames } from '../../http/index.js';
import { type BotStore, checkStoreOptions, openBotStore, type StoreOptions } from '../bot-store.js';
import { openLmdbDriver } from './lmdb-driver.js';

export interface LmdbStoreOptions extends StoreOptions {
  /** The folder that holds the store. It is made if it is not there. A folder on a network drive is not safe. */
  path: string;
  /**
   * Only looks: everything that would write is refused. For tools that look into the store of a bot that runs. Default false.
   */
  readOnly?: boolean | undefined;
}

/**
 * The embedded store: a folder, no server. What was saved has reached the disk, and survives `kill -9` and power loss. It belongs to one
 * process at a time. Needs the package `lmdb`.
 *
 * @throws ValidationError that names the option that is wrong.
 * @throws StoreError `owned` while another process has the folder; `read_only`, `corrupt`, `newer`; `refused` when `lmdb` is
 * not installed.
 * @example
 * import { lmdbStore } from 'agentchat-client/stores/lmdb';
 *
 * const store = await lmdbStore({ path: './bot-data' });
 * const realtime = new RealtimeClient({ client, store });
 */
export async function lmdbStore(options: LmdbStoreOptions): Promise<BotStore> {
  checkOptionNames(options, ['path', 'readOnly', 'claims'], 'lmdbStore option');
  checkStoreOptions(options);
  const { path, readOnly = false } = options;
  if (typeof path !== 'string' || path === '') {
    throw new ValidationError(
      "lmdbStore needs path, the folder of the store: lmdbStore({ path: './bot-data' }).",
    );
  }
  return openBotStore(await openLmdbDriver({ path, readOnly }), options, readOnly ? 'to read' : 'to own');
}
