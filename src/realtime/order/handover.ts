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
  /** Whether any was handled or parked beside the order. A plain field: it is read for every message. */
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

  /** Whether its id says that it was handled, or parked, beside the order. */
  knows(messageId: string): boolean {
    return this.hasStrays && (this.strayIds.has(messageId) || this.register.isStrayParked(messageId));
  }

  deliver(busy: Busy, arrival: Arrival): void {
    const { message, seq } = arrival;
    if (message === null) {
      if (!busy.outstanding?.isMissing(seq)) return;
      this.register.settled(busy, seq);
      this.changed(busy);
      return;
    }
    if (!this.cameAgain(busy, arrival)) this.push(busy, arrival, message);
  }

  private push(busy: Busy, arrival: Arrival, message: Message): void {
    const { standing, seq } = arrival;
    if (standing === 'late') this.register.deliverLate(busy, seq);
    if (standing !== 'ordered') this.strayInLane.add(message.id);
    this.neighbours.lanes.push(busy, arrival);
  }

  /** HND-1: one that was parked beside the order goes to its handlers again. */
  redeliverStray(busy: Busy, arrival: Arrival): void {
    const { message } = arrival;
    if (message === null || this.strayInLane.has(message.id)) return;
    arrival.redelivered = true;
    this.push(busy, arrival, message);
  }

  /** Takes care of one that was handled or parked beside the order, or is in its lane. Returns false when it is none of these. */
  private cameAgain(busy: Busy, arrival: Arrival): boolean {
    const { message, standing, seq } = arrival;
    if (message === null) return false;
    if (this.strayInLane.size > 0 && this.strayInLane.has(message.id)) {
      if (standing === 'late') this.register.deliverLate(busy, seq);
      return true;
    }
    if (!this.knows(message.id)) return false;
    if (this.register.isStrayParked(message.id)) {
      if (standing !== 'stray') this.parkAtItsPlace(busy, arrival, message);
      return true;
    }
    if (standing === 'late') this.register.settled(busy, seq);
    this.duplicate(busy, arrival);
    return true;
  }

  /** REP-3: it is in no lane any more. */
  dropped({ message }: Arrival): void {
    if (message !== null) this.strayInLane.delete(message.id);
  }

  duplicate(busy: Busy, { message }: Arrival): void {
    if (message === null) return;
    this.counters.duplicates += 1;
    this.acknowledge(busy, message);
  }

  /** There is no room for it (GAP-4, BP-1). What was handled already is not missing (GAP-3), nor lost. */
  shed(busy: Busy, arrival: Arrival, from: 'hold' | 'late' | 'stray'): void {
    if (from !== 'hold' && this.cameAgain(busy, arrival)) return;
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
      if (standing === 'stray') this.register.unparkStray(message.id);
      // Below the floor and beside the order, only the id can tell that it has been handled.
      if (standing === 'stray' || seq < busy.conversation.floor) {
        this.strayIds.add(message.id);
        this.hasStrays = true;
      }
      this.register.settled(busy, seq);
      if (standing === 'late') this.register.handledEarly(busy, seq);
    }
    if (this.acknowledge(busy, message)) this.counters.own += 1;
    else this.counters.handled += 1;
  }

  /** Returns whether it is our own message, of which nobody wanted to hear. */
  private acknowledge(busy: Busy, message: Message): boolean {
    const { acknowledger, identity } = this.neighbours;
    const isEcho = identity.isEcho(message);
    acknowledger.acknowledge(busy.id, message.id, isEcho);
    return isEcho;
  }

  /**
   * HND-1: the cursor passes a parked message, which comes again, unless it rests (HND-2), but not before `patienceMs`. Returns
   * false when no more can be remembered.
   */
  parked(busy: Busy, arrival: Arrival, rests: boolean, patienceMs = 0): boolean {
    const { message, event, seq, standing } = arrival;
    if (message === null || event === null) return false;
    if (isBeside(busy, arrival)) return this.parkedBeside(arrival, message.id, rests, patienceMs);
    this.register.placeStray(busy, seq, message.id);
    const times = this.register.park(busy, seq, message.id);
    if (times === null) return false;
    // A stray that the conversation has reached meanwhile may be in front of what has lower seqs.
    if (standing !== 'stray') busy.handledThrough(seq);
    this.strayInLane.delete(message.id);
    this.counters.parked += 1;
    if (!rests) this.neighbours.catchUp.park(busy.id, seq, times, event, patienceMs);
    this.neighbours.acknowledger.remember(busy);
    return true;
  }

  /** Beside the order only the id tells a parked message apart, and history cannot be asked for it: it is kept. */
  private parkedBeside(arrival: Arrival, id: string, rests: boolean, patienceMs: number): boolean {
    const times = this.register.parkStray(id, arrival.message?.conversation_id ?? '', rests);
    if (times === null) return false;
    this.hasStrays = true;
    this.strayInLane.delete(id);
    this.counters.parked += 1;
    if (!rests) this.neighbours.catchUp.parkStray(arrival, times, patienceMs);
    return true;
  }

  /** One that was parked beside the order has its place after all: from now on it is parked as any other. */
  private parkAtItsPlace(busy: Busy, { event, seq }: Arrival, { id }: Message): void {
    const stray = this.register.placeStray(busy, seq, id);
    if (stray === undefined || event === null) return;
    if (!stray.rests) this.neighbours.catchUp.park(busy.id, seq, stray.times, event);
    this.changed(busy);
  }

  /** What the conversation owes has changed, and no acknowledgement will tell a store. */
  changed(busy: Busy): void {
    if (busy.conversation.expected !== UNANCHORED) this.neighbours.acknowledger.remember(busy);
  }
}

/** Beside the order, also by now: the conversation may have reached a far-off seq since. */
function isBeside({ conversation }: Busy, { seq, standing }: Arrival): boolean {
  return standing === 'stray' && (seq === NO_SEQ || seq >= conversation.expected);
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
