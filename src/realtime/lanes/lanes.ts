import { HandlerError } from '../../errors/index.js';
import type { EventHandler, MessageEvent, MessageSource } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import type { Busy } from '../order/conversation.js';
import { Fifo } from '../util/fifo.js';
import { Life } from '../util/life.js';
import { type Call, HandlerContext } from './call.js';
import type { Consumers } from './consumers.js';
import { Failures } from './failures.js';
import { Lane, type Turn } from './lane.js';
import type { LaneListener, LanesOptions } from './lanes-ports.js';
import { Slots } from './slots.js';

const NONE: readonly EventHandler<'message.new'>[] = [];

/**
 * The lanes. Handlers of one conversation run strictly one after the other, different conversations concurrently up
 * to `bounds.concurrency` (ORD-1). A handler that returns no promise is done when it returns: no promise, no slot.
 */
export class Lanes {
  /** Lanes that wait for a slot, first come first served. */
  private readonly ready = new Fifo<Busy>();
  private readonly slots: Slots;
  private readonly failures: Failures;
  private intake: 'closed' | 'open' | 'stopped' = 'closed';
  private pumpingReady = false;
  private offeringRoom = false;
  /** Messages that wait in lanes. */
  private waitingTotal = 0;
  /** Conversations without a lane that were turned away because all lanes together were full, first come first served. */
  private readonly waitingForRoom = new Set<Busy>();
  private life = new Life();

  constructor(
    private readonly options: LanesOptions,
    private readonly consumers: Consumers,
    private readonly listener: LaneListener,
  ) {
    const { clock, bounds, slowHandlerMs } = options;
    this.slots = new Slots(
      clock,
      bounds.concurrency,
      slowHandlerMs,
      (busy, { arrival }, forMs) =>
        listener.onHandlerError(HandlerError.slow(arrival.message?.id ?? '', busy.id, forMs)),
      () => this.pumpReady(),
    );
    this.failures = new Failures(options, listener, {
      isStopped: () => this.intake === 'stopped',
      finish: (busy, lane, turn) => this.finish(busy, lane, turn),
      skip: (busy, lane, turn) => this.skip(busy, lane, turn),
      keep: (busy, lane, turn) => this.keep(busy, lane, turn),
      pause: (busy, lane, turn) => this.pause(busy, lane, turn),
      resume: (busy, lane) => this.resume(busy, lane),
      giveTo: (handler, event, context) => this.consumers.giveTo(handler, event, context),
    });
  }

  /** True when a message may be given to handlers right now. */
  get flowing(): boolean {
    return this.intake === 'open' && this.slots.available;
  }

  /** Lanes whose handlers are at work at this moment. */
  get runningCount(): number {
    return this.slots.runningCount;
  }

  /** Slots of `concurrency` that are taken. */
  get slotsTaken(): number {
    return this.slots.taken;
  }

  /** While closed (nobody takes them, identity unknown) messages wait in their lanes, unacknowledged. */
  setOpen(open: boolean): void {
    if (this.intake === 'stopped') return;
    this.intake = open ? 'open' : 'closed';
    this.pumpReady();
  }

  /** STOP-1: starts nothing any more. What runs may finish. */
  stop(): void {
    this.intake = 'stopped';
    this.failures.endRests();
  }

  /** Ends what `stop` began: handlers still at work see their signal aborted. */
  abandon(): void {
    this.life.end();
    this.slots.abandon();
  }

  /** A new life after `stop`: lanes go on where they stood, once opened. */
  restart(): void {
    if (this.intake !== 'stopped') return;
    this.life = new Life();
    this.intake = 'closed';
  }

  /** Resolves when no handler is at work, or when those at work are abandoned. */
  whenIdle(): Promise<void> {
    return this.slots.whenIdle();
  }

  /** How many messages a conversation's lane can still take. */
  roomOf(busy: Busy | null): number {
    const { lane, laneTotal } = this.options.bounds;
    const room = Math.min(lane - (busy?.lane?.waiting ?? 0), laneTotal - this.waitingTotal);
    // ORD-1: lanes that are stuck must not close the way to handlers that are free. What is taken at once never waits.
    return busy?.lane == null && this.flowing ? Math.max(room, 1) : room;
  }

