import pRetry from 'p-retry';
import { AgentChatClientError, isUnauthorized } from '../errors/index.js';
import { type HttpResponse, interruptionError, readAttempt } from './answer.js';
import { checkApiKey } from './api-key.js';
import { type AnswerHead, type AttemptResult, type AttemptTools, runAttempt } from './attempt.js';
import type { BodyWanted } from './body.js';
import type { AnswerInfo } from './call-options.js';
import type { CallScope, Interruption } from './call-scope.js';
import { type Carrier, carrierOf } from './carrier.js';
import { fetchCarrier } from './fetch-carrier.js';
import { heldBackError } from './held-back.js';
import { copyError, type RequestInfo, tell } from './hooks.js';
import type { PreparedRequest } from './prepare.js';
import { asksToSlowDown, type RateGate } from './rate-gate.js';
import { redactHeaders, secretsAmong, secretsOfQuery } from './redact.js';
import { RedirectTrail } from './redirects.js';
import { decideRetry } from './retry-policy.js';
import { MAX_ERROR_BODY_BYTES, type ResolvedTransportOptions } from './transport-options.js';
import type { Turn } from './turn.js';

interface Success {
  readonly kind: 'success';
  readonly response: HttpResponse<unknown>;
}

interface Failure {
  readonly kind: 'failure';
  readonly error: AgentChatClientError;
}

/** RATE-3: so many refusals of one call count for nothing, because others got through at that time. */
const MOST_FORGIVEN = 2;

/** How a refusal is read. */
const ERROR_BODY: BodyWanted = { as: 'text', limitBytes: MAX_ERROR_BODY_BYTES };

/** The `apiKey` function still gives the key that was refused. */
class SameKey extends Error {}

/** One logical call: the same request on each of its attempts, and the pauses between them. */
export class Call implements AttemptTools {
  readonly clock: AttemptTools['clock'];
  readonly carry: Carrier;
  readonly timeoutMs: number;
  readonly #prepared: PreparedRequest;
  readonly #scope: CallScope;
  readonly #options: ResolvedTransportOptions;
  readonly #gate: RateGate;
  readonly #turn: Turn;
  /** The last attempt was refused for being too quick, as others were. */
  #waitsAtGate = false;
  /** How many of its failures do not count. */
  #forgiven = 0;
  /** Which attempt runs, and its headers and key. */
  #number = 1;
  #headers: Readonly<Record<string, string>>;
  #secret: string | undefined;
  /** Where redirects have led the last attempt, if they are followed. */
  #trail: RedirectTrail | undefined;
  /** The last answer that came. */
  #head: AnswerHead | undefined;
  /** Whether an attempt so far may have been carried out. */
  #mayHaveHappened = false;
  /** A key that was refused when another was asked for: that is done once per call. */
  #refusedKey: string | undefined;

  /** @param addressee To whom it speaks: what the service refuses for one need not hold for others. */
  constructor(
    prepared: PreparedRequest,
    scope: CallScope,
    options: ResolvedTransportOptions,
    gate: RateGate,
    addressee: string | undefined,
  ) {
    this.clock = options.clock;
    this.carry = options.carry ?? carrierOf(globalThis.fetch, fetchCarrier);
    this.timeoutMs = prepared.timeoutMs;
    this.#prepared = prepared;
    this.#scope = scope;
    this.#options = options;
    this.#gate = gate;
    this.#turn = gate.turn(prepared.kind, addressee, prepared.policy.maxRetries);
    this.#headers = prepared.request.headers;
  }

