import type { Bounds } from '../bounds.js';
import type { SeqRange } from '../events.js';
import { LazyMap, LazySet } from '../util/collections.js';
import type { Busy } from './conversation.js';
import { type MissingRange, Outstanding, type ParkedMessage } from './outstanding.js';

export interface RegisterListener {
  /** A message that was turned away for want of room will not be asked for again, and nobody has been told of it. */
  shedForgotten(busy: Busy, range: SeqRange): void;
  forgiven(busy: Busy): void;
}

/** A message parked beside the order. `rests`: it does not come again by itself (HND-2). */
interface ParkedStray {
  readonly conversationId: string;
  readonly times: number;
  readonly rests: boolean;
}

/** Keeps the outstanding of all conversations within their bounds. */
export class OutstandingRegister {
  /** Ranges that are remembered, over all conversations. */
  missingTotal = 0;
  parkedTotal = 0;
  /** Conversations that have ranges, the one that got its last range longest ago first. */
  private readonly withRanges = new LazySet<Busy>();
  /** By id: they have no place in any conversation. */
  private readonly parkedStrays = new LazyMap<string, ParkedStray>();

  constructor(
    private readonly bounds: Bounds,
    private readonly listener: RegisterListener,
  ) {}

  addMissing(busy: Busy, range: MissingRange): void {
    this.grow(busy, (outstanding) => outstanding.addMissing(range));
  }

  /** BP-1: a late message that found no room. */
  addShed(busy: Busy, range: SeqRange): void {
    this.grow(busy, (outstanding) => outstanding.addShed(range));
  }

  deliverLate(busy: Busy, seq: number): void {
    of(busy).lateInLane.add(seq);
  }

  settled(busy: Busy, seq: number): void {
    if (busy.outstanding === null) return;
    this.notMissing(busy, seq);
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
    const times = (busy.outstanding?.parked.get(seq)?.times ?? 0) + 1;
    if (!this.restoreParked(busy, { seq, id, times })) return null;
    this.notMissing(busy, seq);
    return times;
  }

  /** Remembers a parked message, perhaps of an earlier process. Returns false when no more can be remembered. */
  restoreParked(busy: Busy, message: ParkedMessage): boolean {
    const { parked } = of(busy);
    const known = parked.has(message.seq);
    if (!known && this.parkedTotal >= this.bounds.parked) return false;
    if (!known) this.parkedTotal += 1;
    parked.set(message.seq, message);
    return true;
  }

  unpark(busy: Busy, seq: number): void {
    if (busy.outstanding?.parked.delete(seq) === true) this.parkedTotal -= 1;
  }

  isStrayParked(id: string): boolean {
    return this.parkedStrays.has(id);
  }

  /** Returns how often the message has been parked, this time included; null when no more can be remembered. */
  parkStray(id: string, conversationId: string, rests: boolean): number | null {
    const known = this.parkedStrays.get(id);
    if (known === undefined && this.parkedTotal >= this.bounds.parked) return null;
    if (known === undefined) this.parkedTotal += 1;
    const times = (known?.times ?? 0) + 1;
    this.parkedStrays.set(id, { conversationId, times, rests });
    return times;
  }

  unparkStray(id: string): void {
    if (this.parkedStrays.delete(id)) this.parkedTotal -= 1;
  }

  /** A message that was parked beside the order has got its place: it stays parked there. */
  placeStray(busy: Busy, seq: number, id: string): ParkedStray | undefined {
    const stray = this.parkedStrays.get(id);
    if (stray === undefined) return undefined;
    this.unparkStray(id);
    this.restoreParked(busy, { seq, id, times: stray.times });
    this.notMissing(busy, seq);
    return stray;
  }

  /** REP-3: messages of these conversations that were parked beside the order are somebody else's. */
  forgetStrays(fits: (conversationId: string) => boolean): void {
    for (const [id, { conversationId }] of this.parkedStrays) if (fits(conversationId)) this.unparkStray(id);
  }

  /** The conversation is not ours any more. */
  forget(busy: Busy): void {
    const { outstanding } = busy;
    if (outstanding === null) return;
    this.missingTotal -= outstanding.rangeCount;
    this.parkedTotal -= outstanding.parked.size;
    this.withRanges.delete(busy);
    busy.outstanding = null;
  }

  private notMissing(busy: Busy, seq: number): void {
    of(busy).lateInLane.delete(seq);
    this.change(busy, (outstanding) => outstanding.found(seq));
  }

  private grow(busy: Busy, change: (outstanding: Outstanding) => void): void {
    this.withRanges.delete(busy);
    this.withRanges.add(busy);
    this.change(busy, change);
  }

  private change(busy: Busy, change: (outstanding: Outstanding) => void): void {
    const outstanding = of(busy);
    const before = outstanding.rangeCount;
    change(outstanding);
    this.missingTotal += outstanding.rangeCount - before;
    if (outstanding.rangeCount === 0) this.withRanges.delete(busy);
    // Also when one was struck out of the middle of a range: that makes two.
    this.forgetOldest();
  }

  /** Beyond the bound the oldest are forgotten. What was given up has been told; it would only not be told late. */
  private forgetOldest(): void {
    for (const busy of this.withRanges) {
      if (this.missingTotal <= this.bounds.missing) return;
      const outstanding = of(busy);
      while (this.missingTotal > this.bounds.missing && outstanding.rangeCount > 0) {
        const untold = outstanding.forgetOne();
        this.missingTotal -= 1;
        for (const range of untold) this.listener.shedForgotten(busy, range);
      }
      if (outstanding.rangeCount === 0) this.withRanges.delete(busy);
      this.listener.forgiven(busy);
    }
  }
}

function of(busy: Busy): Outstanding {
  busy.outstanding ??= new Outstanding();
  return busy.outstanding;
}
