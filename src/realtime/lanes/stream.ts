import type { AgentChatError } from '../../errors/index.js';
import type { MessageEvent } from '../events.js';
import { Fifo } from '../util/collections.js';
import { Call, type HandlerContext } from './call.js';
import type { Place } from './claimed-call.js';
import { DONE, HandOut, type LoopSource, type MessageIterator, MessageLoop, type NextCall } from './loop.js';

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
  | { readonly kind: 'refused'; readonly error: AgentChatError };

export interface MessageStreamPorts {
  /** `wants` may have changed. Messages may be given at once. */
  onWants(): void;
  onEnd(): void;
}

/** The lanes' messages for those who ask for them: a message leaves its lane only when somebody waits for it (BP-1). */
export class MessageStream implements LoopSource {
  private phase: Phase = { kind: 'open' };
  private readonly calls = new Fifo<NextCall>();
  /** How many of the calls wait for a message that is being claimed. */
  private reserved = 0;
  private readonly onAbort = () => this.end();

  constructor(
    private readonly ports: MessageStreamPorts,
    private readonly signal: AbortSignal | undefined,
  ) {
    signal?.addEventListener('abort', this.onAbort);
  }

  /** The iterator that the user gets. */
  iterator(): MessageIterator {
    if (this.signal?.aborted) this.end();
    return new MessageLoop(this);
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
      call.loop.answered(call);
      call.answer(DONE);
      return;
    }
    this.calls.push(call);
    this.ports.onWants();
    this.failIfEmpty();
  }

  take(event: MessageEvent, context: HandlerContext): Call {
    const call = this.gives ? this.calls.shift() : undefined;
    if (call === undefined) return new Call(context, 'withheld');
    const handOut = new HandOut(event, context);
    this.ports.onWants();
    call.loop.give(call, handOut);
    return handOut;
  }

  /** For a message that has to be claimed first, which takes time. */
  reserve(): Place {
    this.reserved += 1;
    this.ports.onWants();
    return {
      take: (event, context) => {
        this.reserved -= 1;
        return this.take(event, context);
      },
      leave: () => {
        this.reserved -= 1;
        this.ports.onWants();
        this.failIfEmpty();
      },
    };
  }

  /** The client has gone idle for good: a loop that waited on would be deaf without a word. */
  refuse(error: AgentChatError): void {
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

  end(): void {
    if (this.phase.kind === 'ended') return;
    this.close((call) => call.answer(DONE));
  }

  /** What has arrived is given out before the error is told, also what is still being claimed. */
  private failIfEmpty(): void {
    const { phase } = this;
    if (phase.kind !== 'refused' || this.calls.size === 0 || this.reserved > 0) return;
    this.close((call) => call.fail(phase.error));
  }

  /** `tell` says it to each who waits. */
  private close(tell: (call: NextCall) => void): void {
    this.phase = { kind: 'ended' };
    this.signal?.removeEventListener('abort', this.onAbort);
    this.ports.onEnd();
    for (let call = this.calls.shift(); call !== undefined; call = this.calls.shift()) {
      call.loop.answered(call);
      tell(call);
    }
  }
}
