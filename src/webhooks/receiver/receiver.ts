import { type Clock, systemClock } from '../../clock/index.js';
import { ConnectionError, type WebhookRefusal, WebhookVerificationError } from '../../errors/index.js';
import { type Claim, Claims } from '../../stores/index.js';
import type { WebhookBody } from '../body.js';
import type { VerifiedWebhook } from '../request.js';
import type { WebhookSignature } from '../signature.js';
import { identifyWebhook } from '../verify.js';
import type { WebKeys } from '../web-hmac.js';
import type { ReceiverAnswer } from './answer.js';
import * as answers from './answer.js';
import { claimKeyOf } from './claim-key.js';
import { ReceivedContext } from './context.js';
import {
  type ReceiverSettings,
  readCloseDeadline,
  receiverSettings,
  type WebhookCloseOptions,
  type WebhookReceiverOptions,
} from './options.js';
import { handlerFailure, Reporter } from './reporter.js';
import { Workload } from './workload.js';

/** A request, in terms of no framework. */
export interface ReceiverRequest {
  readonly method: string | undefined;
  readonly contentType: string | null | undefined;
  /** Of the body as `readBody` gives it: nothing, when the framework has decompressed it. */
  readonly contentEncoding: string | null | undefined;
  readonly signature: WebhookSignature;
  /**
   * The raw body; null when it has more bytes than that, of which no more are kept. Rejects when it breaks off, and when
   * the signal aborts.
   */
  readBody(mostBytes: number, signal: AbortSignal): Promise<WebhookBody | null>;
}

/** What to answer, and what to do when that has been sent. */
export interface Received {
  readonly answer: ReceiverAnswer;
  /** Never rejects. Null when there is nothing left to do. */
  readonly afterwards: (() => Promise<void>) | null;
}

/** An event that is known to be authentic, or the answer to a request that is not. */
type Reading =
  | { readonly kind: 'authentic'; readonly verified: VerifiedWebhook; readonly body: WebhookBody }
  | { readonly kind: 'refused'; readonly answer: ReceiverAnswer };

/** A claim of ours. */
interface Held {
  readonly key: string;
  readonly token: string;
}

/** How the work on one event ended. */
type Ending = 'handled' | 'failed';

/** No webhook takes so long to arrive: its sender waits about ten seconds for the answer. */
const BODY_PATIENCE_MS = 30_000;
/** Nobody waits so long for an answer. Without an end, what hangs would hold on to its connection and to those of all copies. */
const HANDLER_PATIENCE_MS = 30_000;

/** What is different where a receiver is built in. */
export interface ReceiverTraits {
  /** Everything stops with the answer, so that it has to wait for the handler. */
  readonly stopsWithAnswer?: boolean;
}

/** What every receiver does: read, verify, claim, answer, handle. What differs between frameworks is in its adapter. */
export class WebhookReceiver {
  private readonly settings: ReceiverSettings;
  private readonly reporter: Reporter;
  private readonly claims: Claims | null;
  private readonly keys: WebKeys = new Map();
  /** What this process is handling, or is asking the store for, by its key. */
  private readonly inHand = new Map<string, Promise<Received>>();
  private readonly workload: Workload;

  constructor(
    options: WebhookReceiverOptions,
    private readonly traits: ReceiverTraits = {},
    private readonly clock: Clock = systemClock,
  ) {
    this.settings = receiverSettings(options);
    const { dedupe, onError, maxPending } = this.settings;
    this.workload = new Workload(clock, maxPending);
    this.reporter = new Reporter(onError);
    this.claims = dedupe === undefined ? null : new Claims(dedupe, clock);
  }

  /**
   * Takes nothing more in (503); resolves when what is in hand is done, or was abandoned at the deadline.
   *
   * @throws ValidationError
   */
  close(options: WebhookCloseOptions = {}): Promise<void> {
    return this.workload.close(readCloseDeadline(options));
  }

  /** Never rejects: whatever goes wrong has an answer. */
  async receive(request: ReceiverRequest): Promise<Received> {
    try {
      const refused = this.refuse(request);
      if (refused !== null) return only(refused);
      const reading = await this.read(request);
      if (reading.kind === 'refused') return only(reading.answer);
      // The body took its time. Only what is authentic counts: a stranger's slow bodies keep nobody out.
      if (this.workload.isFull) return only(answers.TRY_LATER);
      return await this.take(reading.verified, reading.body);
    } catch (error) {
      // Nothing of the above throws by design. A stranger's request must not be what finds out that it does.
      this.reporter.report(error);
      return only(answers.MISCONFIGURED);
    }
  }

  /** For adapters: what is around the receiver failed it. */
  failed(what: string, cause: unknown): void {
    const message = `${what} See the cause.`;
    this.reporter.report(new ConnectionError({ message, outcome: 'unknown', cause }));
  }

  /** What can be told without the body. */
  private refuse({ method, contentType, contentEncoding }: ReceiverRequest): ReceiverAnswer | null {
    if (method?.toUpperCase() !== 'POST') return answers.METHOD_NOT_ALLOWED;
    if (!isJson(contentType)) return answers.UNSUPPORTED_TYPE;
    if (!/^(identity)?$/i.test(contentEncoding?.trim() ?? '')) return answers.UNSUPPORTED_ENCODING;
    return this.workload.isFull ? answers.TRY_LATER : null;
  }

