import type { EventContext, EventHandler, MessageEvent } from '../events.js';
import { isThenable } from './thenable.js';

type Handlers = readonly EventHandler<'message.new'>[];

/** A call of handlers that is not simply over: some are still at work, or some have failed. */
export class Invocation {
  /** The handlers that failed: only they are called again (HND-1). */
  readonly failed: EventHandler<'message.new'>[] = [];
  failure: unknown;
  private atWork = 0;
  private whenDone: (() => void) | null = null;

  /** Calls `done` when no handler is at work: now, or later. */
  whenOver(done: () => void): void {
    if (this.atWork === 0) done();
    else this.whenDone = done;
  }

  noteFailure(handler: EventHandler<'message.new'>, error: unknown): void {
    this.failed.push(handler);
    this.failure = error;
  }

  follow(handler: EventHandler<'message.new'>, result: PromiseLike<unknown>): void {
    this.atWork += 1;
    // `Promise.resolve` also tames a thenable of the user's whose `then` throws or calls twice.
    Promise.resolve(result).then(
      () => this.finish(),
      (error: unknown) => {
        this.noteFailure(handler, error);
        this.finish();
      },
    );
  }

  private finish(): void {
    this.atWork -= 1;
    if (this.atWork === 0) this.whenDone?.();
  }
}

/**
 * Calls handlers, each guarded. Returns null when all of them have succeeded already: the synchronous case allocates
 * nothing and makes no promise.
 */
export function invoke(handlers: Handlers, event: MessageEvent, context: EventContext): Invocation | null {
  let invocation: Invocation | null = null;
  for (const handler of handlers) {
    try {
      const result = handler(event, context);
      if (isThenable(result)) {
        invocation ??= new Invocation();
        invocation.follow(handler, result);
      }
    } catch (error) {
      invocation ??= new Invocation();
      invocation.noteFailure(handler, error);
    }
  }
  return invocation;
}
