import type { StoredCursor } from '../../stores/index.js';

/** What one conversation waits for the store with. */
export interface UnsavedConversation {
  cursor: StoredCursor;
  /** What acknowledges its messages, by their ids, once the cursor has been saved. */
  readonly acks: Map<string, () => void>;
}

/**
 * Cursors that are not saved yet, each with the acknowledgements that wait for it, oldest first. Bounded: whatever is
 * forgotten is neither saved nor acknowledged, so it comes again, and both are done then.
 */
export class Unsaved {
  private conversations = new Map<string, UnsavedConversation>();
  private ackCount = 0;

  constructor(
    private readonly mostConversations: number,
    private readonly mostAcks: number,
  ) {}

  get size(): number {
    return this.conversations.size;
  }

  /** Acknowledgements that wait. */
  get acks(): number {
    return this.ackCount;
  }

  cursorOf(conversationId: string): StoredCursor | undefined {
    return this.conversations.get(conversationId)?.cursor;
  }

  put(cursor: StoredCursor): UnsavedConversation {
    const { conversationId } = cursor;
    let unsaved = this.conversations.get(conversationId);
    if (unsaved === undefined) {
      unsaved = { cursor, acks: new Map() };
      this.conversations.set(conversationId, unsaved);
    }
    unsaved.cursor = cursor;
    this.forgetOldest();
    return unsaved;
  }

  putWithAck(cursor: StoredCursor, messageId: string, acknowledge: () => void): void {
    const { acks } = this.put(cursor);
    const before = acks.size;
    // A message that came again waits once, as the newest.
    acks.delete(messageId);
    acks.set(messageId, acknowledge);
    this.ackCount += acks.size - before;
    this.forgetOldest();
  }

  /** Everything, to be written. */
  take(): ReadonlyMap<string, UnsavedConversation> {
    const taken = this.conversations;
    this.conversations = new Map();
    this.ackCount = 0;
    return taken;
  }

  /** What could not be written. It is older than what has come since: newer cursors win. */
  takeBack(older: ReadonlyMap<string, UnsavedConversation>): void {
    const newer = this.conversations;
    this.conversations = new Map();
    this.ackCount = 0;
    for (const [id, { cursor, acks }] of older) this.append(id, cursor, acks);
    for (const [id, { cursor, acks }] of newer) this.append(id, cursor, acks);
    this.forgetOldest();
  }

  private append(id: string, cursor: StoredCursor, acks: ReadonlyMap<string, () => void>): void {
    const before = this.conversations.get(id);
    const merged = new Map(before?.acks);
    for (const [messageId, acknowledge] of acks) {
      merged.delete(messageId);
      merged.set(messageId, acknowledge);
    }
    this.ackCount += merged.size - (before?.acks.size ?? 0);
    this.conversations.set(id, { cursor, acks: merged });
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
