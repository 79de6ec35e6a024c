import { AbortedError } from '../../errors/index.js';
import type { EventContext, MessageSource } from '../events.js';
import type { Life } from '../util/life.js';

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
