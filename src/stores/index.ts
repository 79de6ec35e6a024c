export { Claims } from './claims.js';
export type { CursorStore, StoredCursor } from './cursor-store.js';
export { type Claim, type DedupeStore, messageClaimKey } from './dedupe-store.js';
export { MemoryDedupeStore, type MemoryDedupeStoreOptions } from './memory-dedupe-store.js';
export { MemoryStore } from './memory-store.js';
