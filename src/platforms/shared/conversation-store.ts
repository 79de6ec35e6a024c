import { checkFilled, invalid } from '../../http/index.js';

/** Which conversation of the platform belongs to one of ours. */
export interface ConversationStore {
  get(key: string): Promise<string | null>;
  set(key: string, remoteId: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** The values of a bot's store, as far as they are used. */
export interface ConversationValues {
  get(key: string): Promise<{ readonly value: unknown } | null>;
  set(key: string, value: string): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}

/** A bot's store, as far as it is used: `memoryStore()`, `lmdbStore()`, `postgresStore()`, `redisStore()` fit. */
export interface StoreWithValues {
  readonly values: ConversationValues;
}

/** More than so many are not remembered: the one that was not asked for the longest goes. */
const MOST_IN_MEMORY = 100_000;

/** Remembers for as long as the process lives. */
export function memoryConversations(): ConversationStore {
  const ids = new Map<string, string>();
  return {
    async get(key) {
      const id = ids.get(key);
      if (id === undefined) return null;
      // At the end of the map stands who was asked for last.
      ids.delete(key);
      ids.set(key, id);
      return id;
    },
    async set(key, remoteId) {
      ids.delete(key);
      ids.set(key, remoteId);
      const [oldest] = ids.keys();
      if (ids.size > MOST_IN_MEMORY && oldest !== undefined) ids.delete(oldest);
    },
    async delete(key) {
      ids.delete(key);
    },
  };
}

/**
 * Remembers among the values of a bot's store, so that a restart goes on in the same conversations.
 *
 * @param prefix Stands before each key, so that nobody else uses it.
 */
export function valuesConversations(values: ConversationValues, prefix: string): ConversationStore {
  return {
    async get(key) {
      // Whoever shares the store may have written there.
      return idOf((await values.get(prefix + key))?.value);
    },
    async set(key, remoteId) {
      await values.set(prefix + key, remoteId);
    },
    async delete(key) {
      await values.delete(prefix + key);
    },
  };
}

/**
 * The conversations that the option `store` of a thinker means: those of a bot's store, a store of the user's own, or, without
 * either, memory.
 *
 * @throws ValidationError for anything else.
 */
export function conversationsOf(
  store: StoreWithValues | ConversationStore | undefined,
  prefix: string,
): ConversationStore {
  checkFilled(prefix, 'prefix');
  if (store === undefined || store === null) return memoryConversations();
  if (hasMethods((store as Partial<StoreWithValues>).values)) {
    return valuesConversations((store as StoreWithValues).values, prefix);
  }
  if (hasMethods(store)) return guarded(store as ConversationStore);
  throw invalid('store', '"store" must be the store of a bot, or an object with get, set and delete');
}

/** A store of the user's own may give anything where it knows nothing. */
function guarded(store: ConversationStore): ConversationStore {
  return {
    get: async (key) => idOf(await store.get(key)),
    set: async (key, remoteId) => store.set(key, remoteId),
    delete: async (key) => store.delete(key),
  };
}

function idOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function hasMethods(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { get, set, delete: remove } = value as Readonly<Record<string, unknown>>;
  return [get, set, remove].every((method) => typeof method === 'function');
}
