import type { ConversationStore } from '../../shared/conversation-store.js';

/**
 * Remembers which chat the platform is working off for a conversation, so that a turn that runs again after a crash waits for that one
 * instead of asking a second time.
 */
export class PendingChats {
  readonly #store: ConversationStore;

  constructor(store: ConversationStore) {
    this.#store = store;
  }

  /** The chat that was asked this very text; `null` without one. */
  async find(key: string, input: string): Promise<string | null> {
    const stored = await this.#store.get(key);
    if (stored === null) return null;
    const cut = stored.indexOf('\n');
    return stored.slice(cut + 1) === input ? stored.slice(0, cut) : null;
  }

  async put(key: string, input: string, processingId: string): Promise<void> {
    await this.#store.set(key, `${processingId}\n${input}`);
  }

  async forget(key: string): Promise<void> {
    await this.#store.delete(key);
  }
}
