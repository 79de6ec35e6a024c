import type { StoredCursor } from '../../stores/index.js';

export interface UnsavedConversation {
  cursor: StoredCursor;
  /** Messages that are acknowledged once the cursor has been saved, by id: whether each is an echo of our own. */
  readonly acks: Map<string, boolean>;
}

/**
 * Cursors that are not saved yet, each with the acknowledgements that wait for it, oldest first. Bounded: whatever is
 * forgotten is neither saved nor acknowledged, so it comes again, and both are done then.
 */
export class Unsaved {
  private conversations = new Map<string, UnsavedConversation>();
  ackCount = 0;

  constructor(
    private readonly mostConversations: number,
    private readonly mostAcks: number,
  ) {}

  get size(): number {
    return this.conversations.size;
  }

  cursorOf(conversationId: string): StoredCursor | undefined {
    return this.conversations.get(conversationId)?.cursor;
  }

  hasOf(fits: (conversationId: string) => boolean): boolean {
    return [...this.conversations.keys()].some(fits);
  }

  /** Nothing of these conversations is saved or acknowledged any more. */
  forget(fits: (conversationId: string) => boolean): void {
    for (const [id, { acks }] of this.conversations) {
      if (!fits(id)) continue;
      this.conversations.delete(id);
      this.ackCount -= acks.size;
    }
  }

  put(cursor: StoredCursor, acks?: Iterable<[string, boolean]>): void {
    this.add(cursor, acks);
    this.forgetOldest();
  }

  take(): Map<string, UnsavedConversation> {
    const taken = this.conversations;
    this.conversations = new Map();
    this.ackCount = 0;
    return taken;
  }

  /** What could not be written. It is older than what has come since: newer cursors win. */
  takeBack(older: ReadonlyMap<string, UnsavedConversation>): void {
    const newer = this.take();
    for (const { cursor, acks } of older.values()) this.add(cursor, acks);
    for (const { cursor, acks } of newer.values()) this.add(cursor, acks);
    this.forgetOldest();
  }

  private add(cursor: StoredCursor, acks: Iterable<[string, boolean]> = []): void {
    const { conversationId } = cursor;
    const unsaved = this.conversations.get(conversationId) ?? { cursor, acks: new Map<string, boolean>() };
    this.conversations.set(conversationId, unsaved);
    unsaved.cursor = cursor;
    for (const [messageId, isEcho] of acks) {
      // A message that came again waits once, as the newest.
      if (!unsaved.acks.delete(messageId)) this.ackCount += 1;
      unsaved.acks.set(messageId, isEcho);
    }
  }

  private forgetOldest(): void {
    if (this.conversations.size <= this.mostConversations && this.ackCount <= this.mostAcks) return;
    for (const [id, { acks }] of this.conversations) {
      if (this.conversations.size > this.mostConversations) {
        this.conversations.delete(id);
        this.ackCount -= acks.size;
        continue;
      }
      for (const messageId of acks.keys()) {
        if (this.ackCount <= this.mostAcks) return;
        acks.delete(messageId);
        this.ackCount -= 1;
      }
    }
  }
}
