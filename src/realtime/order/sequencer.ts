import type { Message } from '../../wire/index.js';
import type { MessageEvent, MessageSource } from '../events.js';
import type { Counters } from '../explain/counters.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Arrival } from './arrival.js';
import { type Busy, type Conversation, UNANCHORED } from './conversation.js';
import { Conversations } from './conversations.js';
import { DebtRegister } from './debts.js';
import { Handover } from './handover.js';
import { MachineRunner } from './runner.js';
import { isSettled, type Sequence, type SequenceEvent } from './sequence.js';
import type { SequencerOptions, SequencerPorts } from './sequencer-ports.js';

/** Puts the messages of every conversation in order and hands them to the lanes. Executes what the machine decides. */
export class Sequencer {
  readonly conversations: Conversations;
  readonly debts: DebtRegister;
  readonly handover: Handover;
  private readonly runner: MachineRunner;

  constructor(
    private readonly options: SequencerOptions,
    private readonly delivery: Lanes,
    private readonly counters: Counters,
    private readonly ports: SequencerPorts,
  ) {
    this.conversations = new Conversations(options.bounds.idleConversations);
    this.debts = new DebtRegister(options.bounds, {
      onForgiven: (busy) => {
        this.handover.changed(busy);
        this.tidy(busy);
      },
      onShedForgotten: (busy, range) => this.runner.lost(busy, range, 'buffer_overflow'),
    });
    this.handover = new Handover(options.dedupCacheSize, delivery, this.debts, counters, ports);
    this.runner = new MachineRunner(options, delivery, counters, this.debts, ports, this.handover, (busy) =>
      this.tidy(busy),
    );
  }

  /**
   * A message with a usable seq. The fast path: the next message of an idle conversation costs one look-up and, while
   * handlers are synchronous, no allocation but their context. `anchors`: nothing older is undelivered (ORD-3).
   */
  accept(event: MessageEvent, message: Message, source: MessageSource, anchors = false): void {
    const conversation = this.conversations.get(message.conversation_id) ?? this.begin(message, anchors);
    if (
      conversation === undefined ||
      conversation.busy !== null ||
      message.seq !== conversation.expected ||
      !this.delivery.flowing ||
      this.handover.wasStray(message.id) ||
      this.ports.isOwn(message)
    ) {
      this.arrive(this.arrivalOf(event, message, message.seq, source), anchors);
      return;
    }
    conversation.used = true;
    conversation.expected = message.seq + 1;
    const invocation = this.delivery.runNow(event, source);
    if (invocation === null) {
      this.counters.handled += 1;
      this.ports.acknowledge(message.conversation_id, message);
      return;
    }
    const busy = this.conversations.busyOf(message.conversation_id, conversation);
    busy.handled = message.seq - 1;
    this.delivery.adopt(busy, this.arrivalOf(event, message, message.seq, source), invocation);
  }

  /** ORD-3: where nothing can be older, an unknown conversation begins at once. A store would have to be asked first. */
  private begin({ conversation_id, seq }: Message, anchors: boolean): Conversation | undefined {
    if (this.ports.hasStore || !(anchors || seq <= 1)) return undefined;
    const conversation = this.conversations.obtain(conversation_id);
    conversation.expected = seq;
    conversation.floor = seq;
    return conversation;
  }

  /** A message with a usable seq, from anywhere. `anchors`: nothing older of it is undelivered (ORD-3). */
  arrive(arrival: Arrival, anchors: boolean): void {
    const { message } = arrival;
    if (message === null) return;
    const id = message.conversation_id;
    const conversation = this.conversations.obtain(id);
    conversation.used = true;
    const busy = this.conversations.busyOf(id, conversation);
    const inOrder = arrival.seq === conversation.expected && busy.sequence === null && busy.backlog === null;
    if (inOrder && this.delivery.roomOf(busy) > 0) {
      if (busy.lane === null) busy.handled = conversation.expected - 1;
      conversation.expected += 1;
      busy.backlog = [];
      this.handover.deliver(busy, arrival);
      this.runner.unwind(busy);
    } else {
      this.runner.dispatch(busy, { kind: 'arrived', arrival, anchors });
    }
  }

