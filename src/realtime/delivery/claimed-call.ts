import type { Clock, TimerHandle } from '../../clock/index.js';
import type { AgentChatError } from '../../errors/index.js';
import { type Claims, messageClaimKey } from '../../stores/index.js';
import type { MessageEvent } from '../events.js';
import type { Life } from '../life.js';
import type { HandlerContext } from './context.js';
import { Invocation, type InvocationOutcome } from './invocation.js';

/** How long until a message that somebody else has claimed, or a store that failed, is asked about again. */
const ASK_AGAIN_MS = 1_000;
const ASK_AGAIN_MAX_MS = 15_000;

/** What claiming needs beside the call itself. */
export interface Claiming {
  readonly clock: Clock;
  readonly claims: Claims;
  /** Somebody else has handled it. */
  onDuplicate(): void;
  onError(error: AgentChatError): void;
}

/**
 * A call that claims its message first. What somebody else has handled counts as handled, and no handler sees it. While
 * somebody else is at it, or the store fails, the lane waits: that nothing is handled twice is what the store is there
 * for. Afterwards the claim is committed, or released when the handlers failed or gave the message back.
 */
export class ClaimedCall extends Invocation {
  private result: InvocationOutcome = 'succeeded';
  private readonly key: string;

  /**
   * @param intake Ends when nothing new may start (STOP-1).
   * @param call Calls the handlers; null when all of them have succeeded already.
   */
  constructor(
    private readonly claiming: Claiming,
    private readonly intake: Life,
    event: MessageEvent,
    context: HandlerContext,
    private readonly call: () => Invocation | null,
  ) {
    super(context);
    this.atWork = 1;
    this.key = messageClaimKey(event.payload.id);
    void this.run();
  }

  override get outcome(): InvocationOutcome {
    return this.result;
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    const token = await this.claim();
    if (token === null) return;
    if (this.intake.ended) {
      await this.release(token);
      this.end('given back');
      return;
    }
    const call = this.call();
    if (call === null) await this.settle('succeeded', token);
    else call.whenOver(() => void this.ended(call, token));
  }

  /** The handlers are done; a loop may say so twice, when it has given the message back and handled it after all. */
  private async ended(call: Invocation, token: string): Promise<void> {
    for (const handler of call.failed) this.noteFailure(handler, call.failure);
    await this.settle(call.outcome, token);
  }

  private async settle(outcome: InvocationOutcome, token: string): Promise<void> {
    if (outcome === 'succeeded') await this.commit(token);
    else if (outcome !== 'succeeded after all') await this.release(token);
    this.end(outcome);
  }

  /** Resolves with the token of our claim; with null when there is nothing to call. */
  private async claim(): Promise<string | null> {
    const { claims, onDuplicate, onError } = this.claiming;
    for (let asked = 0; !this.intake.ended; asked += 1) {
      try {
        const claim = await claims.claim(this.key);
        if (claim.state === 'claimed') return claim.token;
        if (claim.state === 'done') {
          onDuplicate();
          this.end('succeeded');
          return null;
        }
      } catch (error) {
        onError(error as AgentChatError);
      }
      await this.pause(Math.min(ASK_AGAIN_MS * 2 ** asked, ASK_AGAIN_MAX_MS));
    }
    this.end('given back');
    return null;
  }

  private async commit(token: string): Promise<void> {
    await this.claiming.claims.commit(this.key, token).catch(this.claiming.onError);
  }

  private async release(token: string): Promise<void> {
    await this.claiming.claims.release(this.key, token).catch(this.claiming.onError);
  }

  private pause(ms: number): Promise<void> {
    const { clock } = this.claiming;
    return new Promise((resolve) => {
      let timer: TimerHandle = null;
      const off = this.intake.onEnd(() => {
        clock.clearTimer(timer);
        resolve();
      });
      timer = clock.setTimer(() => {
        off();
        resolve();
      }, ms);
    });
  }

  private end(outcome: InvocationOutcome): void {
    this.result = outcome;
    this.atWork = 0;
    this.over();
  }
}
