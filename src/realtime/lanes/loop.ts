import type { MessageEvent, ReceivedMessage } from '../events.js';
import { Call, type HandlerContext } from './call.js';

/** What `messages()` may be told. */
export interface MessagesOptions {
  /** Ends the loop when it aborts. The message in hand is acknowledged as usual, by asking for the next one. */
  readonly signal?: AbortSignal | undefined;
}

/** What a loop is given for a `next()`: a message, or its end. */
export type NextMessage = IteratorResult<ReceivedMessage, undefined>;

/**
 * The messages, taken one by one. See `RealtimeClient.messages()`.
 *
 * Several loops may run over one iterator, as workers that share the messages: each `for await` acknowledges what it was
 * given itself. Leaving one of them ends the iterator for all; the others finish the message that they have.
 */
export interface MessageIterator {
  /**
   * Acknowledges the last message and waits for the next. Rejects when the service has refused the client for good, after
   * everything that had arrived was given out.
   *
   * Calls that overlap are answered in their order. What they are given is acknowledged by its `ack()` only, because
   * there is no "last" one.
   */
  next(): Promise<NextMessage>;
  /** Ends the loop. What it has in hand is not acknowledged; the next loop or handler gets it again. */
  return(value?: unknown): Promise<NextMessage>;
  /** As `return()`; rejects with the error. */
  throw(error?: unknown): Promise<NextMessage>;
  /** Itself for the first loop, and a loop of its own for each further one. */
  [Symbol.asyncIterator](): MessageIterator;
  /** As `return()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A `next()` that has not been answered. */
export interface NextCall {
  readonly loop: MessageLoop;
  /** `ack()`: it overlaps with another call, so that no later one means what this one is given. */
  ackedBy: 'next()' | 'ack()';
  answer(next: NextMessage): void;
  fail(error: unknown): void;
}

/** Where a loop gets its messages. */
export interface LoopSource {
  ask(call: NextCall): void;
  /** Nobody takes any more. */
  end(): void;
}

export const DONE: NextMessage = Object.freeze({ done: true, value: undefined });

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

  acknowledge(): void {
    if (this.state === 'handled') return;
    const outcome = this.state === 'held' ? 'succeeded' : 'succeeded after all';
    this.state = 'handled';
    this.offEnd();
    this.end(outcome);
  }

  /** STOP-1, or the loop was left: it was not handled, and nobody failed at it. */
  giveBack(): void {
    if (this.state !== 'held') return;
    this.state = 'given back';
    this.offEnd();
    this.end('given back');
  }
}

/** One loop over a stream of messages. */
export class MessageLoop implements MessageIterator {
  /** What the next `next()` acknowledges. */
  private last: HandOut | null = null;
  /** What only its own `ack()` acknowledges. */
  private others: HandOut[] = [];
  private unanswered: NextCall[] = [];
  private use: 'fresh' | 'looped over' = 'fresh';

  constructor(private readonly source: LoopSource) {}

  next(): Promise<NextMessage> {
    this.last?.acknowledge();
    this.last = null;
    this.others = this.others.filter(({ isHeld }) => isHeld);
    return new Promise((answer, fail) => {
      for (const earlier of this.unanswered) earlier.ackedBy = 'ack()';
      const ackedBy = this.unanswered.length > 0 ? 'ack()' : 'next()';
      const call: NextCall = { loop: this, ackedBy, answer, fail };
      this.unanswered.push(call);
      this.source.ask(call);
    });
  }

  /** The stream has a message for this call. */
  give(call: NextCall, handOut: HandOut): void {
    this.answered(call);
    if (call.ackedBy === 'next()') this.last = handOut;
    else this.others.push(handOut);
    const value = { ...handOut.event, context: handOut.context, ack: () => handOut.acknowledge() };
    call.answer({ done: false, value });
  }

  /** The stream has no more for this call. */
  answered(call: NextCall): void {
    this.unanswered = this.unanswered.filter((other) => other !== call);
  }

  async return(_value?: unknown): Promise<NextMessage> {
    this.leave();
    return DONE;
  }

  async throw(error?: unknown): Promise<NextMessage> {
    this.leave();
    throw error;
  }

  [Symbol.asyncIterator](): MessageIterator {
    if (this.use === 'looped over') return new MessageLoop(this.source);
    this.use = 'looped over';
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
  }

  /** First nobody asks any more, and then the messages go back: else they would come to the next call at once. */
  private leave(): void {
    const held = this.last === null ? this.others : [this.last, ...this.others];
    this.last = null;
    this.others = [];
    this.source.end();
    for (const handOut of held) handOut.giveBack();
  }
}
