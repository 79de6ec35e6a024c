import type { Arrival } from '../order/arrival.js';
import type { Life } from '../util/life.js';
import { HandlerContext, type Handlers } from './call.js';

/** One message in the hands of its handlers. */
export class Turn {
  /** 1 for the first call. */
  attempt = 1;
  /** The handlers that have succeeded: a retry does not run them again (HND-1). */
  private succeeded: Handlers = [];

  /**
   * @param handlers Those that this attempt calls.
   * @param life The one in which this attempt began.
   */
  constructor(
    readonly arrival: Arrival,
    public handlers: Handlers,
    public life: Life,
  ) {}

  get messageId(): string {
    return this.arrival.message?.id ?? '';
  }

  /** An attempt begins. */
  begin(handlers: Handlers, life: Life): void {
    this.life = life;
    // As they are registered now: one that was removed is not called again, and one that replaced it is.
    const { succeeded } = this;
    this.handlers =
      succeeded.length === 0 ? handlers : handlers.filter((handler) => !succeeded.includes(handler));
  }

  /** What those who are given the message now are told beside it. */
  context(redelivered: boolean): HandlerContext {
    const { source, standing } = this.arrival;
    return new HandlerContext(source, this.attempt, redelivered, standing === 'late', this.life);
  }

  /** The attempt is over: these handlers have failed at it. */
  noteFailed(failed: Handlers): void {
    this.succeeded = [...this.succeeded, ...this.handlers.filter((handler) => !failed.includes(handler))];
  }
}
