import type { SeqRange } from '../events.js';

/** A set of seqs, kept as sorted ranges that neither overlap nor touch: a million neighbours cost what one does. */
export class SeqRanges {
  private ranges: SeqRange[] = [];

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

  /** The lowest member at or above `seq`. */
  next(seq: number): number | undefined {
    const range = this.ranges[this.indexOf(seq)];
    return range === undefined ? undefined : Math.max(range.from, seq);
  }

  /** The range that a member lies in. */
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

  /** Takes the lowest range out. */
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
