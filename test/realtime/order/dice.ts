import { mulberry32 } from '../../support/mulberry32.js';

/** A seeded source of chance. Print the seed when a test fails. */
export class Dice {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(readonly seed: number) {
    this.next = mulberry32(seed);
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(first: T, ...others: T[]): T {
    return others[this.int(0, others.length) - 1] ?? first;
  }
}

/** Runs `check` for `count` seeds from `first` on; a failure names its seed. */
export function forSeeds(count: number, check: (dice: Dice) => void, first = 1): void {
  for (let seed = first; seed < first + count; seed += 1) {
    try {
      check(new Dice(seed));
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