  /** A message without a usable seq: delivered in its conversation's lane, beside the order, told apart by its id. */
  arriveUnordered(arrival: Arrival): void {
    const { message } = arrival;
    if (message === null) return;
    const id = message.conversation_id;
    const conversation = this.conversations.obtain(id);
    const busy = this.conversations.busyOf(id, conversation);
    // BP-1: of those that nobody would bring again a lane takes as many once more before it sheds.
    const extra = this.ports.comesAgain(arrival) ? 0 : this.options.bounds.lane;
    if (this.delivery.roomOf(busy) + extra <= 0) this.handover.shedStray(arrival);
    else {
      arrival.standing = 'stray';
      this.handover.deliver(busy, arrival);
    }
    this.tidy(busy);
  }

  /** GAP-5: a seq that our own send has used. */
  consumed(conversationId: string, seq: number): void {
    let conversation = this.conversations.get(conversationId);
    if (conversation === undefined) {
      // It does not anchor an unknown conversation, unless nothing can be older.
      if (seq > 1 || this.ports.hasStore) return;
      conversation = this.conversations.obtain(conversationId);
    }
    conversation.used = true;
    if (conversation.busy === null && conversation.expected === seq) {
      conversation.expected = seq + 1;
      return;
    }
    if (conversation.busy === null && seq < conversation.expected) return;
    const { clock } = this.options;
    const arrival: Arrival = {
      seq,
      message: null,
      event: null,
      source: 'live',
      at: clock.now(),
      standing: 'ordered',
      redelivered: false,
    };
    this.runner.dispatch(this.conversations.busyOf(conversationId, conversation), {
      kind: 'arrived',
      arrival,
      anchors: false,
    });
  }

  /** A seq so far above the place reached that history is asked before it is believed (GAP-2). */
  isFarOff(conversationId: string, seq: number): boolean {
    const expected = this.conversations.get(conversationId)?.expected ?? UNANCHORED;
    return expected !== UNANCHORED && seq - expected > this.options.bounds.absurdSeqDistance;
  }

  /** REST names a seq as existing. Returns true when that is news: an ordinary gap opens (LIVE-2). */
  noteKnown(conversationId: string, seq: number): boolean {
    const conversation = this.conversations.obtain(conversationId);
    if (seq < conversation.expected) return false;
    const known = conversation.busy?.sequence?.known ?? -1;
    if (seq <= known) return false;
    this.runner.dispatch(this.conversations.busyOf(conversationId, conversation), { kind: 'known', seq });
    // One that is absurdly far away is not believed yet (GAP-2).
    return (conversation.busy?.sequence?.known ?? -1) >= seq;
  }

  /** Whether it is known what was handled in a conversation: here, or (ORD-2: it was evicted since) by the store. */
  remembers(conversationId: string): boolean {
    return this.ports.hasStore || this.conversations.get(conversationId) !== undefined;
  }

  /** A conversation that nobody has named yet waits for what the store knows of it. Returns false when it is known. */
  awaitStored(conversationId: string): boolean {
    if (this.conversations.get(conversationId) !== undefined) return false;
    const busy = this.conversations.busyOf(conversationId, this.conversations.obtain(conversationId));
    const sequence = this.runner.begin(busy);
    sequence.storeAsked = true;
    sequence.anchoring = { step: 'store', since: this.options.clock.now(), before: 0 };
    return true;
  }

  /** Gives an event to a conversation that is busy; any other conversation has no use for it. */
  tell(conversationId: string, event: SequenceEvent): void {
    const busy = this.conversations.get(conversationId)?.busy;
    if (busy?.sequence != null) this.runner.dispatch(busy, event);
  }

  /** Everyone who waited for the drain. */
  drainEnded(): void {
    const waiting = this.underWay(({ gap, anchoring }) => gap !== null || anchoring !== null);
    for (const busy of waiting) {
      if (busy.sequence !== null) this.runner.dispatch(busy, { kind: 'drain-ended' });
    }
  }

  private underWay(which: (sequence: Sequence) => boolean): Busy[] {
    const found: Busy[] = [];
    for (const [, { busy }] of this.conversations.entries()) {
      if (busy?.sequence != null && which(busy.sequence)) found.push(busy);
    }
    return found;
  }

