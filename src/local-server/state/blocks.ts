import type { Ledger } from './ledger.js';

/** One agent's block of another. */
export interface Block {
  readonly blocker: string;
  readonly blocked: string;
  readonly at: string;
}

/** Who has blocked whom. A block concerns both sides, and is announced to neither. */
export class Blocks {
  readonly #byBlocker = new Map<string, Map<string, Block>>();
  readonly #ledger: Ledger<Block>;

  constructor(ledger: Ledger<Block>) {
    this.#ledger = ledger;
  }

  /** Blocks; says whether it was not blocked before. */
  add(blocker: string, blocked: string, at: string): boolean {
    if (this.has(blocker, blocked)) return false;
    const block: Block = { blocker, blocked, at };
    this.restore(block);
    this.#ledger.put(block);
    return true;
  }

  /** Takes up a block that has been before. */
  restore(block: Block): void {
    const { blocker, blocked } = block;
    this.#byBlocker.set(blocker, (this.#byBlocker.get(blocker) ?? new Map()).set(blocked, block));
  }

  /** Unblocks; says whether it was blocked. */
  lift(blocker: string, blocked: string): boolean {
    const block = this.#byBlocker.get(blocker)?.get(blocked);
    if (block === undefined) return false;
    this.#byBlocker.get(blocker)?.delete(blocked);
    this.#ledger.remove(block);
    return true;
  }

  has(blocker: string, blocked: string): boolean {
    return this.#byBlocker.get(blocker)?.has(blocked) ?? false;
  }

  /** Whether either has blocked the other. */
  between(one: string, other: string): boolean {
    return this.has(one, other) || this.has(other, one);
  }

  *all(): Generator<Block, void> {
    for (const blocks of this.#byBlocker.values()) yield* blocks.values();
  }
}
