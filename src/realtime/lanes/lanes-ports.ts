import type { Clock } from '../../clock/index.js';
import type { HandlerError } from '../../errors/index.js';
import type { Bounds } from '../bounds.js';
import type { MessageEvent } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import type { Busy } from '../order/conversation.js';

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

export interface LanesOptions {
  readonly clock: Clock;
  readonly bounds: Bounds;
  readonly handlerRetry: HandlerRetry;
  readonly onHandlerFailure: HandlerFailurePolicy;
  readonly onDeadLetter: DeadLetterHandler | undefined;
  readonly slowHandlerMs: number;
}

/** What the lanes tell the rest. None of these calls may throw. */
export interface LaneListener {
  /** True for our own messages: they take their place, and no handler sees them (GAP-5). */
  isOwn(arrival: Arrival): boolean;
  /** Every handler of the message has succeeded (or it needed none). */
  handled(busy: Busy, arrival: Arrival): void;
  /** The handlers kept failing. Returns false when no more can be parked: the lane then waits. */
  parked(busy: Busy, arrival: Arrival): boolean;
  /** A lane that had to turn messages away has room again. */
  room(busy: Busy): void;
  /** Nothing is left in the lane; it has been dropped. */
  emptied(busy: Busy): void;
  onHandlerError(error: HandlerError): void;
}
