/** Rows whose acknowledgement by cursor may be on its way, at most. What is beyond is acknowledged by frame instead. */
const MOST = 10_000;

const NONE: readonly string[] = [];

/**
 * Handled rows that the REST cursor covers, by conversation, until the service has confirmed a cursor at or behind
 * them. The cursor is sent a few times a second, a frame at once, so a message that came live could be acknowledged
 * before the row in front of it; a process that dies in between would leave a hole that its next life, which knows
 * nothing, fills from history: with messages that were acknowledged (ACK-2).
 */
export class Unconfirmed {
  /** Rows that no request has covered yet. */
  private waiting = new Map<string, string[]>();
  /** Rows that are covered by the request under way, or by one that failed. */
  private asked = new Map<string, string[]>();
  private count = 0;

  constructor(private readonly most = MOST) {}

  /** False when there is no room for one more. */
  add(conversationId: string, messageId: string): boolean {
    if (this.count >= this.most) return false;
    this.count += 1;
    const ids = this.waiting.get(conversationId);
    if (ids === undefined) this.waiting.set(conversationId, [messageId]);
    else ids.push(messageId);
    return true;
  }

  /** The rows of a conversation, oldest first. They are acknowledged otherwise, so they are forgotten here. */
  take(conversationId: string): readonly string[] {
    if (this.count === 0) return NONE;
    const ids = [...(this.asked.get(conversationId) ?? []), ...(this.waiting.get(conversationId) ?? [])];
    this.asked.delete(conversationId);
    this.waiting.delete(conversationId);
    this.count -= ids.length;
    return ids;
  }

  /** A request leaves that covers every row so far. */
  ask(): void {
    for (const [conversationId, ids] of this.waiting) {
      const earlier = this.asked.get(conversationId);
      if (earlier === undefined) this.asked.set(conversationId, ids);
      else earlier.push(...ids);
    }
    this.waiting = new Map();
  }

  /** The service has taken it. After a failure nothing is called: the next request covers them as well. */
  confirm(): void {
    for (const ids of this.asked.values()) this.count -= ids.length;
    this.asked = new Map();
  }
}
