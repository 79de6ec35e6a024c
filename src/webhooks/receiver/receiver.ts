import {
  type AgentChatError,
  HandlerError,
  type WebhookRefusal,
  WebhookVerificationError,
} from '../../errors/index.js';
import type { Claim } from '../../stores/index.js';
import type { WebhookBody } from '../body.js';
import type { VerifiedWebhook } from '../request.js';
import type { WebhookSignature } from '../signature.js';
import { identifyWebhook } from '../verify.js';
import type { ReceiverAnswer } from './answer.js';
import * as answers from './answer.js';
import { Claims, claimKeyOf } from './claims.js';
import { type ReceiverSettings, receiverSettings, type WebhookReceiverOptions } from './options.js';

/** A request, in terms of no framework. */
export interface ReceiverRequest {
  readonly method: string | undefined;
  readonly contentType: string | null | undefined;
  /** Of the body as `readBody` gives it: nothing, when the framework has decompressed it. */
  readonly contentEncoding: string | null | undefined;
  readonly signature: WebhookSignature;
  /** The raw body; null when it has more bytes than that, of which no more are read. Rejects when it breaks off. */
  readBody(mostBytes: number): Promise<WebhookBody | null>;
}

/** What to answer, and what to do when that has been sent. */
export interface Received {
  readonly answer: ReceiverAnswer;
  /** Never rejects. Null when there is nothing left to do. */
  readonly afterwards: (() => Promise<void>) | null;
}

/** A claim of ours. */
interface Held {
  readonly key: string;
  readonly token: string;
}

/** How the work on one event ended. */
type Ending = 'handled' | 'failed';

/** What every receiver does: read, verify, claim, answer, handle. What differs between frameworks is in its adapter. */
export class WebhookReceiver {
  private readonly settings: ReceiverSettings;
  private readonly claims: Claims | null;
  private readonly keys = new Map<string, Promise<CryptoKey>>();
  /** What this process is handling, by its claim. */
  private readonly inHand = new Map<string, Promise<Ending>>();
  private pending = 0;
  private closed = false;
  private idle: (() => void)[] = [];

  /** @param alsoKnown Names of options that the adapter reads itself. */
  constructor(options: WebhookReceiverOptions, alsoKnown: readonly string[] = []) {
    this.settings = receiverSettings(options, alsoKnown);
    const { dedupe } = this.settings;
    this.claims = dedupe === undefined ? null : new Claims(dedupe);
  }

  get maxBodyBytes(): number {
    return this.settings.maxBodyBytes;
  }

