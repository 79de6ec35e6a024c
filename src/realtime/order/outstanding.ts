import type { SeqRange } from '../events.js';

/** A message whose handler kept failing: refetched by its seq, ever less often (HND-1). */
export interface ParkedMessage {
  readonly seq: number;
  readonly id: string;
  readonly times: number;
}

/** Seqs that the conversation went on without. `hole` ones were legitimately absent from history. */
export interface MissingRange extends SeqRange {
  readonly hole: boolean;
}

/** What a conversation still owes below its cursor. A conversation that owes nothing has none of this. */
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
    this.strike(range);
    this.shed.add(range);
  }

  /** A shed seq that is not in the lane. */
  isTurnedAway(seq: number): boolean {
    return this.shed.has(seq) && !this.lateInLane.has(seq);
  }

  /** The lowest shed seq at or above `from` that is not in the lane. */
  nextShed(from: number): number | undefined {
    let next = this.shed.next(from);
    while (next !== undefined && this.lateInLane.has(next)) next = this.shed.next(next + 1);
    return next;
  }

  found(seq: number): void {
    this.strike({ from: seq, to: seq });
  }

  private strike(range: SeqRange): void {
    for (const ranges of [this.givenUp, this.holes, this.shed]) ranges.remove(range);
  }

  /** The ranges worth telling and storing: holes are not missing. */
  given(): readonly SeqRange[] {
    if (this.shed.count === 0) return [...this.givenUp.all];
    return new SeqRanges([...this.givenUp.all, ...this.shed.all]).all;
  }

  /** Forgets the range that matters least. Returns what of it is lost and nobody has been told of. */
  forgetOne(): readonly SeqRange[] {
    const told = this.holes.shift() ?? this.early.shift() ?? this.givenUp.shift();
    const shed = told === undefined ? this.shed.shift() : undefined;
    if (shed === undefined) return [];
    const untold = new SeqRanges([shed]);
    // What is in its lane again will be handled: nothing is lost.
    for (const seq of this.lateInLane) untold.remove({ from: seq, to: seq });
    return untold.all;
  }
}

/** A set of seqs, kept as sorted ranges that neither overlap nor touch: a million neighbours cost what one does. */
export class SeqRanges {
  private ranges: SeqRange[] = [];

  constructor(members: readonly SeqRange[] = []) {
    for (const range of members) this.add(range);
  }

  /** How many ranges there are: what it costs to remember them. */
  get count(): number {
    return this.ranges.length;
  }

  get all(): readonly SeqRange[] {
    return this.ranges;
  }

  has(seq: number): boolean {
    const range = this.ranges[this.indexOf(seq)];
    return range !== undefined && range.from <= seq;
  }

  next(seq: number): number | undefined {
    const range = this.ranges[this.indexOf(seq)];
    return range === undefined ? undefined : Math.max(range.from, seq);
  }

  around(seq: number): SeqRange | undefined {
    return this.has(seq) ? this.ranges[this.indexOf(seq)] : undefined;
  }

  add({ from, to }: SeqRange): void {
    // Everything that overlaps or touches becomes one.
    const first = this.indexOf(from - 1);
    let end = first;
    let range: SeqRange = { from, to };
    for (let next = this.ranges[end]; next !== undefined && next.from <= to + 1; next = this.ranges[end]) {
      range = { from: Math.min(range.from, next.from), to: Math.max(range.to, next.to) };
      end += 1;
    }
    this.ranges.splice(first, end - first, range);
  }

  remove({ from, to }: SeqRange): void {
    const first = this.indexOf(from);
    const rest: SeqRange[] = [];
    let end = first;
    for (let next = this.ranges[end]; next !== undefined && next.from <= to; next = this.ranges[end]) {
      if (next.from < from) rest.push({ from: next.from, to: from - 1 });
      if (next.to > to) rest.push({ from: to + 1, to: next.to });
      end += 1;
    }
    if (end > first) this.ranges.splice(first, end - first, ...rest);
  }

  shift(): SeqRange | undefined {
    return this.ranges.shift();
  }

  /** The first range that ends at or above `seq`: the one that holds it, if any does. */
  private indexOf(seq: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const range = this.ranges[middle];
      if (range !== undefined && range.to < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
