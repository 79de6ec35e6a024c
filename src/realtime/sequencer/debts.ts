import type { SeqRange } from '../events.js';

/** A message whose handler kept failing: refetched by its seq, ever less often (HND-1). */
export interface ParkedMessage {
  readonly seq: number;
  readonly id: string;
  /** How often it has been parked. */
  readonly times: number;
}

/** Given-up seqs. `hole` ones were legitimately absent from history: kept only in case history was wrong. */
export interface MissingRange extends SeqRange {
  readonly hole: boolean;
}

/**
 * What one conversation still owes below its cursor: ranges that were given up, parked messages, and late ones that
 * are in the lane right now. A conversation without debts has none of this.
 */
export class Debts {
  missing: MissingRange[] = [];
  readonly parked = new Map<number, ParkedMessage>();
  /** Seqs that were delivered late and whose handlers have not finished. */
  readonly lateInLane = new Set<number>();

  get empty(): boolean {
    return this.missing.length === 0 && this.parked.size === 0 && this.lateInLane.size === 0;
  }

  isMissing(seq: number): boolean {
    return this.missing.some((range) => seq >= range.from && seq <= range.to);
  }

  /** Remembers a range. Neighbours of the same kind become one. */
  addMissing(range: MissingRange): void {
    const last = this.missing.at(-1);
    if (last !== undefined && last.hole === range.hole && last.to + 1 === range.from) {
      this.missing[this.missing.length - 1] = { from: last.from, to: range.to, hole: last.hole };
    } else {
      this.missing.push(range);
    }
  }

  /** Strikes one seq out of the missing ranges. */
  found(seq: number): void {
    const next: MissingRange[] = [];
    for (const range of this.missing) {
      if (seq < range.from || seq > range.to) next.push(range);
      else {
        if (range.from < seq) next.push({ from: range.from, to: seq - 1, hole: range.hole });
        if (seq < range.to) next.push({ from: seq + 1, to: range.to, hole: range.hole });
      }
    }
    this.missing = next;
  }

  /** The ranges worth telling and storing: holes are not missing. */
  given(): SeqRange[] {
    return this.missing.filter((range) => !range.hole).map(({ from, to }) => ({ from, to }));
  }
}
