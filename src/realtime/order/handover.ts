import type { Counters } from '../explain/counters.js';
import type { Lanes } from '../lanes/lanes.js';
import { LruSet } from '../util/lru-set.js';
import { type Arrival, NO_SEQ } from './arrival.js';
import { type Busy, UNANCHORED } from './conversation.js';
import type { DebtRegister } from './debts.js';
import type { SequencerPorts } from './sequencer-ports.js';

/** What passes between the order and the lanes: messages one way, what became of them the other. */
export class Handover {
  /** Ids handled beside the order; ids serve only for those (ACK-1). */
  private readonly strayIds: LruSet<string>;
  /** Ids in the lanes that are not at their place in the order. */
  private readonly strayInLane = new Set<string>();

  constructor(
    dedupCacheSize: number,
    private readonly delivery: Lanes,
    private readonly debts: DebtRegister,
    private readonly counters: Counters,
    private readonly ports: SequencerPorts,
  ) {
    this.strayIds = new LruSet(dedupCacheSize);
  }

  /** Whether a message was handled beside the order. */
  wasStray(messageId: string): boolean {
    return this.strayIds.size > 0 && this.strayIds.has(messageId);
  }

  deliver(busy: Busy, arrival: Arrival): void {
    const { message } = arrival;
    if (message === null) {
      if (busy.debts?.isMissing(arrival.seq) !== true) return;
      this.debts.settled(busy, arrival.seq);
      this.changed(busy);
      return;
    }
    if (this.wasStray(message.id)) {
      if (arrival.standing === 'late') this.debts.settled(busy, arrival.seq);
      this.duplicate(busy, arrival);
      return;
    }
    if (this.strayInLane.size > 0 && this.strayInLane.has(message.id)) {
      if (arrival.standing === 'late') this.debts.deliverLate(busy, arrival.seq);
      return;
    }
    if (arrival.standing !== 'ordered') {
      this.strayInLane.add(message.id);
      if (arrival.standing === 'late') this.debts.deliverLate(busy, arrival.seq);
    }
    this.delivery.push(busy, arrival);
  }

  /** It had been handled before. */
  duplicate(busy: Busy, { message }: Arrival): void {
    if (message === null) return;
    this.counters.duplicates += 1;
    this.ports.acknowledge(busy.id, message);
  }

  /** What is not acknowledged comes again with the next drain or reconcile, where there are acks or cursors (BP-1). */
  shedStray(arrival: Arrival): void {
    this.counters.shed += 1;
    if (arrival.message !== null && !this.ports.comesAgain(arrival)) this.ports.shedForGood(arrival.message);
  }

  /** A lane is done with a message. */
  handled(busy: Busy, arrival: Arrival): void {
    const { message } = arrival;
    this.passed(busy, arrival);
    if (arrival.standing !== 'ordered' && message !== null) {
      if (arrival.standing === 'late') this.counters.late += 1;
      this.strayInLane.delete(message.id);
      // Below the floor and beside the order, only the id can tell that it has been handled.
      if (arrival.standing === 'stray' || arrival.seq < busy.conversation.floor)
        this.strayIds.add(message.id);
      this.debts.settled(busy, arrival.seq);
      if (arrival.standing === 'late') this.debts.handledEarly(busy, arrival.seq);
    }
    if (message === null) return;
    if (this.ports.isOwn(message)) this.counters.own += 1;
    else this.counters.handled += 1;
    this.ports.acknowledge(busy.id, message);
  }

  /** HND-1: the cursor passes a parked message; it stays unacknowledged and comes again. */
  parked(busy: Busy, arrival: Arrival): boolean {
    const { message, event } = arrival;
    if (message === null || event === null) return false;
    if (arrival.seq === NO_SEQ || arrival.standing === 'stray') return false;
    const times = this.debts.park(busy, arrival.seq, message.id);
    if (times === null) return false;
    this.passed(busy, arrival);
    this.strayInLane.delete(message.id);
    this.counters.parked += 1;
    this.ports.schedulePark(busy.id, arrival.seq, times, event);
    return true;
  }

  /**
   * A lane works through what it is given one by one, and a late message is given to it after everything in front of it
   * (that was given up only then): whichever of the two is done, nothing below it is still at work.
   */
  private passed(busy: Busy, { standing, seq }: Arrival): void {
    if (standing !== 'stray' && seq > busy.handled) busy.handled = seq;
  }

  /** What the conversation owes has changed, and no acknowledgement will tell a store. */
  changed(busy: Busy): void {
    if (busy.conversation.expected !== UNANCHORED) this.ports.remember(busy);
  }
}
