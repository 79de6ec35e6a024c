import { HandlerError } from '../../errors/index.js';
import type { EventHandler, MessageEvent, MessageSource } from '../events.js';
import { Fifo } from '../fifo.js';
import { Life } from '../life.js';
import type { Arrival } from '../sequencer/arrival.js';
import type { Busy } from '../sequencer/conversation.js';
import { HandlerContext } from './context.js';
import type { DeadLetterHandler, DeliveryListener, DeliveryOptions } from './delivery-ports.js';
import { type Invocation, invoke } from './invocation.js';
import { Lane, type Turn } from './lane.js';
import { Slots } from './slots.js';

const NONE: readonly EventHandler<'message.new'>[] = [];

/**
 * The lanes. Handlers of one conversation run strictly one after the other, different conversations concurrently up
 * to `bounds.concurrency` (ORD-1). A handler that returns no promise is done when it returns: no promise, no slot.
 */
export class Delivery {
  private handlers: readonly EventHandler<'message.new'>[] = [];
  /** Lanes that wait for a slot, first come first served. */
  private readonly ready = new Fifo<Busy>();
  private readonly resting = new Set<Busy>();
  private readonly slots: Slots;
  private intake: 'closed' | 'open' | 'stopped' = 'closed';
  private pumpingReady = false;
  private life = new Life();