  private async read(request: ReceiverRequest): Promise<Reading> {
    const patience = new AbortController();
    const timer = this.clock.setTimer(() => patience.abort(), BODY_PATIENCE_MS);
    try {
      const body = await request.readBody(this.settings.maxBodyBytes, patience.signal);
      if (body === null) return { kind: 'refused', answer: answers.TOO_LARGE };
      return await this.verify(request.signature, body);
    } catch (error) {
      return { kind: 'refused', answer: this.unreadable(error, patience.signal) };
    } finally {
      this.clock.clearTimer(timer);
    }
  }

  private async verify(signature: WebhookSignature, payload: WebhookBody): Promise<Reading> {
    const { verification } = this.settings;
    try {
      const verified = await identifyWebhook({ ...verification, payload, signature }, this.keys);
      return { kind: 'authentic', verified, body: payload };
    } catch (error) {
      return { kind: 'refused', answer: this.unverified(error) };
    }
  }

  /** Counts the event until it is done with: what is left for after the answer, too. */
  private take(verified: VerifiedWebhook, body: WebhookBody): Promise<Received> {
    this.workload.add();
    return until(() => this.workload.remove(), this.once(verified, body));
  }

  /** One of several copies is handled; the others share its answer. */
  private async once(verified: VerifiedWebhook, body: WebhookBody): Promise<Received> {
    if (this.claims === null) return this.work(verified, null);
    const key = await claimKeyOf(verified.payload, body);
    const first = this.inHand.get(key);
    if (first !== undefined) return only(answers.forCopyOf((await first).answer));
    // Noted in the same turn, before the store is asked: of two copies only one asks.
    const received = this.claim(this.claims, key, verified);
    this.inHand.set(key, received);
    return until(() => this.inHand.delete(key), received);
  }

  private async claim(claims: Claims, key: string, verified: VerifiedWebhook): Promise<Received> {
    let claim: Claim;
    try {
      claim = await claims.claim(key);
    } catch (error) {
      this.reporter.report(error);
      return this.settings.onDedupeFailure === 'handle' ? this.work(verified, null) : only(answers.TRY_LATER);
    }
    switch (claim.state) {
      case 'claimed':
        return this.work(verified, { key, token: claim.token });
      case 'done':
        return only(answers.DUPLICATE);
      case 'in_progress':
        // Held elsewhere, by somebody who may have died over it: only the sender's next try can tell.
        return only(answers.TRY_LATER);
    }
  }

  private async work(verified: VerifiedWebhook, claim: Held | null): Promise<Received> {
    if (this.settings.respond === 'at-once') {
      const afterwards = async () => void (await this.handle(verified, claim));
      return { answer: answers.ACCEPTED, afterwards };
    }
    const handling = this.handle(verified, claim);
    const ending = this.traits.stopsWithAnswer === true ? await handling : await this.inTime(handling);
    switch (ending) {
      case 'handled':
        return only(answers.ACCEPTED);
      case 'failed':
        return only(answers.HANDLER_FAILED);
      case 'at work':
        return { answer: answers.TRY_LATER, afterwards: async () => void (await handling) };
    }
  }

  private inTime(handling: Promise<Ending>): Promise<Ending | 'at work'> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimer(() => resolve('at work'), HANDLER_PATIENCE_MS);
      void handling.then((ending) => {
        this.clock.clearTimer(timer);
        resolve(ending);
      });
    });
  }

  /** Never rejects. */
  private async handle(verified: VerifiedWebhook, claim: Held | null): Promise<Ending> {
    const { payload } = verified;
    // Looked at before the handler has it, which may do with it what it likes.
    const failure = handlerFailure(payload);
    const context = new ReceivedContext(verified);
    let ending: Ending = 'handled';
    try {
      await this.workload.run(context, () => this.settings.onEvent(payload, context));
    } catch (cause) {
      ending = 'failed';
      this.reporter.report(failure(cause));
    }
    if (claim !== null) await this.settle(claim, ending);
    return ending;
  }

  private async settle({ key, token }: Held, ending: Ending): Promise<void> {
    try {
      if (ending === 'handled') await this.claims?.commit(key, token);
      else await this.claims?.release(key, token);
    } catch (error) {
      // It ended as it did. The claim stays until it expires.
      this.reporter.report(error);
    }
  }

  private unreadable(error: unknown, patience: AbortSignal): ReceiverAnswer {
    if (patience.aborted) return answers.TOO_SLOW;
    return error instanceof WebhookVerificationError ? this.unverified(error) : answers.INCOMPLETE;
  }

  private unverified(error: unknown): ReceiverAnswer {
    if (error instanceof WebhookVerificationError && REFUSALS.has(error.reason)) {
      // Strangers can send what they like: without a listener it is not worth a line each.
      this.reporter.tell(error);
      return answers.notAuthentic(error);
    }
    this.reporter.report(error);
    return answers.MISCONFIGURED;
  }
}

/** What is refused is the sender's; every other reason is the receiver's own. */
const REFUSALS: ReadonlySet<string> = new Set<WebhookRefusal>([
  'missing_signature',
  'malformed_signature',
  'timestamp_skew',
  'bad_signature',
  'malformed_payload',
]);

function isJson(contentType: string | null | undefined): boolean {
  const type = contentType?.trim() ?? '';
  return type === '' || /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type);
}

/** An answer after which nothing is left to do. */
function only(answer: ReceiverAnswer): Received {
  return { answer, afterwards: null };
}

/** Calls `over` when nothing is left to do, also not after the answer. */
async function until(over: () => void, receiving: Promise<Received>): Promise<Received> {
  let afterwards: Received['afterwards'] = null;
  try {
    const received = await receiving;
    afterwards = received.afterwards;
    if (afterwards === null) return received;
    const work = afterwards;
    return { answer: received.answer, afterwards: () => work().finally(over) };
  } finally {
    if (afterwards === null) over();
  }
}
