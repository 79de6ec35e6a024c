import type { Facts } from './facts.js';

/** BP-2: what handlers may use of the loop before they have to wait for its next turn. */
const SLICE_MS = 30;
/** Calls that take no time lengthen a slice by next to nothing. */
const MARGIN_MS = 3;
/**
 * What was begun before the slice was used up goes on: calls of as many conversations as a schedule has, behind promises;
 * or as many as share a look at the clock, because the one before them took no time.
 */
const CALLS_UNDER_WAY = 4;
/** What was deferred to the turn may use another slice before the turn is over. */
const SLICES_PER_TURN = 2;
/** A busy handler keeps the loop for so long, at most. */
export const LONGEST_TOIL_MS = 80;
/** The longest turn that there may be. */
export const LONGEST_TURN_MS = mostPerTurn(LONGEST_TOIL_MS);

/** BP-2: watches that handlers which work without waiting leave the event loop its turns. */
export class LoopWitness {
  private usedMs = 0;
  private longestMs = 0;

  constructor(private readonly facts: Facts) {}

  /** A handler has kept the loop for so long. */
  used(ms: number): void {
    this.usedMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
    const most = mostPerTurn(this.longestMs);
    if (this.usedMs > most)
      this.facts.object('BP-2', `handlers kept the loop for ${this.usedMs} ms, ${most} at most`);
  }

  /** Whatever else waited has had its turn. */
  turned(): void {
    this.usedMs = 0;
    this.longestMs = 0;
  }
}

function mostPerTurn(longestMs: number): number {
  return SLICES_PER_TURN * (SLICE_MS + MARGIN_MS + CALLS_UNDER_WAY * longestMs);
}
