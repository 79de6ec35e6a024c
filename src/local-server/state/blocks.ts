/** Who has blocked whom. A block concerns both sides, and is announced to neither. */
export class Blocks {
  readonly #byBlocker = new Map<string, Map<string, string>>();

  /** Blocks; says whether it was not blocked before. */
  add(blocker: string, blocked: string, at: string): boolean {
    let blocks = this.#byBlocker.get(blocker);
    if (blocks === undefined) {
      blocks = new Map();
      this.#byBlocker.set(blocker, blocks);
    }
    if (blocks.has(blocked)) return false;
    blocks.set(blocked, at);
    return true;
  }

  /** Unblocks; says whether it was blocked. */
  lift(blocker: string, blocked: string): boolean {
    return this.#byBlocker.get(blocker)?.delete(blocked) ?? false;
  }

  has(blocker: string, blocked: string): boolean {
    return this.#byBlocker.get(blocker)?.has(blocked) ?? false;
  }

  /** Whether either has blocked the other. */
  between(one: string, other: string): boolean {
    return this.has(one, other) || this.has(other, one);
  }
}
