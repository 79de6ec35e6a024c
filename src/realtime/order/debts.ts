import type { Bounds } from '../bounds.js';
import type { SeqRange } from '../events.js';
import type { Busy } from './conversation.js';
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
export class Debts {
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

/** What the register tells when it has to forget. */
export interface DebtListener {
  /** A message that was turned away for want of room will not be asked for again, and nobody has been told of it. */
  onShedForgotten(busy: Busy, range: SeqRange): void;
  /** The conversation owes less than before. */
  onForgiven(busy: Busy): void;
}

/** Keeps the debts of all conversations within their bounds. */
export class DebtRegister {
  /** Conversations that have ranges, the one that got its last range longest ago first. */
  private readonly withRanges = new Set<Busy>();
  private ranges = 0;
  private parkedCount = 0;

  constructor(
    private readonly bounds: Bounds,
    private readonly listener: DebtListener,
  ) {}

  get parkedTotal(): number {
    return this.parkedCount;
  }

  /** Ranges that are remembered, over all conversations. */
  get missingTotal(): number {
    return this.ranges;
  }

  addMissing(busy: Busy, range: MissingRange): void {
    this.grow(busy, (debts) => debts.addMissing(range));
  }

  /** BP-1: a late message that found no room. */
  addShed(busy: Busy, range: SeqRange): void {
    this.grow(busy, (debts) => debts.addShed(range));
  }

  /** A late message goes into the lane. */
  deliverLate(busy: Busy, seq: number): void {
    of(busy).lateInLane.add(seq);
  }

  /** A seq is not owed any more. */
  settled(busy: Busy, seq: number): void {
    const { debts } = busy;
    if (debts === null) return;
    debts.lateInLane.delete(seq);
    this.change(busy, debts, () => debts.found(seq));
    this.unpark(busy, seq);
  }

  /** Handled below the floor (ORD-3). What has been handled up to the floor lowers it, and need not be remembered. */
  handledEarly(busy: Busy, seq: number): void {
    const { conversation } = busy;
    if (seq >= conversation.floor) return;
    this.grow(busy, ({ early }) => {
      early.add({ from: seq, to: seq });
      const reached = early.around(conversation.floor - 1);
      if (reached === undefined) return;
      conversation.floor = reached.from;
      early.remove(reached);
    });
  }

  /** Returns how often the message has been parked, this time included; null when no more can be remembered. */
  park(busy: Busy, seq: number, id: string): number | null {
    const debts = of(busy);
    const before = debts.parked.get(seq);
    if (before === undefined && this.parkedCount >= this.bounds.parked) return null;
    if (before === undefined) this.parkedCount += 1;
    const times = (before?.times ?? 0) + 1;
    debts.parked.set(seq, { seq, id, times });
    debts.lateInLane.delete(seq);
    this.change(busy, debts, () => debts.found(seq));
    return times;
  }

  /** A message that an earlier process had parked. Returns false when no more can be remembered. */
  restoreParked(busy: Busy, parked: ParkedMessage): boolean {
    const known = busy.debts?.parked.has(parked.seq) === true;
    if (!known && this.parkedCount >= this.bounds.parked) return false;
    if (!known) this.parkedCount += 1;
    of(busy).parked.set(parked.seq, parked);
    return true;
  }

  unpark(busy: Busy, seq: number): void {
    if (busy.debts?.parked.delete(seq) === true) this.parkedCount -= 1;
  }

  private grow(busy: Busy, change: (debts: Debts) => void): void {
    const debts = of(busy);
    this.withRanges.delete(busy);
    this.withRanges.add(busy);
    this.change(busy, debts, () => change(debts));
  }

  private change(busy: Busy, debts: Debts, change: () => void): void {
    const before = debts.rangeCount;
    change();
    this.ranges += debts.rangeCount - before;
    if (debts.rangeCount === 0) this.withRanges.delete(busy);
    // Also when one was struck out of the middle of a range: that makes two.
    this.forgetOldest();
  }

  /** Beyond the bound the oldest are forgotten. What was given up has been told; it would only not be told late. */
  private forgetOldest(): void {
    for (const busy of this.withRanges) {
      if (this.ranges <= this.bounds.missing) return;
      const { debts } = busy;
      if (debts === null) continue;
      while (this.ranges > this.bounds.missing && debts.rangeCount > 0) {
        const untold = debts.forgetOne();
        this.ranges -= 1;
        if (untold !== null) this.listener.onShedForgotten(busy, untold);
      }
      if (debts.rangeCount === 0) this.withRanges.delete(busy);
      this.listener.onForgiven(busy);
    }
  }
}

function of(busy: Busy): Debts {
  busy.debts ??= new Debts();
  return busy.debts;
}
