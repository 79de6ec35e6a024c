import { AbortedError, better, type Prospect, patienceOf, prospectOf } from '../../errors/index.js';
import type { EventContext, EventHandler, MessageEvent, MessageSource } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import { isThenable } from '../util/guarded.js';
import type { Life } from '../util/life.js';

export type Handlers = readonly EventHandler<'message.new'>[];

/** What a handler is told beside the event. A class, so that a message costs one small allocation. */
export class HandlerContext implements EventContext {
  private controller: AbortController | null = null;
  private off: (() => void) | null = null;

  constructor(
    readonly source: MessageSource,
    readonly attempt: number,
    readonly redelivered: boolean,
    readonly late: boolean,
    readonly life: Life,
  ) {}

  /** Made when it is asked for: one per message, so that any number of handlers may listen to theirs. */
  get signal(): AbortSignal {
    if (this.controller === null) {
      const controller = new AbortController();
      this.controller = controller;
      this.off = this.life.onEnd(() =>
        controller.abort(new AbortedError('The client stopped before this handler had finished.')),
      );
    }
    return this.controller.signal;
  }

  /** The handlers are done: nobody needs to hear of the end any more. */
  release(): void {
    this.off?.();
    this.off = null;
  }
}

/**
 * How a call ended. `given back`: the loop that had the message did not handle it, nor fail at it. `succeeded after all`:
 * it had given the message back, and says now that it was handled. `withheld`: nobody has seen the message.
 */
export type CallOutcome = 'succeeded' | 'failed' | 'given back' | 'succeeded after all' | 'withheld';

/** A call of handlers that is not simply over: some are still at work, or some have failed. */
export class Call {
  /** The handlers that failed: only they are called again (HND-1). */
  readonly failed: EventHandler<'message.new'>[] = [];
  failure: unknown;
  /** HND-2: means something once a handler has failed. */
  prospect: Prospect = 'never';
  /** HND-1: how long those who failed have been asked to wait, in milliseconds. */
  patienceMs = 0;
  protected atWork = 0;
  private whenDone: (() => void) | null = null;

  /** `outcome` means something once it is over. */
  constructor(
    readonly context: HandlerContext,
    public outcome: CallOutcome = 'succeeded',
  ) {}

  /** Calls `done` when no handler is at work: now, or later. */
  whenOver(done: () => void): void {
    this.whenDone = done;
    if (this.atWork === 0) this.over();
  }

  noteFailure(handler: EventHandler<'message.new'>, error: unknown): void {
    this.outcome = 'failed';
    this.failed.push(handler);
    this.failure = error;
    this.prospect = better(this.prospect, prospectOf(error));
    this.patienceMs = Math.max(this.patienceMs, patienceOf(error));
  }

  async follow(handler: EventHandler<'message.new'>, result: PromiseLike<unknown>): Promise<void> {
    this.atWork += 1;
    try {
      // A promise of our own tames a `then` of the user's: one that throws, calls twice, or calls at once.
      const isPlain = result instanceof Promise && result.then === Promise.prototype.then;
      await (isPlain ? result : new Promise((resolve) => resolve(result)));
    } catch (error) {
      this.noteFailure(handler, error);
    }
    this.finish();
  }

  private finish(): void {
    this.atWork -= 1;
    if (this.atWork === 0) this.over();
  }

  protected end(outcome: CallOutcome): void {
    this.outcome = outcome;
    this.atWork = 0;
    this.over();
  }

  private over(): void {
    this.context.release();
    this.whenDone?.();
  }
}

/** Calls handlers, each guarded. Returns null when all have succeeded already, with nothing allocated and no promise. */
export function callHandlers(handlers: Handlers, event: MessageEvent, context: HandlerContext): Call | null {
  let call: Call | null = null;
  for (const handler of handlers) {
    try {
      const result = handler(event, context);
      if (isThenable(result)) {
        call ??= new Call(context);
        void call.follow(handler, result);
      }
    } catch (error) {
      call ??= new Call(context);
      call.noteFailure(handler, error);
    }
  }
  if (call === null) context.release();
  return call;
}

/** One message in the hands of its handlers, or several in those of the handler of batches. */
export class Turn {
  /** 1 for the first call. */
  attempt = 1;
  /** HND-1: how long the last attempt was asked to wait, in milliseconds. */
  patienceMs = 0;
  /** The handlers that have succeeded: a retry does not run them again (HND-1). */
  private succeeded: Handlers = [];

  /**
   * `arrivals`: at least one, oldest first. `handlers`: those that this attempt calls. `life`: the one in which it began.
   */
  constructor(
    public arrivals: readonly Arrival[],
    public handlers: Handlers,
    public life: Life,
  ) {}

  /** The oldest. */
  get arrival(): Arrival {
    return this.arrivals[0] as Arrival;
  }

  get messageId(): string {
    return this.arrival.message?.id ?? '';
  }

  /** An attempt begins, with those registered now: a removed one is not called again, and one that replaced it is. */
  begin(handlers: Handlers, life: Life): void {
    this.life = life;
    const { succeeded } = this;
    this.handlers =
      succeeded.length === 0 ? handlers : handlers.filter((handler) => !succeeded.includes(handler));
  }

  /** What those who are given the message now are told beside it. */
  context(redelivered: boolean): HandlerContext {
    const { source } = this.arrivals.at(-1) as Arrival;
    const isLate = this.arrivals.some(({ standing }) => standing === 'late');
    return new HandlerContext(source, this.attempt, redelivered, isLate, this.life);
  }

  /** The attempt is over: these handlers have failed at it. */
  noteFailed(failed: Handlers): void {
    this.succeeded = [...this.succeeded, ...this.handlers.filter((handler) => !failed.includes(handler))];
  }
}
