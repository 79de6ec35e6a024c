import type { AgentChatClientError } from '../../errors/index.js';
import type { MessageEvent, ReceivedMessage } from '../events.js';
import { Fifo } from '../util/collections.js';
import { Call, type CallOutcome, type HandlerContext } from './call.js';
import type { Place } from './claimed-call.js';

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

interface NextCall {
  readonly loop: MessageLoop;
  /** `ack()`: it overlaps with another call, so that no later one means what this one is given. */
  ackedBy: 'next()' | 'ack()';
  answer(next: NextMessage): void;
  fail(error: unknown): void;
}

const DONE: NextMessage = /* @__PURE__ */ Object.freeze({ done: true, value: undefined });

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
  /** Something from the start: in a life that has ended the message goes back at once. */
  private offEnd: () => void = () => {};

  constructor(
    readonly event: MessageEvent,
    context: HandlerContext,
  ) {
    super(context);
    this.atWork = 1;
    this.offEnd = context.life.onEnd(() => this.giveBack());
  }

  get isHeld(): boolean {
    return this.atWork > 0;
  }

  acknowledge(): void {
    if (this.isHeld) this.end('succeeded');
    else if (this.outcome === 'given back') this.end('succeeded after all');
  }

  /** STOP-1, or the loop was left: it was not handled, and nobody failed at it. */
  giveBack(): void {
    if (this.isHeld) this.end('given back');
  }

  protected override end(outcome: CallOutcome): void {
    this.offEnd();
    super.end(outcome);
  }
}

export class MessageLoop implements MessageIterator {
  /** What the next `next()` acknowledges. */
  private last: HandOut | null = null;
  /** What only its own `ack()` acknowledges. */
  private others: HandOut[] = [];
  private unanswered: NextCall[] = [];
  private isLoopedOver = false;

  constructor(private readonly stream: MessageStream) {}

  next(): Promise<NextMessage> {
    this.last?.acknowledge();
    this.last = null;
    this.others = this.others.filter(({ isHeld }) => isHeld);
    return new Promise((answer, fail) => {
      for (const earlier of this.unanswered) earlier.ackedBy = 'ack()';
      const ackedBy = this.unanswered.length > 0 ? 'ack()' : 'next()';
      const call: NextCall = { loop: this, ackedBy, answer, fail };
      this.unanswered.push(call);
      this.stream.ask(call);
    });
  }

  give(call: NextCall, handOut: HandOut): void {
    this.answered(call);
    if (call.ackedBy === 'next()') this.last = handOut;
    else this.others.push(handOut);
    const value = { ...handOut.event, context: handOut.context, ack: () => handOut.acknowledge() };
    call.answer({ done: false, value });
  }

  /** The stream has ended, and will have nothing for this call. */
  end(call: NextCall, error: AgentChatClientError | undefined): void {
    this.answered(call);
    if (error === undefined) call.answer(DONE);
    else call.fail(error);
  }

  private answered(call: NextCall): void {
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
    if (this.isLoopedOver) return loopOver(this.stream);
    this.isLoopedOver = true;
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
    this.stream.end();
    for (const handOut of held) handOut.giveBack();
  }
}

/** Outside of the class, which bundlers would otherwise give another name than the one that traces show. */
function loopOver(stream: MessageStream): MessageLoop {
  return new MessageLoop(stream);
}

/**
 * What a stream is doing. Every event is allowed in every phase:
 *
 * | phase    | `ask`                          | `refuse`                        | `beginStop` | `stopped` | `resume` |
 * |----------|--------------------------------|---------------------------------|-------------|-----------|----------|
 * | open     | waits for a message            | refused; ended if somebody waits | stopping    | -         | -        |
 * | refused  | what has arrived; else the error, and ended | -                  | stopping    | -         | open     |
 * | stopping | waits for the end              | -                               | -           | ended     | -        |
 * | ended    | done                           | -                               | -           | -         | -        |
 *
 * `end` leads from any of them to `ended`. Whoever waits then is told.
 */
type Phase =
  | { readonly kind: 'open' | 'stopping' | 'ended' }
  | { readonly kind: 'refused'; readonly error: AgentChatClientError };

/** The lanes' messages for those who ask for them: a message leaves its lane only when somebody waits for it (BP-1). */
export class MessageStream {
  private phase: Phase = { kind: 'open' };
  private readonly calls = new Fifo<NextCall>();
  /** How many of the calls wait for a message that is being claimed. */
  private reserved = 0;
  private readonly onAbort = () => this.end();

  /** `onWants`: `wants` may have changed, and messages may be given at once. */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly onWants: () => void,
    private readonly onEnd: () => void,
  ) {
    signal?.addEventListener('abort', this.onAbort);
  }

  /** True when somebody waits for a message, and may be given one. */
  get wants(): boolean {
    return this.calls.size > this.reserved && this.gives;
  }

  private get gives(): boolean {
    return this.phase.kind === 'open' || this.phase.kind === 'refused';
  }

  ask(call: NextCall): void {
    if (this.phase.kind === 'ended') {
      call.loop.end(call, undefined);
      return;
    }
    this.calls.push(call);
    this.onWants();
    this.failIfEmpty();
  }

  take(event: MessageEvent, context: HandlerContext): Call {
    const call = this.gives ? this.calls.shift() : undefined;
    if (call === undefined) return new Call(context, 'withheld');
    const handOut = new HandOut(event, context);
    this.onWants();
    call.loop.give(call, handOut);
    return handOut;
  }

  /** For a message that has to be claimed first, which takes time. */
  reserve(): Place {
    this.reserved += 1;
    this.onWants();
    return {
      take: (event, context) => {
        this.reserved -= 1;
        return this.take(event, context);
      },
      leave: () => {
        this.reserved -= 1;
        this.onWants();
        this.failIfEmpty();
      },
    };
  }

  /** The client has gone idle for good: a loop that waited on would be deaf without a word. */
  refuse(error: AgentChatClientError): void {
    if (this.phase.kind !== 'open') return;
    this.phase = { kind: 'refused', error };
    this.failIfEmpty();
  }

  /** The client connects again before anybody was told of the refusal. */
  resume(): void {
    if (this.phase.kind === 'refused') this.phase = { kind: 'open' };
  }

  /** STOP-1: `disconnect()` has begun. Nothing is given out any more; what is in hand may still be acknowledged. */
  beginStop(): void {
    if (this.gives) this.phase = { kind: 'stopping' };
  }

  /** STOP-1: `disconnect()` is over. A stream that was made in the meantime belongs to the next life. */
  stopped(): void {
    if (this.phase.kind === 'stopping') this.end();
  }

  /** Whoever waits is told the error, or that it is over. */
  end(error?: AgentChatClientError): void {
    if (this.phase.kind === 'ended') return;
    this.phase = { kind: 'ended' };
    this.signal?.removeEventListener('abort', this.onAbort);
    this.onEnd();
    for (let call = this.calls.shift(); call !== undefined; call = this.calls.shift()) {
      call.loop.end(call, error);
    }
  }

  /** What has arrived is given out before the error is told, also what is still being claimed. */
  private failIfEmpty(): void {
    const { phase } = this;
    if (phase.kind === 'refused' && this.calls.size > 0 && this.reserved === 0) this.end(phase.error);
  }
}
