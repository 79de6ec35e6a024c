import { ValidationError } from '../errors/index.js';
import { checkInteger, checkOptionNames } from '../http/index.js';
import { openBotStore, type SharedBotStore, type StoreOptions } from './bot-store.js';
import type { StoreDriver } from './driver.js';
import { type ReplicaOptions, Replicas } from './replicas/replicas.js';

/** A driver of a server, which has to be reached and prepared first. */
export interface ServerDriver extends StoreDriver {
  /** @throws StoreError */
  open(): Promise<void>;
}

/**
 * Opens a driver that several processes may use, and puts the roles on it, replicas too. What cannot be opened is closed.
 *
 * @throws StoreError whose `fault` says what is wrong with the server; `newer` when a newer version of this package has written the store.
 */
export async function openSharedStore(driver: ServerDriver, options: StoreOptions): Promise<SharedBotStore> {
  try {
    await driver.open();
  } catch (error) {
    await driver.close();
    throw error;
  }
  const store = await openBotStore(driver, options, 'to share');
  return Object.assign(store, {
    replicas: (given: ReplicaOptions = {}) => new Replicas(driver, checkedOptions(given)),
  });
}

function checkedOptions(options: ReplicaOptions): ReplicaOptions {
  checkOptionNames(options, ['name', 'leaseMs', 'partitions'], 'replicas option');
  const { name, leaseMs, partitions } = options;
  if (name !== undefined && (typeof name !== 'string' || name === '' || name.length > 100)) {
    throw new ValidationError('name must be a text of 1 to 100 characters.');
  }
  checkInteger(leaseMs, 'leaseMs', 1_000, 86_400_000);
  checkInteger(partitions, 'partitions', 1, 1_024);
  return options;
}
