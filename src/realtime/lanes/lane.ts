import type { TimerHandle } from '../../clock/index.js';
import type { EventHandler } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import { Fifo } from '../util/fifo.js';
import type { Life } from '../util/life.js';

/** One message in the hands of its handlers. */
export interface Turn {
  readonly arrival: Arrival;
  /** 1 for the first call. */
  attempt: number;
  /** The handlers that this attempt calls. */
  handlers: readonly EventHandler<'message.new'>[];
  /** The handlers that have succeeded: a retry does not run them again (HND-1). */
  succeeded: readonly EventHandler<'message.new'>[];
  /** When this attempt began, on the monotonic clock. */
  startedAt: number;
  /** Whether it occupies one of the slots of `concurrency`. */
  holdsSlot: boolean;
  /** The life in which this attempt began. */
  life: Life;
}

/**
 * - `idle`: nothing to do; the lane is about to be dropped.
 * - `ready`: has something to run and waits for a slot.
 * - `running`: handlers are at work.
 * - `backing off`: waits for a retry.
 */
export type LaneState = 'idle' | 'ready' | 'running' | 'backing off';

/** The serial queue of one conversation's handler calls (ORD-1). Exists only while something is in it. */
export class Lane {
  state: LaneState = 'idle';
  /** What runs, waits for a retry or is about to run again. */
  turn: Turn | null = null;
  retryTimer: TimerHandle = null;
  /** True while its messages are being run through. */
  pumping = false;
  /** Set when something was shed for want of room, so that the sequencer is told when there is room again. */
  owesRoom = false;
  private readonly queue = new Fifo<Arrival>();

  get waiting(): number {
    return this.queue.size;
  }

  push(arrival: Arrival): void {
    this.queue.push(arrival);
  }

  shift(): Arrival | undefined {
    return this.queue.shift();
  }
}
