import { ConnectionError } from '../../errors/index.js';
import type { Message } from '../../wire/index.js';
import type { Counters } from '../explain/counters.js';
import { LruSet } from '../util/collections.js';
import { type Arrival, NO_SEQ } from './arrival.js';
import { type Busy, UNANCHORED } from './conversation.js';
import type { Neighbours } from './neighbours.js';
import type { OutstandingRegister } from './register.js';

/** What passes between the order and the lanes: messages one way, what became of them the other. */
export class Handover {
  /** Ids handled beside the order; ids serve only for those (ACK-1). */
  private readonly strayIds: LruSet<string>;
  /** Ids in the lanes that are not at their place in the order. */
  private readonly strayInLane = new Set<string>();

  constructor(
    dedupCacheSize: number,
    private readonly register: OutstandingRegister,
    private readonly counters: Counters,
    private readonly neighbours: Neighbours,
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
      if (busy.outstanding?.isMissing(arrival.seq) !== true) return;
      this.register.settled(busy, arrival.seq);
      this.changed(busy);
      return;
    }
    if (this.wasStray(message.id)) {
      if (arrival.standing === 'late') this.register.settled(busy, arrival.seq);
      this.duplicate(busy, arrival);
      return;
    }
    if (this.strayInLane.size > 0 && this.strayInLane.has(message.id)) {
      if (arrival.standing === 'late') this.register.deliverLate(busy, arrival.seq);
      return;
    }
    if (arrival.standing !== 'ordered') {
      this.strayInLane.add(message.id);
      if (arrival.standing === 'late') this.register.deliverLate(busy, arrival.seq);
    }
    this.neighbours.lanes.push(busy, arrival);
  }

  /** It had been handled before. */
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
    if (from === 'stray' && message !== null && !this.comesAgain(arrival))
      this.neighbours.observers.onError(shedForGood(message));
  }

  /** Whether the service brings it again. A drained row stays undelivered until its cursor is acknowledged, in both modes. */
  comesAgain({ source }: Arrival): boolean {
    return source === 'drain' || this.neighbours.acknowledger.wanted;
  }

  /** A lane is done with a message. */
  handled(busy: Busy, arrival: Arrival): void {
    const { message } = arrival;
    passed(busy, arrival);
    if (arrival.standing !== 'ordered' && message !== null) {
      if (arrival.standing === 'late') this.counters.late += 1;
      this.strayInLane.delete(message.id);
      // Below the floor and beside the order, only the id can tell that it has been handled.
      if (arrival.standing === 'stray' || arrival.seq < busy.conversation.floor)
        this.strayIds.add(message.id);
      this.register.settled(busy, arrival.seq);
      if (arrival.standing === 'late') this.register.handledEarly(busy, arrival.seq);
    }
    if (message === null) return;
    if (this.neighbours.identity.isEcho(message)) this.counters.own += 1;
    else this.counters.handled += 1;
    this.neighbours.acknowledger.acknowledge(busy.id, message);
  }

  /**
   * HND-1: the cursor passes a parked message; it stays unacknowledged and comes again. Returns false when no more can be
   * remembered.
   */
  parked(busy: Busy, arrival: Arrival): boolean {
    const { message, event } = arrival;
    if (message === null || event === null) return false;
    if (arrival.seq === NO_SEQ || arrival.standing === 'stray') return false;
    const times = this.register.park(busy, arrival.seq, message.id);
    if (times === null) return false;
    passed(busy, arrival);
    this.strayInLane.delete(message.id);
    this.counters.parked += 1;
    this.neighbours.catchUp.park(busy.id, arrival.seq, times, event);
    this.neighbours.acknowledger.remember(busy);
    return true;
  }

  /** What the conversation owes has changed, and no acknowledgement will tell a store. */
  changed(busy: Busy): void {
    if (busy.conversation.expected !== UNANCHORED) this.neighbours.acknowledger.remember(busy);
  }
}

/** A late message is given to a lane after everything in front of it, which was given up only then. */
function passed(busy: Busy, { standing, seq }: Arrival): void {
  if (standing !== 'stray') busy.handledThrough(seq);
}

function shedForGood({ id, conversation_id }: Message): ConnectionError {
  return new ConnectionError({
    code: 'MESSAGE_SHED',
    message:
      `Message ${id} of ${conversation_id} stands beside the order, found no room in its lane, and this service takes ` +
      'no acks: it will not come again. Make the handler faster, or raise `bounds.lane`.',
    outcome: 'rejected',
  });
}
