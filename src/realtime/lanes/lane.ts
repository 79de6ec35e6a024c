import type { Clock, TimerHandle } from '../../clock/index.js';
import { better, HandlerError, isLeaseLost, type Prospect } from '../../errors/index.js';
import { type Bounds, TIMING } from '../bounds.js';
import type { MessageEvent } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import { doubled, jittered } from '../util/backoff.js';
import { Fifo } from '../util/collections.js';
import type { Life } from '../util/life.js';
import { BatchCallContext, type Batching, Gathering } from './batch.js';
import { type Call, Turn } from './call.js';
import type { Consumers } from './consumers.js';
import type { MessageAtWork, SlotHolder, Slots } from './slots.js';

/** How often, and after which pauses, a failing handler is called again. */
export interface HandlerRetry {
  /** Retries after the first call. Default 3. */
  retries: number;
  /** First pause in milliseconds; doubles. Default 500. */
  minDelayMs: number;
  /** Longest pause in milliseconds. Default 10,000. */
  maxDelayMs: number;
}

/** What happens to a message whose handler keeps failing: the lane goes on without it, or waits for it (HND-1). */
export type HandlerFailurePolicy = 'park' | 'block';

/** Takes over a message whose handler kept failing. When it succeeds, the message counts as handled. */
export type DeadLetterHandler = (event: MessageEvent, error: unknown) => unknown;

export interface LaneOptions {
  readonly clock: Clock;
  readonly bounds: Bounds;
  readonly handlerRetry: HandlerRetry;
  readonly onHandlerFailure: HandlerFailurePolicy;
  readonly onDeadLetter: DeadLetterHandler | undefined;
  /** A handler that is at work for longer gives its slot to others. */
  readonly slowHandlerMs: number;
}

export interface LaneOwner {
  readonly id: string;
  lane: Lane | null;
}

/** What the lanes tell the rest. None of these calls may throw. */
export interface LaneListener {
  /** True for our own messages: they take their place, and no handler sees them (GAP-5). */
  isOwn(arrival: Arrival): boolean;
  /** Every handler of the message has succeeded (or it needed none). */
  handled(owner: LaneOwner, arrival: Arrival): void;
  /**
   * The handlers kept failing. `rests`: it does not come again by itself (HND-2); else not before `patienceMs`. Returns false when
   * no more can be parked: the lane then waits.
   */
  parked(owner: LaneOwner, arrival: Arrival, rests: boolean, patienceMs: number): boolean;
  /** A lane that had to turn messages away has room again. */
  room(owner: LaneOwner): void;
  /** REP-3: the lane drops a message of a conversation that is not ours any more. */
  dropped(arrival: Arrival): void;
  /** Nothing is left in the lane; it has been dropped. */
  emptied(owner: LaneOwner): void;
}

export interface LaneSurroundings {
  readonly options: LaneOptions;
  readonly consumers: Consumers;
  readonly listener: LaneListener;
  readonly errors: { onHandlerError(error: HandlerError): void };
  readonly slots: Slots;
  /** The lanes that wait until they may run, first come first served. */
  readonly ready: Fifo<Lane>;
  readonly backingOff: Set<Lane>;
  /** The lanes that wait for more messages before a batch begins. */
  readonly gathering: { add(lane: Lane): void; delete(lane: Lane): boolean };
  /** How many messages wait in all lanes: each counts its own. */
  waitingTotal: number;
  /** In which handlers of the conversation work. */
  lifeOf(conversationId: string): Life;
  /** Whether a message of the conversation may be given to its handlers (REP-3). */
  mayBegin(conversationId: string): boolean;
  readonly flowing: boolean;
  /** True while nothing new may start (STOP-1). */
  readonly stopped: boolean;
  /** The lane runs on, unless others have waited longer for the slot. */
  goOn(lane: Lane): void;
  pumpReady(): void;
  /** Messages have left their lanes: there may be room for those that were turned away. */
  offerRoom(): void;
  drop(lane: Lane): void;
}

/**
 * - `idle`: nothing to do; the lane is about to be dropped.
 * - `ready`: has something to run and waits for a slot.
 * - `gathering`: waits for more messages, which are to be handled together (BAT-1).
 * - `running`: handlers are at work.
 * - `backing off`: waits for a retry.
 */