  /** BP-1: tells `room` when the conversation's lane can take something. Returns false when it can at once. */
  askForRoom(busy: Busy): boolean {
    if (busy.lane !== null) busy.lane.owesRoom = true;
    else if (this.roomOf(busy) > 0) return false;
    else this.waitingForRoom.add(busy);
    return true;
  }

  /** The conversation waits for nothing any more. */
  stopAsking(busy: Busy): void {
    this.waitingForRoom.delete(busy);
  }

  /** Puts a message into its lane, or straight into its handlers' hands when the lane is empty. */
  push(busy: Busy, arrival: Arrival): void {
    const lane = this.laneOf(busy);
    lane.push(arrival);
    this.waitingTotal += 1;
    if (lane.state !== 'idle') return;
    lane.state = 'ready';
    if (this.flowing) this.pump(busy, lane);
    else this.ready.push(busy);
  }

  /**
   * The fast path: an idle conversation's next message, given to its handlers at once. Returns null when all of them
   * are done with it already. Otherwise the caller makes the conversation busy and calls `adopt`.
   */
  runNow(event: MessageEvent, source: MessageSource): Call | null {
    const context = new HandlerContext(source, 1, false, false, this.life);
    return this.consumers.give(this.consumers.handlers, event, context);
  }

  /** Takes over what `runNow` could not finish. */
  adopt(busy: Busy, arrival: Arrival, call: Call): void {
    const lane = this.laneOf(busy);
    const turn = this.turnOf(arrival);
    lane.turn = turn;
    this.follow(busy, lane, turn, call);
  }

  // -- running ------------------------------------------------------------------------------------------------

  private laneOf(busy: Busy): Lane {
    busy.lane ??= new Lane();
    return busy.lane;
  }

  /** Never inside itself: handlers that throw at once would pile up one lane on the other. */
  private pumpReady(): void {
    if (this.pumpingReady) return;
    this.pumpingReady = true;
    while (this.flowing) {
      const busy = this.ready.shift();
      if (busy === undefined) break;
      if (busy.lane?.state === 'ready') this.pump(busy, busy.lane);
    }
    this.pumpingReady = false;
    if (this.waitingForRoom.size > 0) this.offerRoom();
  }

  /** Runs what is in the lane until something does not finish at once. Never inside itself, for the same reason. */
  private pump(busy: Busy, lane: Lane): void {
    if (lane.pumping) return;
    lane.pumping = true;
    this.pumpLane(busy, lane);
    lane.pumping = false;
    if (this.waitingForRoom.size > 0) this.offerRoom();
  }

  /** BP-1: all lanes together have room again, or handlers are free. Never inside itself, and each is asked once a time. */
  private offerRoom(): void {
    if (this.offeringRoom) return;
    this.offeringRoom = true;
    let left = this.waitingForRoom.size;
    for (const busy of this.waitingForRoom) {
      const isTight = this.waitingTotal * 2 > this.options.bounds.laneTotal;
      if (left === 0 || (isTight && !this.flowing)) break;
      left -= 1;
      this.waitingForRoom.delete(busy);
      this.listener.room(busy);
    }
    this.offeringRoom = false;
  }

  private pumpLane(busy: Busy, lane: Lane): void {
    while (lane.state === 'ready') {
      if (lane.owesRoom && lane.waiting * 2 <= this.options.bounds.lane) {
        lane.owesRoom = false;
        this.listener.room(busy);
      }
      if (lane.turn === null && lane.waiting === 0) {
        lane.state = 'idle';
        busy.lane = null;
        // There was room in this lane, and none in all of them together.
        if (lane.owesRoom) this.waitingForRoom.add(busy);
        this.listener.emptied(busy);
        return;
      }
      if (!this.flowing) {
        this.ready.push(busy);
        return;
      }
      const turn = lane.turn ?? this.nextTurn(lane);
      if (turn === null) return;
      lane.turn = turn;
      this.call(busy, lane, turn);
    }
  }

