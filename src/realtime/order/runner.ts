import type { Clock } from '../../clock/index.js';
import type { Bounds } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import type { Counters } from '../explain/counters.js';
import type { Inflow } from '../lanes/time-slice.js';
import { LazyMap, LazySet } from '../util/collections.js';
import type { Arrival } from './arrival.js';
import { type Busy, isSettled, newGap, Sequence } from './conversation.js';
import { Conversations } from './conversations.js';
import { GapBook, type GapWindow } from './gap-window.js';
import { Handover } from './handover.js';
import { advance } from './machine.js';
import type { Neighbours } from './neighbours.js';
import { OutstandingRegister, type RegisterListener } from './register.js';
import type { OrderEffect, OrderEvent, Surroundings } from './step.js';
import { StoreWait } from './store-wait.js';

export interface OrderOptions {
  readonly clock: Clock;
  readonly bounds: Bounds;
  readonly gapWindow: GapWindow;
  readonly gapGiveUpMs: number;
  readonly dedupCacheSize: number;
  /** Brings the messages. */
  readonly inflow: Inflow;
}

/** Runs the machine of each busy conversation: one event at a time, and carries out what it decides. */
export class Runner implements RegisterListener {
  readonly conversations: Conversations;
  readonly register: OutstandingRegister;
  readonly handover: Handover;
  /** Out-of-order messages that are held, over all conversations. */
  held = 0;
  private readonly gaps: GapBook;
  private readonly storeWait: StoreWait;
  /** Conversations that wait for something, and so have a sequence and a timer. */
  private readonly underWay = new LazySet<Busy>();
  /** Events that are run, or wait until the effects of those before them are carried out. */
  private readonly queues = new LazyMap<Busy, OrderEvent[]>();
  private paused = false;

  constructor(
    private readonly options: OrderOptions,
    private readonly counters: Counters,
    private readonly neighbours: Neighbours,
  ) {
    this.conversations = new Conversations(options.bounds.idleConversations);
    this.register = new OutstandingRegister(options.bounds, this);
    this.handover = new Handover(options.dedupCacheSize, this.register, counters, neighbours);
    this.gaps = new GapBook(options.clock, options.gapWindow, counters, neighbours);
    this.storeWait = new StoreWait(options.clock, options.bounds, options.inflow);
  }

  /** STOP-1: while paused no timer of a conversation runs. */
  pause(): void {
    this.paused = true;
    for (const busy of this.underWay) this.setTimer(busy, 0);
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    for (const busy of [...this.underWay]) this.dispatch(busy, { kind: 'resumed' });
  }

  drainEnded(): void {
    for (const busy of [...this.underWay]) {
      if (busy.sequence?.gap || busy.sequence?.anchoring) this.dispatch(busy, { kind: 'drain-ended' });
    }
  }

  /** Events that come while effects are being carried out wait their turn: the order of deliveries depends on it. */
  dispatch(busy: Busy, event: OrderEvent): void {
    const queue = this.queues.get(busy);
    if (queue === undefined) this.queues.set(busy, [event]);
    else queue.push(event);
    if (!busy.isRunning) this.runQueue(busy);
  }

  /** The next message of a conversation in which nothing waits. It is delivered without asking the machine. */
  deliverNext(busy: Busy, arrival: Arrival): void {
    busy.isRunning = true;
    this.handover.deliver(busy, arrival);
    this.runQueue(busy);
  }

  private runQueue(busy: Busy): void {
    busy.isRunning = true;
    // What is dispatched meanwhile joins the queue, and is run too.
    for (const event of this.queues.get(busy) ?? []) this.run(busy, event);
    this.queues.delete(busy);
    busy.isRunning = false;
    this.tidy(busy);
  }

  private run(busy: Busy, event: OrderEvent): void {
    const sequence = busy.sequence ?? this.begin(busy);
    if (event.kind === 'arrived') this.gaps.arrived(busy.id, event.arrival);
    if (busy.lane === null) busy.handledBefore(busy.conversation.expected);
    const heldBefore = sequence.hold.size;
    const effects = advance(busy, sequence, event, this.surroundings(busy));
    this.held += sequence.hold.size - heldBefore;
    this.storeWait.look(busy, sequence, this.held);
    for (const effect of effects) this.execute(busy, effect);
    // Synchronous handlers may have emptied the lane meanwhile.
    const { lanes } = this.neighbours;
    if (sequence.waitsForRoom && !lanes.askForRoom(busy)) this.dispatch(busy, { kind: 'room' });
  }

  private surroundings(busy: Busy): Surroundings {
    const { clock, bounds, gapGiveUpMs } = this.options;
    const { catchUp, acknowledger, lanes } = this.neighbours;
    return {
      now: clock.now(),
      gapWindowMs: this.gaps.windowOf(busy.id),
      gapGiveUpMs,
      draining: catchUp.drains.draining,
      canFetch: catchUp.canFetch,
      hasStore: acknowledger.hasStore,
      laneRoom: lanes.roomOf(busy),
      holdRoom: bounds.holdTotal - this.held,
      holdPerConversation: bounds.holdPerConversation,
      absurdSeqDistance: bounds.absurdSeqDistance,
      random: clock.random(),
    };
  }