export type LaneState = 'idle' | 'ready' | 'gathering' | 'running' | 'backing off';

/** The serial queue of one conversation's handler calls (ORD-1). Exists only while something is in it. */
export class Lane implements SlotHolder {
  state: LaneState = 'idle';
  /** What runs, waits for a retry or is about to run again. */
  turn: Turn | null = null;
  startedAt = 0;
  turnNumber = 0;
  holdsSlot = false;
  pumping = false;
  /** Set when something was shed for want of room, so that the sequencer is told when there is room again. */
  owesRoom = false;
  /** REP-3: the conversation is not ours any more. */
  private isOrphan = false;
  private readonly queue = new Fifo<Arrival>();
  private retryTimer: TimerHandle = null;
  /** What the next batch waits for; null where none does. */
  private gathering: Gathering | null = null;
  /** What the handler of the batch under way was given beside it. */
  private batchContext: BatchCallContext | null = null;

  constructor(
    readonly owner: LaneOwner,
    private readonly around: LaneSurroundings,
  ) {}

  get waiting(): number {
    return this.queue.size;
  }

  /** When the oldest message arrived that waits or is being handled, on the monotonic clock; undefined when there is none. */
  get oldestAt(): number | undefined {
    return (this.turn?.arrival ?? this.queue.first)?.at;
  }

  /** Puts a message into the lane, or straight into its handlers' hands when the lane is empty. */
  push(arrival: Arrival): void {
    this.queue.push(arrival);
    this.around.waitingTotal += 1;
    if (this.state !== 'idle') {
      this.joined(arrival);
      return;
    }
    this.state = 'ready';
    if (this.around.flowing) this.pump();
    else this.around.ready.push(this);
  }

  adopt(arrival: Arrival, call: Call): void {
    const { consumers } = this.around;
    this.turn = new Turn([arrival], consumers.handlers, this.around.lifeOf(this.owner.id));
    this.follow(this.turn, call);
  }

