export type { CursorStore, StoredCursor } from './cursor-store.js';
export { MemoryStore } from './memory-store.js';