  private nextTurn(lane: Lane): Turn | null {
    const arrival = lane.shift();
    if (arrival === undefined) return null;
    this.waitingTotal -= 1;
    return this.turnOf(arrival);
  }

  private turnOf(arrival: Arrival): Turn {
    const { life } = this;
    const { handlers } = this.consumers;
    return { arrival, attempt: 1, handlers, succeeded: NONE, startedAt: 0, holdsSlot: false, life };
  }

  private call(busy: Busy, lane: Lane, turn: Turn): void {
    const { arrival } = turn;
    turn.life = this.life;
    // As they are registered now: one that was removed is not called again, and one that replaced it is.
    const { handlers } = this.consumers;
    const { succeeded } = turn;
    turn.handlers =
      succeeded.length === 0 ? handlers : handlers.filter((handler) => !succeeded.includes(handler));
    if (arrival.event === null || this.listener.isOwn(arrival)) {
      this.settle(busy, lane, turn);
      return;
    }
    const late = arrival.standing === 'late';
    const redelivered = arrival.redelivered || turn.attempt > 1;
    // Claimed before user code runs: a handler that reaches back into the client must find the lane taken.
    lane.state = 'running';
    const context = new HandlerContext(arrival.source, turn.attempt, redelivered, late, this.life);
    const call = this.consumers.give(turn.handlers, arrival.event, context);
    if (call === null) this.settle(busy, lane, turn);
    else this.follow(busy, lane, turn, call);
  }

  private follow(busy: Busy, lane: Lane, turn: Turn, call: Call): void {
    lane.state = 'running';
    this.slots.occupy(busy, turn);
    call.whenOver(() => this.over(busy, lane, turn, call));
  }

  private over(busy: Busy, lane: Lane, turn: Turn, call: Call): void {
    switch (call.outcome) {
      case 'succeeded':
        this.finish(busy, lane, turn);
        break;
      case 'failed':
        this.failures.take(busy, lane, turn, call);
        break;
      case 'given back':
        this.keep(busy, lane, turn);
        break;
      case 'withheld':
        this.putBack(busy, lane, turn);
        break;
      case 'succeeded after all':
        // Unless somebody else has it by now.
        if (lane.turn === turn && lane.state === 'ready') this.finish(busy, lane, turn);
        break;
    }
  }

  /** The message is handled; the lane is ready for the next. */
  private settle(busy: Busy, lane: Lane, turn: Turn): void {
    lane.turn = null;
    lane.state = 'ready';
    this.listener.handled(busy, turn.arrival);
  }

  /** The same after an asynchronous end: the lane goes on, and so do those that waited for a slot. */
  private finish(busy: Busy, lane: Lane, turn: Turn): void {
    this.slots.release(busy, turn);
    this.settle(busy, lane, turn);
    this.goOn(busy, lane);
  }

  /** The next of this lane, unless others have waited longer for the slot. */
  private goOn(busy: Busy, lane: Lane): void {
    if (this.ready.size > 0 && lane.waiting > 0 && !lane.pumping) this.ready.push(busy);
    else this.pump(busy, lane);
    this.pumpReady();
  }

  /** The lane goes on without the message. */
  private skip(busy: Busy, lane: Lane, turn: Turn): void {
    this.slots.release(busy, turn);
    lane.turn = null;
    lane.state = 'ready';
    this.goOn(busy, lane);
  }

  /** The turn stays first in its lane, and its message is given out again as soon as that is possible. */
  private keep(busy: Busy, lane: Lane, turn: Turn): void {
    turn.arrival.redelivered = true;
    this.putBack(busy, lane, turn);
  }

  /** The same with a message that nobody has seen. */
  private putBack(busy: Busy, lane: Lane, turn: Turn): void {
    this.slots.release(busy, turn);
    lane.state = 'ready';
    this.ready.push(busy);
    this.pumpReady();
  }

  private pause(busy: Busy, lane: Lane, turn: Turn): void {
    this.slots.release(busy, turn);
    lane.state = 'backing off';
    this.pumpReady();
  }

  private resume(busy: Busy, lane: Lane): void {
    lane.state = 'ready';
    this.pump(busy, lane);
  }
}
