export type { BotStore, StoreOptions } from '../bot-store.js';
export { type LmdbStoreOptions, lmdbStore } from './lmdb-store.js';
