import type { EventContext, MessageSource } from '../events.js';

/** What a handler is told beside the event. A class, so that a message costs one small allocation. */
export class HandlerContext implements EventContext {
  constructor(
    readonly source: MessageSource,
    readonly attempt: number,
    readonly redelivered: boolean,
    readonly late: boolean,
    private readonly life: { readonly signal: AbortSignal },
  ) {}

  get signal(): AbortSignal {
    return this.life.signal;
  }
}
