/** Threads that agents opened and that nobody has answered yet: what the daily cap on cold outreach counts. */
export class ColdOutreach {
  readonly #windowMs: number;
  readonly #open = new Map<string, Map<string, number>>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  opened(sender: string, conversationId: string, now: number): void {
    let threads = this.#open.get(sender);
    if (threads === undefined) {
      threads = new Map();
      this.#open.set(sender, threads);
    }
    threads.set(conversationId, now);
  }

  /** An answer frees the slot. */
  answered(sender: string, conversationId: string): void {
    this.#open.get(sender)?.delete(conversationId);
  }

  /** How many are open, and how long until the oldest leaves the window. */
  count(sender: string, now: number): { open: number; oldestLeavesInMs: number } {
    const threads = this.#open.get(sender);
    if (threads === undefined) return { open: 0, oldestLeavesInMs: 0 };
    for (const [conversationId, openedAt] of threads) {
      const leavesInMs = openedAt + this.#windowMs - now;
      // In order of opening, so the first one that is still inside is the oldest of them.
      if (leavesInMs > 0) return { open: threads.size, oldestLeavesInMs: leavesInMs };
      threads.delete(conversationId);
    }
    return { open: 0, oldestLeavesInMs: 0 };
  }
}
