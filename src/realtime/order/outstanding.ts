import type { SeqRange } from '../events.js';
import { SeqRanges } from './seq-ranges.js';

/** A message whose handler kept failing: refetched by its seq, ever less often (HND-1). */
export interface ParkedMessage {
  readonly seq: number;
  readonly id: string;
  /** How often it has been parked. */
  readonly times: number;
}

/** Seqs that the conversation went on without. `hole` ones were legitimately absent from history. */
export interface MissingRange extends SeqRange {
  readonly hole: boolean;
}

/**
 * What one conversation still owes below its cursor: ranges that were given up or shed, parked messages, and late ones
 * that are in the lane right now. A conversation without debts has none of this.
 */
export class Outstanding {
  /** Given up, and told (GAP-3). */
  readonly givenUp = new SeqRanges();
  /** Absent from history: kept only in case history was wrong. */
  readonly holes = new SeqRanges();
  /** Late messages that found no room in their lane: asked for again when it has some (BP-1). */
  readonly shed = new SeqRanges();
  /** Handled although they lie below the floor, where nothing else is known to have been (ORD-3). */
  readonly early = new SeqRanges();
  readonly parked = new Map<number, ParkedMessage>();
  /** Seqs that were delivered late and whose handlers have not finished. */
  readonly lateInLane = new Set<number>();

  get empty(): boolean {
    return this.rangeCount === 0 && this.parked.size === 0 && this.lateInLane.size === 0;
  }

  /** How many ranges are remembered, whatever for. */
  get rangeCount(): number {
    return this.givenUp.count + this.holes.count + this.shed.count + this.early.count;
  }

  isMissing(seq: number): boolean {
    return this.givenUp.has(seq) || this.holes.has(seq) || this.shed.has(seq);
  }

  addMissing({ from, to, hole }: MissingRange): void {
    this.shed.remove({ from, to });
    (hole ? this.holes : this.givenUp).add({ from, to });
  }

  addShed(range: SeqRange): void {
    this.givenUp.remove(range);
    this.holes.remove(range);
    this.shed.add(range);
  }

  /** The lowest shed seq at or above `from` that is not in the lane. */
  nextShed(from: number): number | undefined {
    let next = this.shed.next(from);
    while (next !== undefined && this.lateInLane.has(next)) next = this.shed.next(next + 1);
    return next;
  }

  /** Strikes one seq out of everything that is missing. */
  found(seq: number): void {
    const range = { from: seq, to: seq };
    this.givenUp.remove(range);
    this.holes.remove(range);
    this.shed.remove(range);
  }

  /** The ranges worth telling and storing: holes are not missing. */
  given(): SeqRange[] {
    if (this.shed.count === 0) return [...this.givenUp.all];
    const all = new SeqRanges();
    for (const range of [...this.givenUp.all, ...this.shed.all]) all.add(range);
    return [...all.all];
  }

  /** Forgets the range that matters least. Returns it when it was one that nobody has been told of. */
  forgetOne(): SeqRange | null {
    const told = this.holes.shift() ?? this.early.shift() ?? this.givenUp.shift();
    return told === undefined ? (this.shed.shift() ?? null) : null;
  }
}