  private execute(busy: Busy, effect: OrderEffect): void {
    const { catchUp, acknowledger } = this.neighbours;
    switch (effect.kind) {
      case 'deliver':
        this.handover.deliver(busy, effect.arrival);
        break;
      case 'duplicate':
        this.handover.duplicate(busy, effect.arrival);
        break;
      case 'shed':
        this.handover.shed(busy, effect.arrival, effect.from);
        break;
      case 'timer':
        this.setTimer(busy, effect.at);
        break;
      case 'fetch':
        if (effect.purpose === 'gap' && busy.sequence?.gap) this.gaps.asked(busy.id, busy.sequence.gap);
        catchUp.fetch(busy.id, effect.after, effect.purpose);
        break;
      case 'confirm':
        catchUp.confirm(busy.id, effect.seq);
        break;
      case 'anchor':
        if (effect.step === 'store') acknowledger.load(busy.id);
        else catchUp.look(busy.id, effect.before);
        break;
      case 'missing':
        this.counters[effect.hole ? 'holes' : 'missing'] += effect.range.to - effect.range.from + 1;
        this.register.addMissing(busy, { ...effect.range, hole: effect.hole });
        break;
      case 'gap-opened':
        this.gaps.opened(busy.id, effect.gap);
        break;
      case 'gap-closed':
        this.gaps.closed(busy.id, effect.gap, effect.reason, effect.missing);
        break;
      case 'started-blind':
        this.gaps.startedBlind(busy.id, effect.expected);
        break;
    }
  }

  /** GAP-3: what will not be asked for again is named. */
  lost(busy: Busy, range: SeqRange, reason: GapReason): void {
    const since = this.options.clock.now();
    const gap = newGap({ since, from: range.from, through: range.to, buffered: null, asked: true });
    this.gaps.closed(busy.id, gap, reason, [range]);
  }

  shedForgotten(busy: Busy, range: SeqRange): void {
    this.lost(busy, range, 'buffer_overflow');
  }

  forgiven(busy: Busy): void {
    this.handover.changed(busy);
    this.tidy(busy);
  }

  private setTimer(busy: Busy, at: number): void {
    const { clock } = this.options;
    clock.clearTimer(busy.timer);
    busy.timer = null;
    if (at === 0 || this.paused) return;
    const fire = () => {
      busy.timer = null;
      if (busy.sequence !== null) this.dispatch(busy, { kind: 'timer' });
    };
    busy.timer = clock.setTimer(fire, at - clock.now(), 'background');
  }

  /** REP-3: the conversation is not ours any more: nothing of it is remembered, and what waits is dropped. */
  forget(busy: Busy): void {
    if (busy.isRunning) {
      this.options.clock.defer(() => this.forget(busy));
      return;
    }
    if (busy.sequence !== null) this.end(busy, busy.sequence);
    this.neighbours.lanes.stopAsking(busy);
    busy.lane?.orphan();
    this.register.forget(busy);
    if (this.conversations.get(busy.id) === busy.conversation) this.conversations.forget(busy.id);
  }

  begin(busy: Busy): Sequence {
    busy.sequence = new Sequence();
    this.underWay.add(busy);
    return busy.sequence;
  }

  /** Drops what a conversation does not need any more. An idle one is its record alone. */
  tidy(busy: Busy): void {
    if (busy.isRunning) return;
    const { sequence } = busy;
    if (busy.outstanding?.empty === true) busy.outstanding = null;
    if (sequence !== null) {
      if (isSettled(sequence, busy.conversation.expected)) this.end(busy, sequence);
      else if (busy.lane === null && busy.outstanding === null) this.turnAway(busy, sequence);
    }
    const isIdle = busy.sequence === null && busy.lane === null && busy.outstanding === null;
    if (isIdle) this.conversations.becameIdle(busy);
  }

  /** GAP-4: where too many wait already, one that is idle but for that does not. The service has its messages. */
  private turnAway(busy: Busy, sequence: Sequence): void {
    if (this.underWay.size <= this.options.bounds.waitingConversations) return;
    this.counters.shed += sequence.hold.size + sequence.farOff.size;
    const known = Math.max(sequence.known, sequence.farOffNamed ?? -1);
    if (known >= 0) this.neighbours.catchUp.turnedAway(busy.id, known);
    this.end(busy, sequence);
    this.neighbours.lanes.stopAsking(busy);
  }

  /** Nothing is under way any more, or shall be. What is still held is dropped. */
  private end(busy: Busy, { hold }: Sequence): void {
    this.setTimer(busy, 0);
    this.storeWait.over(busy);
    this.held -= hold.size;
    this.underWay.delete(busy);
    busy.sequence = null;
  }
}
