import type { Clock } from '../../clock/index.js';
import { checkOptionNames } from '../../http/index.js';
import { type BotStore, checkStoreOptions, DriverBotStore, type StoreOptions } from '../bot-store.js';
import { MemoryDriver } from './memory-driver.js';

export interface MemoryBotStoreOptions extends StoreOptions {
  /** Replaces time. For tests. */
  clock?: Clock | undefined;
}

/**
 * A store that lives as long as the process: for trying things out, and for tests. What a bot knows is gone when it ends.
 *
 * @throws ValidationError that names the option that is wrong.
 * @example
 * const store = memoryStore();
 * const realtime = new RealtimeClient({ client, store });
 */
export function memoryStore(options: MemoryBotStoreOptions = {}): BotStore {
  checkOptionNames(options, ['claims', 'clock'], 'memoryStore option');
  checkStoreOptions(options);
  return new DriverBotStore(new MemoryDriver(options.clock), options);
}
