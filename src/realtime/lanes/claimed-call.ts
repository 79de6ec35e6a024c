import type { Clock } from '../../clock/index.js';
import type { AgentChatClientError } from '../../errors/index.js';
import { type Claim, type Claims, messageClaimKey } from '../../stores/index.js';
import type { MessageEvent } from '../events.js';
import type { Life } from '../util/life.js';
import { pause } from '../util/retrying.js';
import { Call, type CallOutcome, type HandlerContext } from './call.js';
import type { TimeSlice } from './time-slice.js';

/** How long until a message that somebody else has claimed is asked about again: most handlers take no time. Doubles. */
const ASK_AGAIN_MS = 50;
/** The same for a store that has failed. */
const STORE_PAUSE_MS = 1_000;
const ASK_AGAIN_MAX_MS = 15_000;

export interface Claiming {
  readonly clock: Clock;
  readonly claims: Claims;
  readonly slice: TimeSlice;
  onDuplicate(): void;
  onError(error: AgentChatClientError): void;
}

/** Keeps somebody free for one message, who is then given it or not. */
export interface Place {
  /** Null when all handlers are done already; a call that is `withheld` when there is nobody any more. */
  take(event: MessageEvent, context: HandlerContext): Call | null;
  leave?(): void;
}

/**
 * A call that claims its message first. What somebody else has handled counts as handled, and no handler sees it. While
 * somebody else is at it, or the store fails, the lane waits: that nothing is handled twice is what the store is there
 * for. Afterwards the claim is committed, or released when the handlers failed or gave the message back.
 */
export class ClaimedCall extends Call {
  private readonly key: string;
  /** What a loop says of its message goes to the store in the order in which it was said. */
  private settling: Promise<void> = Promise.resolve();

  /** `intake` ends when nothing new may start (STOP-1). */
  constructor(
    private readonly claiming: Claiming,
    private readonly intake: Life,
    private readonly event: MessageEvent,
    context: HandlerContext,
    private readonly place: Place,
  ) {
    super(context);
    this.atWork = 1;
    this.key = messageClaimKey(event.payload.id);
    void this.run();
  }

  /** Nothing begins in a stop, nor (REP-3) in a conversation that is not ours any more. */
  private get mayBegin(): boolean {
    return !this.intake.ended && !this.context.life.ended;
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    const claim = await this.claim();
    // BP-2: claims that are granted together must not lead to their handlers in one go.
    while (claim.state === 'claimed' && this.claiming.slice.isOver) await this.claiming.slice.next();
    if (claim.state === 'claimed' && this.mayBegin) {
      const { token } = claim;
      const call = this.place.take(this.event, this.context);
      if (call === null) await this.settle('succeeded', token);
      else call.whenOver(() => this.ended(call, token));
      return;
    }
    this.place.leave?.();
    if (claim.state === 'claimed') {
      await this.settle('withheld', claim.token);
      return;
    }
    if (claim.state === 'done') this.claiming.onDuplicate();
    this.end(claim.state === 'done' ? 'succeeded' : 'withheld');
  }

  /** The handlers are done; a loop may say so twice, when it has given the message back and handled it after all. */
  private ended({ outcome, failed, failure, prospect, patienceMs }: Call, token: string): void {
    for (const handler of failed) this.noteFailure(handler, failure);
    this.prospect = prospect;
    this.patienceMs = patienceMs;
    this.settling = this.settling.then(() => this.settle(outcome, token));
  }

  /** Tells the store how it ended. Never rejects. */
  private async settle(outcome: CallOutcome, token: string): Promise<void> {
    const { claims, onError } = this.claiming;
    try {
      if (outcome === 'succeeded') {
        await claims.commit(this.key, token);
      } else if (outcome === 'succeeded after all') {
        // The claim was released when the loop gave the message back. Who has claimed it since is at it, and goes on.
        const claim = await claims.claim(this.key);
        if (claim.state === 'claimed') await claims.commit(this.key, claim.token);
      } else {
        await claims.release(this.key, token);
      }
    } catch (error) {
      onError(error as AgentChatClientError);
    }
    this.end(outcome);
  }

  /** Resolves with a claim that is in progress only when nothing new may start any more. */
  private async claim(): Promise<Claim> {
    const { clock, claims, onError } = this.claiming;
    for (let pauseMs = ASK_AGAIN_MS; this.mayBegin; pauseMs = Math.min(pauseMs * 2, ASK_AGAIN_MAX_MS)) {
      try {
        const claim = await claims.claim(this.key);
        if (claim.state !== 'in_progress') return claim;
      } catch (error) {
        pauseMs = Math.max(pauseMs, STORE_PAUSE_MS);
        onError(error as AgentChatClientError);
      }
      await pause(clock, pauseMs, this.intake);
    }
    return { state: 'in_progress' };
  }
}