  /** Takes nothing more in (503); resolves when what is in hand is done. */
  close(): Promise<void> {
    this.closed = true;
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  /** Never rejects: whatever goes wrong has an answer. */
  async receive(request: ReceiverRequest): Promise<Received> {
    const refused = this.refuse(request);
    if (refused !== null) return { answer: refused, afterwards: null };
    this.pending += 1;
    let afterwards: Received['afterwards'] = null;
    try {
      const received = await this.take(request);
      afterwards = received.afterwards;
      return received;
    } catch (error) {
      // Nothing of the above throws by design. A stranger's request must not be what finds out that it does.
      this.report(error as AgentChatError);
      return { answer: answers.MISCONFIGURED, afterwards: null };
    } finally {
      // What is left to do counts until it is done.
      if (afterwards === null) this.done();
    }
  }

  /** What can be told without the body. */
  private refuse({ method, contentType, contentEncoding }: ReceiverRequest): ReceiverAnswer | null {
    if (method?.toUpperCase() !== 'POST') return answers.METHOD_NOT_ALLOWED;
    if (!isJson(contentType)) return answers.UNSUPPORTED_TYPE;
    if (!/^(identity)?$/i.test(contentEncoding?.trim() ?? '')) return answers.UNSUPPORTED_ENCODING;
    return this.closed || this.pending >= this.settings.maxPending ? answers.TRY_LATER : null;
  }

  private async take(request: ReceiverRequest): Promise<Received> {
    let body: WebhookBody | null;
    try {
      body = await request.readBody(this.settings.maxBodyBytes);
    } catch (error) {
      return { answer: this.unreadable(error), afterwards: null };
    }
    if (body === null) return { answer: answers.TOO_LARGE, afterwards: null };
    let verified: VerifiedWebhook;
    try {
      const { verification } = this.settings;
      const { signature } = request;
      verified = await identifyWebhook({ ...verification, payload: body, signature }, this.keys);
    } catch (error) {
      return { answer: this.unverified(error), afterwards: null };
    }
    return this.claims === null ? this.work(verified, null) : this.claim(this.claims, verified, body);
  }

  private async claim(claims: Claims, verified: VerifiedWebhook, body: WebhookBody): Promise<Received> {
    const key = await claimKeyOf(verified.payload, body);
    const inHand = await this.joined(key);
    if (inHand !== null) return inHand;
    let claim: Claim;
    try {
      claim = await claims.claim(key);
    } catch (error) {
      this.report(error as AgentChatError);
      if (this.settings.onDedupeFailure === 'handle') return this.work(verified, null);
      return { answer: answers.TRY_LATER, afterwards: null };
    }
    switch (claim.state) {
      case 'claimed':
        return this.work(verified, { key, token: claim.token });
      case 'done':
        return { answer: answers.DUPLICATE, afterwards: null };
      case 'in_progress':
        // Somebody who may have died over it: only the sender's next try can tell.
        return (await this.joined(key)) ?? { answer: answers.TRY_LATER, afterwards: null };
    }
  }

  /** A second copy of what is in hand here ends as the first does. Null when it is not in hand. */
  private async joined(key: string): Promise<Received | null> {
    const inHand = this.inHand.get(key);
    if (inHand === undefined) return null;
    const promised = this.settings.respond === 'at-once' || (await inHand) === 'handled';
    return { answer: promised ? answers.DUPLICATE : answers.HANDLER_FAILED, afterwards: null };
  }

  private async work(verified: VerifiedWebhook, claim: Held | null): Promise<Received> {
    let start: () => void = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const ending = started.then(() => this.handle(verified, claim));
    if (claim !== null) this.inHand.set(claim.key, ending);
    if (this.settings.respond === 'when-handled') {
      start();
      const answer = (await ending) === 'handled' ? answers.ACCEPTED : answers.HANDLER_FAILED;
      return { answer, afterwards: null };
    }
    const afterwards = async () => {
      start();
      await ending;
      this.done();
    };
    return { answer: answers.ACCEPTED, afterwards };
  }

  private async handle(verified: VerifiedWebhook, claim: Held | null): Promise<Ending> {
    const { payload, secretIndex, signedAt } = verified;
    let ending: Ending = 'handled';
    try {
      await this.settings.onEvent(payload, { secretIndex, signedAt });
    } catch (error) {
      ending = 'failed';
      this.report(handlerFailed(verified, error));
    }
    if (claim !== null) {
      try {
        if (ending === 'handled') await this.claims?.commit(claim.key, claim.token);
        else await this.claims?.release(claim.key, claim.token);
      } catch (error) {
        // Handled all the same. The claim stays until it expires.
        this.report(error as AgentChatError);
      }
      this.inHand.delete(claim.key);
    }
    return ending;
  }

  private done(): void {
    this.pending -= 1;
    if (this.pending > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  // -- what goes wrong ------------------------------------------------------------------------------------------

  private unreadable(error: unknown): ReceiverAnswer {
    return error instanceof WebhookVerificationError ? this.unverified(error) : answers.INCOMPLETE;
  }

  private unverified(error: unknown): ReceiverAnswer {
    if (error instanceof WebhookVerificationError && REFUSALS.has(error.reason)) {
      // Strangers can send what they like: without a listener it is not worth a line each.
      this.tell(error);
      return answers.notAuthentic(error);
    }
    this.report(error as AgentChatError);
    return answers.MISCONFIGURED;
  }

  /** What is the owner's to mend is never silent. */
  private report(error: AgentChatError): void {
    if (this.settings.onError === undefined) console.error(`agentchat-client: ${error.message}`);
    else this.tell(error);
  }

  private tell(error: AgentChatError): void {
    const { onError } = this.settings;
    if (onError === undefined) return;
    // A listener that fails, at once or later, changes no answer.
    new Promise((resolve) => resolve(onError(error))).catch(() => {
      console.error('agentchat-client: the onError of a webhook receiver failed.');
    });
  }
}

function isJson(contentType: string | null | undefined): boolean {
  const type = contentType?.trim() ?? '';
  return type === '' || /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type);
}

const REFUSALS: ReadonlySet<string> = new Set<WebhookRefusal>([
  'missing_signature',
  'malformed_signature',
  'timestamp_skew',
  'bad_signature',
  'malformed_payload',
]);

function handlerFailed({ payload }: VerifiedWebhook, cause: unknown): HandlerError {
  const { id, conversation_id } = payload.data as { id?: unknown; conversation_id?: unknown };
  return new HandlerError({
    message: `The handler of a webhook (${payload.event}) failed. See the cause.`,
    messageId: typeof id === 'string' ? id : '',
    conversationId: typeof conversation_id === 'string' ? conversation_id : '',
    attempt: 1,
    willRetry: false,
    cause,
  });
}
