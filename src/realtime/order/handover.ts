import { ConnectionError } from '../../errors/index.js';
import type { Message } from '../../wire/index.js';
import type { Counters } from '../explain/counters.js';
import { LazySet, LruSet } from '../util/collections.js';
import { type Arrival, NO_SEQ } from './arrival.js';
import { type Busy, UNANCHORED } from './conversation.js';
import type { Neighbours } from './neighbours.js';
import type { OutstandingRegister } from './register.js';

/** What passes between the order and the lanes: messages one way, what became of them the other. */
export class Handover {
  /** Ids handled beside the order; ids serve only for those (ACK-1). */
  private readonly strayIds: LruSet<string>;
  /** Whether there are any. A plain field: it is read for every message. */
  hasStrays = false;
  /** Ids in the lanes that are not at their place in the order. */
  private readonly strayInLane = new LazySet<string>();

  constructor(
    dedupCacheSize: number,
    private readonly register: OutstandingRegister,
    private readonly counters: Counters,
    private readonly neighbours: Neighbours,
  ) {
    this.strayIds = new LruSet(dedupCacheSize);
  }

  wasStray(messageId: string): boolean {
    return this.hasStrays && this.strayIds.has(messageId);
  }

  deliver(busy: Busy, arrival: Arrival): void {
    const { message, seq, standing } = arrival;
    if (message === null) {
      if (!busy.outstanding?.isMissing(seq)) return;
      this.register.settled(busy, seq);
      this.changed(busy);
      return;
    }
    if (this.wasStray(message.id)) {
      if (standing === 'late') this.register.settled(busy, seq);
      this.duplicate(busy, arrival);
      return;
    }
    if (standing === 'late') this.register.deliverLate(busy, seq);
    if (this.strayInLane.size > 0 && this.strayInLane.has(message.id)) return;
    if (standing !== 'ordered') this.strayInLane.add(message.id);
    this.neighbours.lanes.push(busy, arrival);
  }

  duplicate(busy: Busy, { message }: Arrival): void {
    if (message === null) return;
    this.counters.duplicates += 1;
    this.neighbours.acknowledger.acknowledge(busy.id, message);
  }

  /** There is no room for it (GAP-4, BP-1). */
  shed(busy: Busy, arrival: Arrival, from: 'hold' | 'late' | 'stray'): void {
    this.counters.shed += 1;
    const { seq, message } = arrival;
    if (from === 'late') this.register.addShed(busy, { from: seq, to: seq });
    const isLost = from === 'stray' && message !== null && !this.comesAgain(arrival);
    if (isLost) this.neighbours.observers.onError(shedForGood(message));
  }

  /** Whether the service brings it again. A drained row stays undelivered until its cursor is acknowledged, in both modes. */
  comesAgain({ source }: Arrival): boolean {
    return source === 'drain' || this.neighbours.acknowledger.wanted;
  }

  handled(busy: Busy, { message, seq, standing }: Arrival): void {
    // A late one was given to its lane after everything in front of it, which was given up only then.
    if (standing !== 'stray') busy.handledThrough(seq);
    if (message === null) return;
    if (standing !== 'ordered') {
      if (standing === 'late') this.counters.late += 1;
      this.strayInLane.delete(message.id);
      // Below the floor and beside the order, only the id can tell that it has been handled.
      if (standing === 'stray' || seq < busy.conversation.floor) {
        this.strayIds.add(message.id);
        this.hasStrays = true;
      }
      this.register.settled(busy, seq);
      if (standing === 'late') this.register.handledEarly(busy, seq);
    }
    if (this.neighbours.identity.isEcho(message)) this.counters.own += 1;
    else this.counters.handled += 1;
    this.neighbours.acknowledger.acknowledge(busy.id, message);
  }

  /**
   * HND-1: the cursor passes a parked message, which comes again, unless it rests (HND-2). Returns false when no more can be
   * remembered.
   */
  parked(busy: Busy, { message, event, seq, standing }: Arrival, rests: boolean): boolean {
    if (message === null || event === null || seq === NO_SEQ || standing === 'stray') return false;
    const times = this.register.park(busy, seq, message.id);
    if (times === null) return false;
    busy.handledThrough(seq);
    this.strayInLane.delete(message.id);
    this.counters.parked += 1;
    if (!rests) this.neighbours.catchUp.park(busy.id, seq, times, event);
    this.neighbours.acknowledger.remember(busy);
    return true;
  }

  /** What the conversation owes has changed, and no acknowledgement will tell a store. */
  changed(busy: Busy): void {
    if (busy.conversation.expected !== UNANCHORED) this.neighbours.acknowledger.remember(busy);
  }
}

function shedForGood({ id, conversation_id }: Message): ConnectionError {
  return new ConnectionError({
    code: 'MESSAGE_SHED',
    message:
      `Message ${id} of ${conversation_id} is lost: it has no usable seq, its lane is full, and this service takes no acks, ` +
      'so it does not come again. Make the handler faster, or raise `bounds.lane`.',
    outcome: 'rejected',
  });
}
