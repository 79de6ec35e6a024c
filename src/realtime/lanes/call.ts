import type { EventHandler, MessageEvent } from '../events.js';
import { isThenable } from '../util/guarded.js';
import type { HandlerContext } from './context.js';

type Handlers = readonly EventHandler<'message.new'>[];

/**
 * How a call ended. `given back`: the loop that had the message did not handle it, nor fail at it. `succeeded after all`:
 * it had given the message back, and says now that it was handled. `withheld`: nobody has seen the message.
 */
export type InvocationOutcome = 'succeeded' | 'failed' | 'given back' | 'succeeded after all' | 'withheld';

/** A call of handlers that is not simply over: some are still at work, or some have failed. */
export class Invocation {
  /** The handlers that failed: only they are called again (HND-1). */
  readonly failed: EventHandler<'message.new'>[] = [];
  failure: unknown;
  protected atWork = 0;
  private whenDone: (() => void) | null = null;

  constructor(readonly context: HandlerContext) {}

  /** Means something once it is over. */
  get outcome(): InvocationOutcome {
    return this.failed.length === 0 ? 'succeeded' : 'failed';
  }

  /** Calls `done` when no handler is at work: now, or later. */
  whenOver(done: () => void): void {
    this.whenDone = done;
    if (this.atWork === 0) this.over();
  }

  noteFailure(handler: EventHandler<'message.new'>, error: unknown): void {
    this.failed.push(handler);
    this.failure = error;
  }

  follow(handler: EventHandler<'message.new'>, result: PromiseLike<unknown>): void {
    this.atWork += 1;
    // A promise of our own tames whatever the user's is: a `then` that throws, calls twice, or calls at once.
    new Promise<unknown>((resolve) => {
      resolve(result);
    }).then(
      () => this.finish(),
      (error: unknown) => {
        this.noteFailure(handler, error);
        this.finish();
      },
    );
  }

  private finish(): void {
    this.atWork -= 1;
    if (this.atWork === 0) this.over();
  }

  protected over(): void {
    this.context.release();
    this.whenDone?.();
  }
}

/** What is left of a call when those who were to be given the message are gone. */
export class Withheld extends Invocation {
  override get outcome(): InvocationOutcome {
    return 'withheld';
  }
}

/**
 * Calls handlers, each guarded. Returns null when all of them have succeeded already: the synchronous case allocates
 * nothing and makes no promise.
 */
export function invoke(handlers: Handlers, event: MessageEvent, context: HandlerContext): Invocation | null {
  let invocation: Invocation | null = null;
  for (const handler of handlers) {
    try {
      const result = handler(event, context);
      if (isThenable(result)) {
        invocation ??= new Invocation(context);
        invocation.follow(handler, result);
      }
    } catch (error) {
      invocation ??= new Invocation(context);
      invocation.noteFailure(handler, error);
    }
  }
  if (invocation === null) context.release();
  return invocation;
}