  constructor(
    private readonly options: DeliveryOptions,
    private readonly listener: DeliveryListener,
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

  setHandlers(handlers: readonly EventHandler<'message.new'>[]): void {
    this.handlers = handlers;
  }

  /** While closed (no handler registered, identity unknown) messages wait in their lanes, unacknowledged. */
  setOpen(open: boolean): void {
    if (this.intake === 'stopped') return;
    this.intake = open ? 'open' : 'closed';
    this.pumpReady();
  }

  /** STOP-1: starts nothing any more. What runs may finish. */
  stop(): void {
    this.intake = 'stopped';
    for (const busy of [...this.resting]) this.endRest(busy);
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
    return this.options.bounds.lane - (busy?.lane?.waiting ?? 0);
  }

  /** Puts a message into its lane, or straight into its handlers' hands when the lane is empty. */
  push(busy: Busy, arrival: Arrival): void {
    const lane = this.laneOf(busy);
    lane.push(arrival);
    if (lane.state !== 'idle') return;
    lane.state = 'ready';
    if (this.flowing) this.pump(busy, lane);
    else this.ready.push(busy);
  }

  /**
   * The fast path: an idle conversation's next message, given to its handlers at once. Returns null when all of them
   * are done with it already. Otherwise the caller makes the conversation busy and calls `adopt`.
   */
  runNow(event: MessageEvent, source: MessageSource): Invocation | null {
    return invoke(this.handlers, event, new HandlerContext(source, 1, false, false, this.life));
  }

  /** Takes over what `runNow` could not finish. */
  adopt(busy: Busy, arrival: Arrival, invocation: Invocation): void {
    const lane = this.laneOf(busy);
    const turn = this.turnOf(arrival);
    lane.turn = turn;
    this.follow(busy, lane, turn, invocation);
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
  }

  /** Runs what is in the lane until something does not finish at once. Never inside itself, for the same reason. */
  private pump(busy: Busy, lane: Lane): void {
    if (lane.pumping) return;
    lane.pumping = true;
    this.pumpLane(busy, lane);
    lane.pumping = false;
  }

  private pumpLane(busy: Busy, lane: Lane): void {
    while (lane.state === 'ready') {
      if (lane.owesRoom && lane.waiting * 2 <= this.options.bounds.lane) {
        lane.owesRoom = false;
        this.listener.onRoom(busy);
      }
      if (lane.turn === null && lane.waiting === 0) {
        lane.state = 'idle';
        busy.lane = null;
        this.listener.onLaneEmpty(busy);
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
    return this.turnOf(arrival);
  }

  private turnOf(arrival: Arrival): Turn {
    const { handlers, life } = this;
    return { arrival, attempt: 1, handlers, succeeded: NONE, startedAt: 0, holdsSlot: false, life };
  }

  private call(busy: Busy, lane: Lane, turn: Turn): void {
    const { arrival } = turn;
    turn.life = this.life;
    if (turn.attempt > 1 || arrival.redelivered) {
      // As they are registered now: one that was removed is not called again, and one that replaced it is.
      turn.handlers = this.handlers.filter((handler) => !turn.succeeded.includes(handler));
    }
    if (arrival.event === null || this.listener.isOwn(arrival)) {
      this.settle(busy, lane, turn);
      return;
    }
    const late = arrival.standing === 'late';
    const redelivered = arrival.redelivered || turn.attempt > 1;
    // Claimed before user code runs: a handler that reaches back into the client must find the lane taken.
    lane.state = 'running';
    const context = new HandlerContext(arrival.source, turn.attempt, redelivered, late, this.life);
    const invocation = invoke(turn.handlers, arrival.event, context);
    if (invocation === null) this.settle(busy, lane, turn);
    else this.follow(busy, lane, turn, invocation);
  }

  private follow(busy: Busy, lane: Lane, turn: Turn, invocation: Invocation): void {
    lane.state = 'running';
    this.slots.occupy(busy, turn);
    invocation.whenOver(() => {
      if (invocation.failed.length === 0) this.finish(busy, lane, turn);
      else this.failed(busy, lane, turn, invocation);
    });
  }

  /** The message is handled; the lane is ready for the next. */
  private settle(busy: Busy, lane: Lane, turn: Turn): void {
    lane.turn = null;
    lane.state = 'ready';
    this.listener.onHandled(busy, turn.arrival);
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

  // -- failing ------------------------------------------------------------------------------------------------

  private failed(busy: Busy, lane: Lane, turn: Turn, { failed, failure }: Invocation): void {
    const { handlerRetry, onDeadLetter } = this.options;
    const interrupted = this.interrupted(turn);
    const willRetry = turn.attempt <= handlerRetry.retries || interrupted;
    if (!turn.life.ended) this.report(busy, turn, failure, willRetry);
    turn.succeeded = [...turn.succeeded, ...turn.handlers.filter((handler) => !failed.includes(handler))];
    if (interrupted) this.keep(busy, lane, turn);
    else if (willRetry) this.rest(busy, lane, turn, handlerRetry.minDelayMs * 2 ** (turn.attempt - 1));
    else if (onDeadLetter === undefined) this.exhausted(busy, lane, turn);
    else this.deadLetter(busy, lane, turn, onDeadLetter, failure);
  }

  /** By a stop: one that is under way, or one that did not wait for it and may be over since. */
  private interrupted(turn: Turn): boolean {
    return this.intake === 'stopped' || turn.life.ended;
  }

  /** STOP-1: what fails while we stop was interrupted, not judged. The next life calls the handlers again. */
  private keep(busy: Busy, lane: Lane, turn: Turn): void {
    this.slots.release(busy, turn);
    turn.arrival.redelivered = true;
    lane.state = 'ready';
    this.ready.push(busy);
    this.pumpReady();
  }

  private report(busy: Busy, turn: Turn, failure: unknown, willRetry: boolean): void {
    const messageId = turn.arrival.message?.id ?? '';
    this.listener.onHandlerError(
      new HandlerError({
        messageId,
        conversationId: busy.id,
        attempt: turn.attempt,
        willRetry,
        cause: failure,
      }),
    );
  }

  /** A handler like any other: guarded, sync or async, and the lane waits for it. */
  private deadLetter(
    busy: Busy,
    lane: Lane,
    turn: Turn,
    onDeadLetter: DeadLetterHandler,
    failure: unknown,
  ): void {
    const { event } = turn.arrival;
    if (event === null) return;
    new Promise((resolve) => {
      resolve(onDeadLetter(event, failure));
    }).then(
      () => this.finish(busy, lane, turn),
      (error: unknown) => {
        if (this.interrupted(turn)) {
          this.keep(busy, lane, turn);
          return;
        }
        this.report(busy, turn, error, false);
        this.exhausted(busy, lane, turn);
      },
    );
  }

  /** HND-1: park it and go on, or wait for it. What cannot be remembered as parked is waited for. */
  private exhausted(busy: Busy, lane: Lane, turn: Turn): void {
    const { onHandlerFailure, handlerRetry } = this.options;
    if (onHandlerFailure === 'park' && this.listener.onParked(busy, turn.arrival)) {
      this.slots.release(busy, turn);
      lane.turn = null;
      lane.state = 'ready';
      this.goOn(busy, lane);
    } else {
      this.rest(busy, lane, turn, handlerRetry.maxDelayMs);
    }
  }

  /** Waits for the next attempt. The lane waits too; the slot does not. */
  private rest(busy: Busy, lane: Lane, turn: Turn, delayMs: number): void {
    const { clock, handlerRetry } = this.options;
    this.slots.release(busy, turn);
    turn.attempt += 1;
    lane.state = 'resting';
    this.resting.add(busy);
    const delay = Math.min(delayMs, handlerRetry.maxDelayMs) * (0.75 + clock.random() / 2);
    lane.retryTimer = clock.setTimer(() => this.endRest(busy), delay);
    if (this.intake === 'stopped') this.endRest(busy);
    this.pumpReady();
  }

  private endRest(busy: Busy): void {
    const { lane } = busy;
    this.resting.delete(busy);
    if (lane === null || lane.state !== 'resting') return;
    this.options.clock.clearTimer(lane.retryTimer);
    lane.retryTimer = null;
    lane.state = 'ready';
    this.pump(busy, lane);
  }
}
