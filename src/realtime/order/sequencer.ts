import type { Message } from '../../wire/index.js';
import type { MessageEvent, MessageSource } from '../events.js';
import type { Counters } from '../explain/counters.js';
import type { LaneListener } from '../lanes/lane.js';
import type { Arrival } from './arrival.js';
import { type Busy, type Conversation, UNANCHORED } from './conversation.js';
import type { Conversations } from './conversations.js';
import type { Handover } from './handover.js';
import type { Neighbours } from './neighbours.js';
import type { OutstandingRegister } from './register.js';
import { type OrderOptions, Runner } from './runner.js';
import type { OrderEvent } from './step.js';

/** Puts the messages of every conversation in order and hands them to the lanes. */
export class Sequencer implements LaneListener {
  readonly conversations: Conversations;
  readonly register: OutstandingRegister;
  readonly runner: Runner;
  private readonly handover: Handover;

  constructor(
    private readonly options: OrderOptions,
    private readonly counters: Counters,
    private readonly neighbours: Neighbours,
  ) {
    this.runner = new Runner(options, counters, neighbours);
    this.conversations = this.runner.conversations;
    this.register = this.runner.register;
    this.handover = this.runner.handover;
  }

  /**
   * A message with a usable seq. The fast path: the next message of an idle conversation costs one look-up and, while
   * handlers are synchronous, no allocation but their context. `anchors`: nothing older is undelivered (ORD-3).
   */
  accept(event: MessageEvent, message: Message, source: MessageSource, anchors = false): void {
    const { lanes, identity } = this.neighbours;
    const conversation = this.conversations.get(message.conversation_id) ?? this.begin(message, anchors);
    if (
      conversation === undefined ||
      conversation.busy !== null ||
      message.seq !== conversation.expected ||
      !lanes.immediate ||
      (this.handover.hasStrays && this.handover.knows(message.id)) ||
      identity.isEcho(message)
    ) {
      this.arrive(this.arrivalOf(event, message, message.seq, source), anchors);
      return;
    }
    conversation.used = true;
    conversation.expected = message.seq + 1;
    const call = lanes.runNow(event, source);
    if (call === null) {
      this.counters.handled += 1;
      this.neighbours.acknowledger.acknowledge(message.conversation_id, message.id, false);
      return;
    }
    const busy = this.conversations.busyOf(conversation);
    busy.handledBefore(message.seq);
    lanes.adopt(busy, this.arrivalOf(event, message, message.seq, source), call);
  }

  /** ORD-3: where nothing can be older, an unknown conversation begins at once. A store would have to be asked first. */
  private begin({ conversation_id, seq }: Message, anchors: boolean): Conversation | undefined {
    if (this.neighbours.acknowledger.hasStore || !(anchors || seq <= 1)) return undefined;
    const conversation = this.conversations.obtain(conversation_id);
    conversation.expected = seq;
    conversation.floor = seq;
    return conversation;
  }

  /** A message with a usable seq, from anywhere. `anchors`: nothing older of it is undelivered (ORD-3). */
  arrive(arrival: Arrival, anchors: boolean): void {
    const { message, seq } = arrival;
    if (message === null) return;
    this.neighbours.identity.need();
    const conversation = this.conversations.obtain(message.conversation_id);
    conversation.used = true;
    const busy = this.conversations.busyOf(conversation);
    const inOrder = seq === conversation.expected && busy.sequence === null && !busy.isRunning;
    if (inOrder && this.neighbours.lanes.roomOf(busy) > 0) {
      if (busy.lane === null) busy.handledBefore(seq);
      conversation.expected += 1;
      this.runner.deliverNext(busy, arrival);
    } else {
      this.runner.dispatch(busy, { kind: 'arrived', arrival, anchors });
    }
  }