  /** STOP-1: no timer of a gap or a look runs while the client is stopped. */
  pause(): void {
    this.runner.pause(this.underWay(() => true));
  }

  /** The client goes on: everything that was under way does too. */
  resume(): void {
    this.runner.resume(this.underWay(() => true));
  }

  /** HND-1: a parked message was fetched again. */
  redeliver(conversationId: string, event: MessageEvent, seq: number): void {
    const busy = this.conversations.get(conversationId)?.busy;
    if (busy?.debts?.parked.has(seq) !== true || busy.debts.lateInLane.has(seq)) return;
    if (this.delivery.roomOf(busy) <= 0) {
      // BP-1: it comes when the lane has room.
      this.ports.schedulePark(conversationId, seq, busy.debts.parked.get(seq)?.times ?? 1, event);
      return;
    }
    const arrival = this.arrivalOf(event, event.payload, seq, 'fill');
    arrival.standing = 'late';
    arrival.redelivered = true;
    this.handover.deliver(busy, arrival);
    this.tidy(busy);
  }

  isParked(conversationId: string, seq: number): boolean {
    return this.conversations.get(conversationId)?.busy?.debts?.parked.has(seq) === true;
  }

  /**
   * HND-1: a parked message cannot be fetched any more. It was not handled, so it is remembered as any other that is
   * missing: delivered if it comes, never acknowledged as if it had been handled. One that history refuses is reported.
   */
  forgetParked(conversationId: string, seq: number, why: 'gone' | 'refused'): void {
    const busy = this.conversations.get(conversationId)?.busy;
    if (busy?.debts?.parked.has(seq) !== true) return;
    const range = { from: seq, to: seq };
    this.debts.unpark(busy, seq);
    this.debts.addMissing(busy, { ...range, hole: why === 'gone' });
    if (why === 'refused') this.runner.lost(busy, range, 'gap_fill_failed');
    this.handover.changed(busy);
    this.tidy(busy);
  }

  /** True when a seq has arrived already: delivered, held, or waiting to be looked up. */
  knows(conversationId: string, seq: number): boolean {
    const conversation = this.conversations.get(conversationId);
    if (conversation === undefined) return false;
    const sequence = conversation.busy?.sequence;
    return (
      seq < conversation.expected || sequence?.hold.has(seq) === true || sequence?.suspects.has(seq) === true
    );
  }

  arrivalOf(event: MessageEvent, message: Message, seq: number, source: MessageSource): Arrival {
    const at = this.options.clock.now();
    return { seq, message, event, source, at, standing: 'ordered', redelivered: false };
  }

  // -- what the lanes tell ------------------------------------------------------------------------------------

  room(busy: Busy): void {
    if (busy.sequence !== null) this.runner.dispatch(busy, { kind: 'room' });
  }

  /** Drops what a conversation does not need any more. An idle one is its record alone. */
  tidy(busy: Busy): void {
    if (busy.backlog !== null) return;
    const { conversation } = busy;
    if (busy.debts?.empty === true) busy.debts = null;
    if (busy.sequence !== null && isSettled(busy.sequence, conversation.expected)) this.runner.end(busy);
    else this.turnAway(busy);
    if (busy.sequence !== null || busy.lane !== null || busy.debts !== null) return;
    conversation.busy = null;
    if (conversation.expected === UNANCHORED) this.conversations.forget(busy.id);
    else this.conversations.becameIdle();
  }

  /**
   * GAP-4: where too many conversations wait already, one more does not. It is neither at work nor owes anything, and the
   * service has what it waited with.
   */
  private turnAway(busy: Busy): void {
    const { sequence } = busy;
    if (sequence === null || busy.lane !== null || busy.debts !== null || !this.runner.tooManyWait) return;
    this.counters.shed += sequence.hold.size + sequence.suspects.size;
    const known = Math.max(sequence.known, sequence.rumour ?? -1);
    if (known >= 0) this.ports.turnedAway(busy.id, known);
    this.runner.end(busy);
    this.delivery.stopAsking(busy);
  }
}