  /**
   * Makes the call, and closes its scope.
   *
   * @param onResponse Told of the answer that decides the call, if there is one.
   */
  async run(onResponse: ((answer: AnswerInfo) => void) | undefined): Promise<HttpResponse<unknown>> {
    try {
      if (!this.#gate.isOpen) await this.#passGate(undefined);
      const startedAt = this.clock.now();
      const first = this.#judge(await this.#attempt(), startedAt);
      if (first.kind === 'success') return first.response;
      return await this.#afterFailure(await this.#withAnotherKey(first));
    } catch (error) {
      if (error instanceof AgentChatClientError) this.#options.log?.callFailed(this.#prepared.label, error);
      throw error;
    } finally {
      this.#scope.close();
      const head = this.#head;
      if (onResponse !== undefined && head !== undefined) {
        const { status, headers } = head;
        tell(onResponse, {
          status,
          headers,
          requestId: headers.get('x-request-id') ?? null,
          attempts: this.#number,
        });
      }
    }
  }

  /** Repeats what may be repeated. `p-retry` owns the loop; when, and whether at all, is our policy's. */
  async #afterFailure(first: Success | Failure): Promise<HttpResponse<unknown>> {
    if (first.kind === 'success') return first.response;
    const { error: firstError } = first;
    const { maxRetries } = this.#prepared.policy;
    if (!firstError.retryable || maxRetries === 0) throw firstError;
    return pRetry(
      async (number) => {
        if (number === 1) throw firstError;
        this.#number = number;
        const startedAt = this.clock.now();
        const result = await this.#attempt();
        const next = await this.#withAnotherKey(this.#judge(result, startedAt));
        if (next.kind === 'failure') throw next.error;
        return next.response;
      },
      {
        // The policy says sooner when it is enough.
        retries: maxRetries + MOST_FORGIVEN,
        // Its own pauses stay 0, so that it sets no timers.
        minTimeout: 0,
        maxTimeout: 0,
        shouldRetry: ({ error, attemptNumber }) =>
          this.#pause(error as AgentChatClientError, attemptNumber - this.#forgivenWith()),
      },
    );
  }

  /** RATE-3: how many refusals do not count, the last included: it was this call's turn that was bad, not its chance. */
  #forgivenWith(): number {
    if (this.#waitsAtGate && this.#gate.takes && this.#forgiven < MOST_FORGIVEN) this.#forgiven += 1;
    return this.#forgiven;
  }

