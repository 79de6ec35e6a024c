import type { CursorStore, StoredCursor } from '../cursor-store.js';

/**
 * A store that lives as long as the process. Hand the same one to the next client and it goes on where the last stopped.
 *
 * @example
 * const store = new MemoryStore();
 * const realtime = new RealtimeClient({ client, apiKey, store });
 */
export class MemoryStore implements CursorStore {
  private readonly cursors = new Map<string, StoredCursor>();
  /** Those that owe something, so that listing them does not take a walk over all. */
  private readonly owing = new Map<string, StoredCursor>();

  /** How many conversations it knows. */
  get size(): number {
    return this.cursors.size;
  }

  load(conversationId: string): Promise<StoredCursor | null> {
    return Promise.resolve(this.cursors.get(conversationId) ?? null);
  }

  save(cursors: readonly StoredCursor[]): Promise<void> {
    for (const cursor of cursors) {
      const { conversationId, missing, parked } = cursor;
      this.cursors.set(conversationId, cursor);
      if (missing.length > 0 || parked.length > 0) this.owing.set(conversationId, cursor);
      else this.owing.delete(conversationId);
    }
    return Promise.resolve();
  }

  unfinished(): Promise<readonly StoredCursor[]> {
    return Promise.resolve([...this.owing.values()]);
  }
}