  /** A message without a usable seq: delivered in its conversation's lane, beside the order, told apart by its id. */
  arriveUnordered(arrival: Arrival): void {
    const { message } = arrival;
    if (message === null) return;
    this.neighbours.identity.need();
    const conversation = this.conversations.obtain(message.conversation_id);
    const busy = this.conversations.busyOf(conversation);
    // BP-1: of those that nobody would bring again a lane takes as many once more before it sheds.
    arrival.standing = 'stray';
    const extra = this.handover.comesAgain(arrival) ? 0 : this.options.bounds.lane;
    if (this.neighbours.lanes.roomOf(busy) + extra <= 0) this.handover.shed(busy, arrival, 'stray');
    else this.handover.deliver(busy, arrival);
    this.runner.tidy(busy);
  }

  /** GAP-5: a seq that our own send has used. */
  consumed(conversationId: string, seq: number): void {
    let conversation = this.conversations.get(conversationId);
    if (conversation === undefined) {
      // It does not anchor an unknown conversation, unless nothing can be older.
      if (seq > 1 || this.neighbours.acknowledger.hasStore) return;
      conversation = this.conversations.obtain(conversationId);
    }
    conversation.used = true;
    if (conversation.busy === null && conversation.expected === seq) {
      conversation.expected = seq + 1;
      return;
    }
    if (conversation.busy === null && seq < conversation.expected) return;
    const busy = this.conversations.busyOf(conversation);
    const arrival = this.arrivalOf(null, null, seq, 'live');
    this.runner.dispatch(busy, { kind: 'arrived', arrival, anchors: false });
  }

  /** What arrives now, at its place in the order unless somebody finds out otherwise. */
  arrivalOf(
    event: MessageEvent | null,
    message: Message | null,
    seq: number,
    source: MessageSource,
  ): Arrival {
    const at = this.options.clock.now();
    return { seq, message, event, source, at, standing: 'ordered', redelivered: false };
  }

  /** Gives an event to a conversation that waits for something; any other conversation has no use for it. */
  tell(conversationId: string, event: OrderEvent): void {
    const busy = this.conversations.get(conversationId)?.busy;
    if (busy?.sequence != null) this.runner.dispatch(busy, event);
  }

  /** REST names a seq as existing. Returns true when that is news: an ordinary gap opens (LIVE-2). */
  noteKnown(conversationId: string, seq: number): boolean {
    const conversation = this.conversations.obtain(conversationId);
    if (seq < conversation.expected) return false;
    if (seq <= (conversation.busy?.sequence?.known ?? -1)) return false;
    this.runner.dispatch(this.conversations.busyOf(conversation), { kind: 'known', seq });
    // One that is absurdly far away is not believed yet (GAP-2).
    return (conversation.busy?.sequence?.known ?? -1) >= seq;
  }

  /** A conversation that nobody has named yet waits for what the store knows of it. Returns false when it is known. */
  awaitStored(conversationId: string): boolean {
    if (this.conversations.get(conversationId) !== undefined) return false;
    const busy = this.conversations.busyOf(this.conversations.obtain(conversationId));
    const sequence = this.runner.begin(busy);
    sequence.storeAsked = true;
    sequence.anchoring = { step: 'store', since: this.options.clock.now(), before: 0 };
    return true;
  }

  /** A seq so far above the place reached that history is asked before it is believed (GAP-2). */
  isFarOff(conversationId: string, seq: number): boolean {
    const expected = this.conversations.get(conversationId)?.expected ?? UNANCHORED;
    return expected !== UNANCHORED && seq - expected > this.options.bounds.absurdSeqDistance;
  }

  /** Whether it is known what was handled in a conversation: here, or (ORD-2: it was evicted since) by the store. */
  remembers(conversationId: string): boolean {
    return this.neighbours.acknowledger.hasStore || this.conversations.get(conversationId) !== undefined;
  }

  /** True when a seq has arrived already: delivered, held, or waiting to be looked up. */
  knows(conversationId: string, seq: number): boolean {
    const conversation = this.conversations.get(conversationId);
    if (conversation === undefined) return false;
    if (seq < conversation.expected) return true;
    const sequence = conversation.busy?.sequence;
    return sequence != null && (sequence.hold.has(seq) || sequence.farOff.has(seq));
  }