  /** Waits before the next attempt, or says that there is none. */
  async #pause(error: AgentChatClientError, failures: number): Promise<boolean> {
    const verdict = decideRetry(
      this.#prepared.policy,
      {
        failures,
        retriable: error.retryable,
        retryAfterMs: error.retryAfterMs,
        remainingMs: this.#scope.remainingMs(),
      },
      this.clock.random(),
    );
    if (verdict.kind === 'stop') return false;
    this.#turn.failures = failures;
    // RATE-1: who was refused for being too quick waits with all others, and not by itself.
    const atGate = this.#waitsAtGate;
    const delayMs = atGate ? this.#gate.waitMs(this.#turn) : verdict.delayMs;
    if (delayMs >= this.#scope.remainingMs()) return false;
    this.#options.watch?.retry(() => ({
      ...this.#requestInfo(),
      ...aboutError(error),
      delayMs,
      nextAttempt: this.#number + 1,
    }));
    if (!atGate) {
      const interruption = await this.#scope.pause(delayMs);
      if (interruption !== undefined) throw this.#interrupted(interruption, error);
    }
    return this.#gate.isOpen || this.#passGate(error);
  }

  /** RATE-1: waits until the service may be asked. False: it may not, and `previous` says why. */
  async #passGate(previous: AgentChatClientError | undefined): Promise<boolean> {
    const { label, policy, isOfService } = this.#prepared;
    if (!isOfService) return true;
    const waitMs = this.#gate.waitMs(this.#turn);
    if (waitMs > 0 && previous === undefined) this.#options.log?.waits(label, waitMs);
    const stopped = await this.#gate.pass(this.#turn, {
      policy,
      scope: this.#scope,
      isNew: previous === undefined,
    });
    if (stopped === undefined) return true;
    if (stopped.kind !== 'held_back') throw this.#interrupted(stopped, previous);
    if (previous === undefined) throw heldBackError(label, stopped);
    return false;
  }

  /** The error of a call that had to end while it waited. */
  #interrupted(why: Interruption, previous: AgentChatClientError | undefined): AgentChatClientError {
    return interruptionError(why, {
      label: this.#prepared.label,
      secrets: this.#secrets,
      outcome: this.#mayHaveHappened ? 'unknown' : (previous?.outcome ?? 'not_sent'),
      previous,
    });
  }

  /** What an attempt that failed means for the other calls of this client. */
  #tellGate(error: AgentChatClientError, startedAt: number): void {
    this.#waitsAtGate = false;
    const { policy } = this.#prepared;
    if (!this.#isOfService) return;
    const status = error.status ?? 0;
    if (asksToSlowDown(error, policy))
      this.#waitsAtGate = this.#gate.refused(this.#turn, startedAt, error, policy);
    // Whatever else the service says, it has taken the call.
    else if (status >= 400 && status < 500 && status !== 429) this.#gate.passed(this.#turn, startedAt);
    else this.#gate.unknown(this.#turn);
  }

  /** The attempt's outcome; when its key is refused and the `apiKey` function has another one by now, that of one with it. */
  async #withAnotherKey(outcome: Success | Failure): Promise<Success | Failure> {
    if (
      outcome.kind === 'success' ||
      !isUnauthorized(outcome.error) ||
      typeof this.#options.apiKey !== 'function' ||
      this.#refusedKey !== undefined ||
      this.#prepared.once ||
      this.#trail?.isElsewhere === true
    ) {
      return outcome;
    }
    this.#refusedKey = this.#secret;
    const restartedAt = this.clock.now();
    const result = await this.#attempt();
    const stillTheSame = result.kind === 'failed' && result.cause instanceof SameKey;
    return stillTheSame ? outcome : this.#judge(result, restartedAt);
  }

  #attempt(): Promise<AttemptResult> {
    const { request, followsRedirects, once } = this.#prepared;
    if (!followsRedirects) return runAttempt(request, this.#scope, this);
    this.#trail = new RedirectTrail(request, once);
    return this.#trail.follow(this.#scope, this);
  }

  /** It is the service that the last attempt spoke with, as far as its address goes. */
  get #isOfService(): boolean {
    return this.#prepared.isOfService && this.#trail?.isElsewhere !== true;
  }

  #judge(result: AttemptResult, startedAt: number): Success | Failure {
    const { watch } = this.#options;
    const { label, shownUrl, returnsRedirect, followsRedirects, request } = this.#prepared;
    this.#mayHaveHappened ||= this.#trail?.mayHaveHappened === true;
    const reading = readAttempt(result, {
      label,
      url: shownUrl,
      secrets: this.#secrets,
      hasKey: this.#secret !== undefined,
      returnsRedirect,
      followsRedirects,
      isOfService: this.#isOfService,
      isHead: request.method === 'HEAD',
      mayHaveHappened: this.#mayHaveHappened,
      clock: this.clock,
    });
    if (reading.kind === 'failure') {
      const { error } = reading;
      this.#head = 'head' in result ? result.head : undefined;
      this.#mayHaveHappened ||= error.outcome === 'unknown';
      this.#tellGate(error, startedAt);
      watch?.error(() => ({
        ...this.#requestInfo(),
        ...aboutError(error),
        durationMs: this.clock.now() - startedAt,
      }));
      return { kind: 'failure', error };
    }
    const { data, head } = reading;
    const { status, headers } = head;
    // Stand-ins for headers, a Map for one, say `undefined` where there is none.
    const requestId = headers.get('x-request-id') ?? null;
    this.#head = head;
    if (this.#isOfService) this.#gate.passed(this.#turn, startedAt);
    watch?.response(() => ({
      ...this.#requestInfo(),
      status,
      durationMs: this.clock.now() - startedAt,
      requestId,
    }));
    return { kind: 'success', response: { data, status, headers, requestId, attempts: this.#number } };
  }

  askKey(): string | undefined | Promise<string> {
    if (!this.#prepared.needsKey) return undefined;
    const { apiKey } = this.#options;
    if (typeof apiKey !== 'function') {
      // Checked when it was given.
      this.#secret = apiKey;
      return apiKey;
    }
    const given: unknown = apiKey();
    return isThenable(given) ? Promise.resolve(given).then((key) => this.#use(key)) : this.#use(given);
  }

  #use(given: unknown): string {
    const key = checkApiKey(given);
    if (key === this.#refusedKey) throw new SameKey();
    this.#secret = key;
    return key;
  }

  onLeave(headers: Readonly<Record<string, string>>): void {
    this.#headers = headers;
    this.#options.watch?.request(() => this.#requestInfo());
  }

  bodyWanted(status: number): BodyWanted {
    return status >= 200 && status <= 299 ? this.#prepared.wanted : ERROR_BODY;
  }

  /** What must not be shown: the key, or where none is sent what a signed URL holds. */
  get #secrets(): readonly string[] {
    const { secrets } = this.#prepared;
    const ours = this.#secret === undefined ? secrets : secretsAmong([this.#secret]);
    return this.#trail?.isElsewhere === true
      ? [...secretsOfQuery(new URL(this.#trail.url).search), ...ours]
      : ours;
  }

  #requestInfo(): RequestInfo {
    const { request, shownUrl } = this.#prepared;
    return {
      method: request.method,
      url: shownUrl,
      attempt: this.#number,
      headers: redactHeaders(this.#headers),
    };
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function aboutError(error: AgentChatClientError): { status?: number; error: Error } {
  return { ...(error.status === null ? {} : { status: error.status }), error: copyError(error) };
}
