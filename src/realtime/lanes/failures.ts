import { HandlerError } from '../../errors/index.js';
import type { EventHandler, MessageEvent } from '../events.js';
import type { Busy } from '../order/conversation.js';
import { type Call, HandlerContext } from './call.js';
import type { Lane, Turn } from './lane.js';
import type { DeadLetterHandler, LaneListener, LanesOptions } from './lanes-ports.js';

/** What the lanes do with a turn that has failed. Each way to end it gives its slot back. */
export interface TurnEnds {
  /** Calls a handler that stands for those which have failed. Null when it is done already. */
  giveTo(handler: EventHandler<'message.new'>, event: MessageEvent, context: HandlerContext): Call | null;
  /** True while nothing new may start (STOP-1). */
  isStopped(): boolean;
  /** The message counts as handled; the lane goes on. */
  finish(busy: Busy, lane: Lane, turn: Turn): void;
  /** The lane goes on without it. */
  skip(busy: Busy, lane: Lane, turn: Turn): void;
  /** The turn stays first in its lane, and is called as soon as that is possible. */
  keep(busy: Busy, lane: Lane, turn: Turn): void;
  /** The turn stays first in its lane, which waits. */
  pause(busy: Busy, lane: Lane, turn: Turn): void;
  /** The lane's wait is over. */
  resume(busy: Busy, lane: Lane): void;
}

/** What becomes of a message whose handlers have failed (HND-1). */
export class Failures {
  private readonly resting = new Set<Busy>();

  constructor(
    private readonly options: LanesOptions,
    private readonly listener: LaneListener,
    private readonly ends: TurnEnds,
  ) {}

  take(busy: Busy, lane: Lane, turn: Turn, { failed, failure }: Call): void {
    const { handlerRetry, onDeadLetter } = this.options;
    const interrupted = this.interrupted(turn);
    const willRetry = turn.attempt <= handlerRetry.retries || interrupted;
    if (!turn.life.ended) this.report(busy, turn, failure, willRetry);
    turn.succeeded = [...turn.succeeded, ...turn.handlers.filter((handler) => !failed.includes(handler))];
    if (interrupted) this.ends.keep(busy, lane, turn);
    else if (willRetry) this.rest(busy, lane, turn, handlerRetry.minDelayMs * 2 ** (turn.attempt - 1));
    else if (onDeadLetter === undefined) this.exhausted(busy, lane, turn);
    else this.deadLetter(busy, lane, turn, onDeadLetter, failure);
  }

  /** STOP-1: nobody waits for a retry any more; the next life makes it. */
  endRests(): void {
    for (const busy of [...this.resting]) this.endRest(busy);
  }

  /** STOP-1: what fails in a stop, or after one that did not wait for it, was interrupted, not judged. */
  private interrupted(turn: Turn): boolean {
    return this.ends.isStopped() || turn.life.ended;
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

  /** A handler like any other: guarded, sync or async, claimed where messages are, and the lane waits for it. */
  private deadLetter(
    busy: Busy,
    lane: Lane,
    turn: Turn,
    onDeadLetter: DeadLetterHandler,
    failure: unknown,
  ): void {
    const { event, source, standing } = turn.arrival;
    if (event === null) return;
    const context = new HandlerContext(source, turn.attempt, true, standing === 'late', turn.life);
    // Async, so that a thousand letters do not go out from inside each other.
    const letter = this.ends.giveTo(async () => onDeadLetter(event, failure), event, context);
    if (letter === null) this.ends.finish(busy, lane, turn);
    else letter.whenOver(() => this.deadLetterOver(busy, lane, turn, letter));
  }

  private deadLetterOver(busy: Busy, lane: Lane, turn: Turn, { outcome, failure }: Call): void {
    if (outcome === 'succeeded') {
      this.ends.finish(busy, lane, turn);
    } else if (outcome === 'withheld' || this.interrupted(turn)) {
      this.ends.keep(busy, lane, turn);
    } else {
      this.report(busy, turn, failure, false);
      this.exhausted(busy, lane, turn);
    }
  }

  /** HND-1: park it and go on, or wait for it. What cannot be remembered as parked is waited for. */
  private exhausted(busy: Busy, lane: Lane, turn: Turn): void {
    const { onHandlerFailure, handlerRetry } = this.options;
    const parked = onHandlerFailure === 'park' && this.listener.parked(busy, turn.arrival);
    if (parked) this.ends.skip(busy, lane, turn);
    else this.rest(busy, lane, turn, handlerRetry.maxDelayMs);
  }

  /** Waits for the next attempt. The lane waits too; the slot does not. */
  private rest(busy: Busy, lane: Lane, turn: Turn, delayMs: number): void {
    const { clock, handlerRetry } = this.options;
    turn.attempt += 1;
    this.resting.add(busy);
    const delay = Math.min(delayMs, handlerRetry.maxDelayMs) * (0.75 + clock.random() / 2);
    lane.retryTimer = clock.setTimer(() => this.endRest(busy), delay);
    this.ends.pause(busy, lane, turn);
    if (this.ends.isStopped()) this.endRest(busy);
  }

  private endRest(busy: Busy): void {
    const { lane } = busy;
    this.resting.delete(busy);
    if (lane === null || lane.state !== 'backing off') return;
    this.options.clock.clearTimer(lane.retryTimer);
    lane.retryTimer = null;
    this.ends.resume(busy, lane);
  }
}