  /** A gap that history was to be asked about has not closed by itself, nor by what the undelivered queue brought (GAP-6). */
  needsHistory(conversationId: string): boolean {
    const conversation = this.conversations.get(conversationId);
    const sequence = conversation?.busy?.sequence;
    if (conversation === undefined || sequence == null) return false;
    return sequence.gap?.asked === true && !sequence.hold.has(conversation.expected);
  }

  isParked(conversationId: string, seq: number): boolean {
    return this.conversations.get(conversationId)?.busy?.outstanding?.parked.has(seq) === true;
  }

  redeliver(conversationId: string, event: MessageEvent, seq: number): void {
    const busy = this.conversations.get(conversationId)?.busy;
    const parked = busy?.outstanding?.parked.get(seq);
    if (busy == null || parked === undefined || busy.outstanding?.lateInLane.has(seq)) return;
    if (this.neighbours.lanes.roomOf(busy) <= 0) {
      // BP-1: it comes when the lane has room.
      this.neighbours.catchUp.park(conversationId, seq, parked.times, event);
      return;
    }
    const arrival = this.arrivalOf(event, event.payload, seq, 'fill');
    arrival.standing = 'late';
    arrival.redelivered = true;
    this.handover.deliver(busy, arrival);
    this.runner.tidy(busy);
  }

  /** REP-3: these conversations are not ours any more. */
  forget(fits: (conversationId: string) => boolean): void {
    this.register.forgetStrays(fits);
    for (const id of this.conversations.idsOf(fits)) {
      const busy = this.conversations.get(id)?.busy;
      if (busy == null) this.conversations.forget(id);
      else this.runner.forget(busy);
    }
  }

  /** The same with one that was parked beside the order, unless it has got its place since. */
  redeliverStray(arrival: Arrival, times: number): void {
    const { message } = arrival;
    if (message === null || !this.register.isStrayParked(message.id)) return;
    if (!this.neighbours.lanes.mayBegin(message.conversation_id)) {
      // REP-3: whoever has the conversation gets it from the service.
      this.register.unparkStray(message.id);
      return;
    }
    const conversation = this.conversations.obtain(message.conversation_id);
    const busy = this.conversations.busyOf(conversation);
    // BP-1: it comes when the lane has room.
    if (this.neighbours.lanes.roomOf(busy) <= 0) this.neighbours.catchUp.parkStray(arrival, times);
    else this.handover.redeliverStray(busy, arrival);
    this.runner.tidy(busy);
  }

  /**
   * A parked message cannot be fetched any more. It was not handled, so it is remembered as any other that is
   * missing: delivered if it comes, never acknowledged as if it had been handled. One that history refuses is reported.
   */
  forgetParked(conversationId: string, seq: number, why: 'gone' | 'refused'): void {
    const busy = this.conversations.get(conversationId)?.busy;
    if (busy?.outstanding?.parked.has(seq) !== true) return;
    const range = { from: seq, to: seq };
    this.register.unpark(busy, seq);
    this.register.addMissing(busy, { ...range, hole: why === 'gone' });
    if (why === 'refused') this.runner.lost(busy, range, 'gap_fill_failed');
    this.runner.forgiven(busy);
  }

  isOwn({ message }: Arrival): boolean {
    return message !== null && this.neighbours.identity.isEcho(message);
  }

  handled(busy: Busy, arrival: Arrival): void {
    this.handover.handled(busy, arrival);
  }

  parked(busy: Busy, arrival: Arrival, rests: boolean, patienceMs: number): boolean {
    return this.handover.parked(busy, arrival, rests, patienceMs);
  }

  dropped(arrival: Arrival): void {
    this.handover.dropped(arrival);
  }

  room(busy: Busy): void {
    if (busy.sequence !== null) this.runner.dispatch(busy, { kind: 'room' });
  }

  emptied(busy: Busy): void {
    this.runner.tidy(busy);
  }
}
