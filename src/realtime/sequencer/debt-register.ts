import type { Bounds } from '../bounds.js';
import type { Busy } from './conversation.js';
import { Debts, type MissingRange, type ParkedMessage } from './debts.js';

/** Keeps the debts of all conversations within their bounds. */
export class DebtRegister {
  /** Conversations that have missing ranges, the one that got its last range longest ago first. */
  private readonly withMissing = new Set<Busy>();
  private ranges = 0;
  private parkedCount = 0;

  constructor(
    private readonly bounds: Bounds,
    private readonly onForgiven: (busy: Busy) => void,
  ) {}

  get parkedTotal(): number {
    return this.parkedCount;
  }

  get missingTotal(): number {
    return this.ranges;
  }

  addMissing(busy: Busy, range: MissingRange): void {
    const debts = of(busy);
    this.change(busy, debts, () => debts.addMissing(range));
    this.withMissing.delete(busy);
    this.withMissing.add(busy);
    this.forgetOldest();
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

  /** A message that an earlier process had parked. */
  restoreParked(busy: Busy, parked: ParkedMessage): void {
    const debts = of(busy);
    if (!debts.parked.has(parked.seq)) this.parkedCount += 1;
    debts.parked.set(parked.seq, parked);
  }

  unpark(busy: Busy, seq: number): void {
    if (busy.debts?.parked.delete(seq) === true) this.parkedCount -= 1;
  }

  private change(busy: Busy, debts: Debts, change: () => void): void {
    const before = debts.missing.length;
    change();
    this.ranges += debts.missing.length - before;
    if (debts.missing.length === 0) this.withMissing.delete(busy);
  }

  /** Beyond the bound the oldest ranges are forgotten. They have been reported; they would only not be told late. */
  private forgetOldest(): void {
    for (const busy of this.withMissing) {
      if (this.ranges <= this.bounds.missing) return;
      const { debts } = busy;
      if (debts === null) continue;
      while (this.ranges > this.bounds.missing && debts.missing.length > 0) {
        debts.missing.shift();
        this.ranges -= 1;
      }
      if (debts.missing.length > 0) continue;
      this.withMissing.delete(busy);
      this.onForgiven(busy);
    }
  }
}

function of(busy: Busy): Debts {
  busy.debts ??= new Debts();
  return busy.debts;
}