  /**
   * Runs what is in the lane until something does not finish at once. Never inside itself: handlers that throw at once
   * would pile up one on the other.
   */
  pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    this.runThrough();
    this.pumping = false;
    this.around.offerRoom();
  }

  /** The time for the retry has come; or nobody waits for it any more, and the next life makes it (STOP-1). */
  endBackoff(): void {
    const { backingOff, options } = this.around;
    if (!backingOff.delete(this)) return;
    options.clock.clearTimer(this.retryTimer);
    this.state = 'ready';
    this.pump();
  }

  /** A message has come while the lane was not idle. */
  private joined(arrival: Arrival): void {
    if (this.gathering?.more(this.waiting) === true) this.endGathering();
    if (this.batchContext === null || arrival.event === null || this.around.listener.isOwn(arrival)) return;
    this.batchContext.tellMore(arrival.event);
  }

  /** BAT-1: the batch begins as soon as there is a slot; or (STOP-1) in the next life. */
  endGathering(): void {
    if (!this.around.gathering.delete(this)) return;
    this.gathering?.end();
    this.state = 'ready';
    this.pump();
  }

  /** REP-3: the conversation is not ours any more. What waits is dropped; what runs ends without counting. */
  orphan(): void {
    const { backingOff, gathering, options } = this.around;
    this.isOrphan = true;
    if (backingOff.delete(this)) options.clock.clearTimer(this.retryTimer);
    if (gathering.delete(this)) this.gathering?.end();
    this.around.waitingTotal -= this.waiting;
    for (const arrival of this.turn?.arrivals ?? []) this.around.listener.dropped(arrival);
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      this.around.listener.dropped(next);
    }
    if (this.state !== 'running') this.state = 'idle';
    this.owner.lane = null;
    this.around.offerRoom();
  }

  get messagesAtWork(): readonly MessageAtWork[] {
    const conversationId = this.owner.id;
    const messages = this.turn?.arrivals.flatMap(({ message }) => message ?? []) ?? [];
    return messages.map(({ id: messageId }) => ({ messageId, conversationId }));
  }

  slotLost(forMs: number): void {
    const messageId = this.turn?.messageId ?? '';
    const error = new HandlerError({
      code: 'HANDLER_SLOW',
      message: `A handler (or a loop over messages()) has been at work on message ${messageId} for ${Math.round(forMs / 1000)} s. Its conversation waits for it.`,
      messageId,
      conversationId: this.owner.id,
      attempt: this.turn?.attempt ?? 1,
      willRetry: false,
      cause: undefined,
    });
    this.around.errors.onHandlerError(error);
  }

  private runThrough(): void {
    const { around, owner } = this;
    while (this.state === 'ready') {
      if (this.owesRoom && this.waiting * 2 <= around.options.bounds.lane) {
        this.owesRoom = false;
        around.listener.room(owner);
      }
      if (this.turn === null && this.waiting === 0) {
        this.state = 'idle';
        around.drop(this);
        return;
      }
      if (!around.flowing) {
        around.ready.push(this);
        return;
      }
      // What waits goes with the conversation, to whoever has it next.
      if (!around.mayBegin(owner.id)) return;
      this.turn ??= this.nextTurn();
      if (this.turn !== null) this.call(this.turn);
    }
  }

  /** Null while a batch is being gathered. */
  private nextTurn(): Turn | null {
    const { around, owner } = this;
    const { batching, handlers } = around.consumers;
    if (batching !== null && !this.hasGathered(batching)) return null;
    this.gathering = null;
    const arrivals: Arrival[] = [];
    const most = batching?.maxMessages ?? 1;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      arrivals.push(next);
      if (arrivals.length === most) break;
    }
    around.waitingTotal -= arrivals.length;
    return new Turn(arrivals, handlers, around.lifeOf(owner.id));
  }

  /** BAT-1: whether the messages that wait may be given out together. */
  private hasGathered(batching: Batching): boolean {
    if (this.gathering === null) {
      this.gathering = new Gathering(this.around.options.clock, batching);
      this.gathering.begin(this.waiting, () => this.endGathering());
    }
    if (this.gathering.isOver) return true;
    this.state = 'gathering';
    this.around.gathering.add(this);
    return false;
  }

  private call(turn: Turn): void {
    const { consumers, listener } = this.around;
    if (consumers.batching !== null) {
      this.callBatch(turn, consumers.batching);
      return;
    }
    if (turn.arrivals.length > 1) this.putBackFrom(turn, 1);
    const { arrival } = turn;
    turn.begin(consumers.handlers, this.around.lifeOf(this.owner.id));
    if (arrival.event === null || listener.isOwn(arrival)) {
      this.settle(turn);
      return;
    }
    // Claimed before user code runs: a handler that reaches back into the client must find the lane taken.
    this.state = 'running';
    const context = turn.context(arrival.redelivered || turn.attempt > 1);
    const call = consumers.give(turn.handlers, arrival.event, context);
    if (call === null) this.settle(turn);
    else this.follow(turn, call);
  }

  /** BAT-2: all of a batch is handled when its call has succeeded, and none before. */
  private callBatch(turn: Turn, batching: Batching): void {
    const { consumers } = this.around;
    turn.begin(consumers.handlers, this.around.lifeOf(this.owner.id));
    const events = this.eventsOf(turn);
    const [first] = events;
    if (first === undefined) {
      this.settle(turn);
      return;
    }
    this.state = 'running';
    const redelivered = turn.attempt > 1 || turn.arrivals.some((arrival) => arrival.redelivered);
    const context = new BatchCallContext(turn.context(redelivered), events.length, (error) =>
      this.report(turn, error, false),
    );
    this.batchContext = context;
    const call = consumers.giveTo(() => batching.handler(events, context), first, context);
    if (call === null) {
      this.keepHandled(turn, context);
      this.settle(turn);
    } else this.follow(turn, call);
  }

  /** What handlers see of a turn: not our own messages. */
  private eventsOf({ arrivals }: Turn): readonly MessageEvent[] {
    const { listener } = this.around;
    return arrivals.flatMap((arrival) => (listener.isOwn(arrival) ? [] : (arrival.event ?? [])));
  }

  /** BAT-3: the handler has handled only the first of them. The others are given out again, with the next batch. */
  private keepHandled(turn: Turn, context: BatchCallContext | null): void {
    this.batchContext = null;
    const { kept } = context ?? { kept: null };
    if (kept !== null) this.putBackAfter(turn, kept);
  }

  /** BAT-3: it has failed at the first of them only. */
  private keepFailed(turn: Turn, context: BatchCallContext | null): void {
    const { kept } = context ?? { kept: null };
    if (kept !== null && kept > 0) this.putBackAfter(turn, kept);
  }

  private putBackAfter(turn: Turn, kept: number): void {
    let seen = 0;
    const { listener } = this.around;
    const from = turn.arrivals.findIndex((arrival) => {
      if (arrival.event === null || listener.isOwn(arrival)) return false;
      seen += 1;
      return seen > kept;
    });
    if (from !== -1) this.putBackFrom(turn, from);
  }

  /** From this place on the arrivals of a turn wait in the lane again. */
  private putBackFrom(turn: Turn, place: number): void {
    const back = turn.arrivals.slice(place);
    for (const arrival of back) arrival.redelivered = true;
    turn.arrivals = turn.arrivals.slice(0, place);
    this.queue.unshift(back);
    this.around.waitingTotal += back.length;
  }

  private follow(turn: Turn, call: Call): void {
    this.state = 'running';
    this.around.slots.occupy(this);
    call.whenOver(() => this.over(turn, call));
  }

  private over(turn: Turn, call: Call): void {
    const { outcome } = call;
    const { batchContext } = this;
    this.batchContext = null;
    if (this.isOrphan) this.leaveSlot();
    else if (outcome === 'succeeded') {
      this.keepHandled(turn, batchContext);
      this.finish(turn);
    } else if (outcome === 'failed') {
      this.keepFailed(turn, batchContext);
      this.failed(turn, call);
    } else if (outcome === 'given back') this.keep(turn);
    else if (outcome === 'withheld') this.putBack();
    // Succeeded after all: unless somebody else has it by now.
    else if (this.turn === turn && this.state === 'ready') this.finish(turn);
  }

  private leaveSlot(): void {
    this.state = 'idle';
    this.around.slots.release(this);
    this.around.pumpReady();
  }

  // -- endings: each of them gives the slot back ----------------------------------------------------------------

  /** The message is handled; the lane is ready for the next. No slot was taken where all was over at once. */
  private settle({ arrivals }: Turn): void {
    this.turn = null;
    this.state = 'ready';
    for (const arrival of arrivals) this.around.listener.handled(this.owner, arrival);
  }

  /** The same after an asynchronous end: the lane goes on, and so do those that waited for a slot. */
  private finish(turn: Turn): void {
    this.around.slots.release(this);
    this.settle(turn);
    this.around.goOn(this);
  }

  /** The turn stays first in its lane, and its message is given out again as soon as that is possible. */
  private keep({ arrivals }: Turn): void {
    for (const arrival of arrivals) arrival.redelivered = true;
    this.putBack();
  }

  /** The same with a message that nobody has seen. */
  private putBack(): void {
    this.around.slots.release(this);
    this.state = 'ready';
    this.around.ready.push(this);
    this.around.pumpReady();
  }

  /** Waits for the next attempt. The lane waits too; the slot does not. */
  private backOff(turn: Turn, delayMs: number): void {
    const { around } = this;
    const { clock } = around.options;
    turn.attempt += 1;
    const pauseMs = Math.max(jittered(delayMs, clock.random()), Math.min(turn.patienceMs, TIMING.parkMax));
    this.retryTimer = clock.setTimer(() => this.endBackoff(), pauseMs);
    around.backingOff.add(this);
    around.slots.release(this);
    this.state = 'backing off';
    around.pumpReady();
    if (around.stopped) this.endBackoff();
  }

  // -- failures (HND-1) -----------------------------------------------------------------------------------------

  private failed(turn: Turn, { failed, failure, prospect, patienceMs }: Call): void {
    const { handlerRetry, onHandlerFailure } = this.around.options;
    const onDeadLetter = this.deadLetterOf(turn);
    const { retries, minDelayMs, maxDelayMs } = handlerRetry;
    const interrupted = this.wasInterrupted(turn);
    turn.patienceMs = patienceMs;
    // The conversation does not stand still for longer than a parked message does.
    const isLong = patienceMs > TIMING.parkMin && onHandlerFailure === 'park';
    const willRetry = (turn.attempt <= retries && prospect === 'soon' && !isLong) || interrupted;
    // REP-3: who has the conversation next goes on.
    if (!turn.life.ended && !(willRetry && isLeaseLost(failure))) this.report(turn, failure, willRetry);
    turn.noteFailed(failed);
    if (interrupted) this.keep(turn);
    else if (willRetry) this.backOff(turn, doubled(minDelayMs, turn.attempt - 1, maxDelayMs));
    else if (onDeadLetter === undefined) this.exhausted(turn, prospect);
    else this.deadLetter(turn, onDeadLetter, failure, prospect);
  }

  /** Who takes over what keeps failing: as a whole, or message by message. Undefined when nobody does. */
  private deadLetterOf(turn: Turn): ((failure: unknown) => unknown) | undefined {
    const { onDeadLetter } = this.around.options;
    const events = this.eventsOf(turn);
    const takesBatch = this.around.consumers.batching?.onDeadLetter;
    if (takesBatch !== undefined) return (failure) => takesBatch(events, failure);
    if (onDeadLetter === undefined) return undefined;
    return async (failure) => {
      for (const event of events) await onDeadLetter(event, failure);
    };
  }

  /** STOP-1: what fails in a stop, or after one that did not wait for it, was interrupted, not judged. */
  private wasInterrupted({ life }: Turn): boolean {
    return this.around.stopped || life.ended;
  }

  private report({ messageId, attempt }: Turn, cause: unknown, willRetry: boolean): void {
    const conversationId = this.owner.id;
    const error = new HandlerError({ messageId, conversationId, attempt, willRetry, cause });
    this.around.errors.onHandlerError(error);
  }

  /** A handler like any other: guarded, sync or async, claimed where messages are, and the lane waits for it. */
  private deadLetter(
    turn: Turn,
    onDeadLetter: (failure: unknown) => unknown,
    failure: unknown,
    prospect: Prospect,
  ): void {
    const [event] = this.eventsOf(turn);
    if (event === undefined) {
      this.finish(turn);
      return;
    }
    // Async, so that a thousand letters do not go out from inside each other.
    const send = async () => onDeadLetter(failure);
    const letter = this.around.consumers.giveTo(send, event, turn.context(true));
    if (letter === null) this.finish(turn);
    else letter.whenOver(() => this.deadLetterOver(turn, letter, prospect));
  }

  private deadLetterOver(turn: Turn, letter: Call, prospect: Prospect): void {
    const { outcome, failure, patienceMs } = letter;
    if (this.isOrphan) this.leaveSlot();
    else if (outcome === 'succeeded') this.finish(turn);
    else if (outcome === 'withheld' || this.wasInterrupted(turn)) this.keep(turn);
    else {
      this.report(turn, failure, false);
      turn.patienceMs = Math.max(turn.patienceMs, patienceMs);
      // A letter that may be taken another time is offered again, whatever the handlers said.
      this.exhausted(turn, better(prospect, letter.prospect));
    }
  }

  /** Park it and go on, or wait for it. What cannot be remembered as parked is waited for. */
  private exhausted(turn: Turn, prospect: Prospect): void {
    const { options, slots } = this.around;
    const rests = prospect === 'never';
    if (options.onHandlerFailure === 'park') this.setAside(turn, rests);
    if (turn.arrivals.length > 0) {
      this.backOff(turn, options.handlerRetry.maxDelayMs);
      return;
    }
    slots.release(this);
    this.turn = null;
    this.state = 'ready';
    this.around.goOn(this);
  }

  /** Parks the messages of a turn in their order. The turn keeps those that cannot be remembered, and what is behind them. */
  private setAside(turn: Turn, rests: boolean): void {
    const { listener } = this.around;
    const { arrivals } = turn;
    const firstLeft = arrivals.findIndex((arrival) => {
      if (arrival.event !== null && !listener.isOwn(arrival))
        return !listener.parked(this.owner, arrival, rests, turn.patienceMs);
      listener.handled(this.owner, arrival);
      return false;
    });
    turn.arrivals = firstLeft === -1 ? [] : arrivals.slice(firstLeft);
  }
}
