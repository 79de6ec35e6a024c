import type { MessageEvent } from '../events.js';
import { Call, type CallOutcome, type HandlerContext } from './call.js';

/**
 * A message in the hands of a loop over `messages()`. Every call is allowed in every state:
 *
 * | state      | `acknowledge()`                                    | `giveBack()`, or the client stops |
 * |------------|----------------------------------------------------|-----------------------------------|
 * | held       | handled: the lane goes on                          | given back: first in its lane     |
 * | given back | handled after all, unless somebody has it by now   | -                                 |
 * | handled    | -                                                  | -                                 |
 */
export class HandOut extends Call {
  private state: 'held' | 'given back' | 'handled' = 'held';
  private result: CallOutcome = 'succeeded';
  private readonly offEnd: () => void;

  constructor(
    readonly event: MessageEvent,
    context: HandlerContext,
  ) {
    super(context);
    this.atWork = 1;
    this.offEnd = context.life.onEnd(() => this.giveBack());
  }

  get isHeld(): boolean {
    return this.state === 'held';
  }

  override get outcome(): CallOutcome {
    return this.result;
  }

  acknowledge(): void {
    if (this.state === 'handled') return;
    const result = this.state === 'held' ? 'succeeded' : 'succeeded after all';
    this.state = 'handled';
    this.end(result);
  }

  /** STOP-1, or the loop was left: it was not handled, and nobody failed at it. */
  giveBack(): void {
    if (this.state !== 'held') return;
    this.state = 'given back';
    this.end('given back');
  }

  private end(result: CallOutcome): void {
    this.offEnd();
    this.result = result;
    this.atWork = 0;
    this.over();
  }
}
