import pRetry from 'p-retry';
import { type AgentChatError, isUnauthorized } from '../errors/index.js';
import { type EndpointKey, endpoints, type HttpMethod } from '../wire/index.js';
import { type HttpResponse, interruptionError, readAttempt } from './answer.js';
import { checkApiKey } from './api-key.js';
import { runAttempt } from './attempt.js';
import type { BodyWanted } from './body.js';
import type { CallOptions } from './call-options.js';
import { CallScope, type Interruption } from './call-scope.js';
import { type EndpointInput, endpointRequest } from './endpoint-request.js';
import { copyError, type RequestInfo, tell } from './hooks.js';
import { type HttpRequestOptions, type PreparedRequest, prepareRequest } from './prepare.js';
import { redactHeaders } from './redact.js';
import { decideRetry } from './retry-policy.js';
import { SignalRelay } from './signal-relay.js';
import {
  type HttpTransportOptions,
  MAX_ERROR_BODY_BYTES,
  type ResolvedTransportOptions,
  resolveTransportOptions,
} from './transport-options.js';
import { WireCheck } from './wire-check.js';

/** One logical call: the same request on each attempt. */
interface Job extends PreparedRequest {
  readonly scope: CallScope;
  /** The headers of the attempt that runs, for the hooks. */
  headers: Readonly<Record<string, string>>;
  /** The key of the attempt that runs. */
  secret: string | undefined;
  /** Whether an attempt so far may have been carried out. */
  mayHaveHappened: boolean;
  /** Whether a refused key has been asked for again: once per call is enough. */
  keyAskedAgain: boolean;
}

interface Success {
  readonly kind: 'success';
  readonly response: HttpResponse<unknown>;
}

interface Failure {
  readonly kind: 'failure';
  readonly error: AgentChatError;
  /** It was not even sent, because its key had just been refused. */
  readonly sameKey: boolean;
}

/**
 * Speaks HTTP with the service: keys, retries, three clocks (one attempt until its body is read, the pause, the whole
 * call), bounded bodies, typed errors, hooks. Everything that it throws is an `AgentChatError`.
 *
 * Most programs use `AgentChatClient`; this is the floor below it, for endpoints that it does not know yet, and for who
 * wants status and headers.
 *
 * @example
 * const transport = new HttpTransport({ apiKey: process.env.AGENTCHAT_API_KEY });
 * const { data, status, headers } = await transport.request('GET', '/v1/agents/me');
 */
export class HttpTransport {
  readonly #options: ResolvedTransportOptions;
  readonly #wire: WireCheck;
  readonly #signals = new SignalRelay();

  /** @throws ValidationError when an option is unknown or cannot be. */
  constructor(options: HttpTransportOptions = {}) {
    this.#options = resolveTransportOptions(options);
    this.#wire = new WireCheck(this.#options.validate, this.#options.onWireMismatch);
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /** The default of `timeoutMs`. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /**
   * How answers are compared with the contract.
   * @internal
   */
  get wireCheck(): WireCheck {
    return this.#wire;
  }

  /**
   * Makes a request and resolves to the answer with status, headers and parsed body, or rejects.
   *
   * @param path Begins with `/`; appended to the base URL.
   * @throws ValidationError before anything is sent, `ConnectionError`, `TimeoutError`, `AbortedError`, `ProtocolError`
   * for a success that cannot be read, and the class of the service's error code otherwise.
   */
  async request<T = unknown>(
    method: HttpMethod,
    path: string,
    options: HttpRequestOptions = {},
  ): Promise<HttpResponse<T>> {
    // Everything that can be wrong with the arguments is found before the scope holds a timer and a listener.
    const prepared = prepareRequest(method, path, options, this.#options);
    const scope = new CallScope(
      this.#options.clock,
      options.signal,
      options.deadlineMs ?? this.#options.deadlineMs,
      this.#signals,
    );
    const job: Job = {
      ...prepared,
      scope,
      headers: prepared.request.headers,
      secret: undefined,
      mayHaveHappened: false,
      keyAskedAgain: false,
    };
    try {
      const first = await this.#attempt(job, 1);
      const response = first.kind === 'success' ? first.response : await this.#afterFailure(job, first.error);
      return response as HttpResponse<T>;
    } finally {
      scope.close();
    }
  }

  /**
   * Asks the service for something that the contract's table knows: the path, whether it needs the key and whether it may
   * be repeated come from there, and the request is compared with the contract before it is sent.
   *
   * @throws ValidationError that names the field, and everything that {@link request} throws.
   */
  async call<T = unknown>(
    key: EndpointKey,
    input: EndpointInput = {},
    options: CallOptions = {},
  ): Promise<HttpResponse<T>> {
    const { method, path, ...rest } = endpointRequest(key, input, options);
    const response = await this.request<T>(method, path, rest);
    const { response: schema } = endpoints[key];
    if (schema !== null) this.#wire.check(key, schema, response.data);
    return response;
  }

  /**
   * Waits for a call that others wait for as well, no longer than these options allow, and leaves it running.
   *
   * @param label How messages call it.
   * @internal
   */
  async waitFor<T>(running: Promise<T>, label: string, options: CallOptions): Promise<T> {
    const { clock, deadlineMs } = this.#options;
    const scope = new CallScope(clock, options.signal, options.deadlineMs ?? deadlineMs, this.#signals);
    try {
      return await new Promise<T>((resolve, reject) => {
        const stop = (why: Interruption) =>
          reject(interruptionError(why, { label, secret: undefined, outcome: 'unknown' }));
        if (scope.interrupted === undefined) scope.onInterrupt(stop);
        else stop(scope.interrupted);
        running.then(resolve, reject);
      });
    } finally {
      scope.close();
    }
  }

  /** What `util.inspect` and `JSON.stringify` show. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }

  /** Repeats what may be repeated. `p-retry` owns the loop; when, and whether at all, is our policy's. */
  async #afterFailure(job: Job, firstError: AgentChatError): Promise<HttpResponse<unknown>> {
    if (!firstError.retryable || job.policy.maxRetries === 0) throw firstError;
    return pRetry(
      async (attempt) => {
        if (attempt === 1) throw firstError;
        const next = await this.#attempt(job, attempt);
        if (next.kind === 'failure') throw next.error;
        return next.response;
      },
      {
        retries: job.policy.maxRetries,
        // Its own pauses stay 0, so that it sets no timers.
        minTimeout: 0,
        maxTimeout: 0,
        shouldRetry: ({ error, attemptNumber }) => this.#pause(job, error as AgentChatError, attemptNumber),
      },
    );
  }

  /** Waits before the next attempt, or says that there is none. */
  async #pause(job: Job, error: AgentChatError, failures: number): Promise<boolean> {
    const verdict = decideRetry(
      job.policy,
      {
        failures,
        retriable: error.retryable,
        retryAfterMs: error.retryAfterMs ?? null,
        remainingMs: job.scope.remainingMs(),
      },
      this.#options.clock.random(),
    );
    if (verdict.kind === 'stop') return false;
    const { onRetry } = this.#options.hooks;
    if (onRetry !== undefined) {
      tell(onRetry, {
        ...requestInfo(job, failures),
        ...aboutError(error),
        delayMs: verdict.delayMs,
      });
    }
    const interruption = await job.scope.pause(verdict.delayMs);
    if (interruption === undefined) return true;
    throw interruptionError(interruption, {
      label: job.label,
      secret: job.secret ?? job.secretQuery,
      outcome: job.mayHaveHappened ? 'unknown' : error.outcome,
      previous: error,
    });
  }

  /** One attempt. When its key is refused and the `apiKey` function has another one by now, it is made with that. */
  async #attempt(job: Job, attempt: number): Promise<Success | Failure> {
    const outcome = await this.#tryOnce(job, attempt);
    if (
      outcome.kind === 'success' ||
      !isUnauthorized(outcome.error) ||
      typeof this.#options.apiKey !== 'function' ||
      job.keyAskedAgain
    ) {
      return outcome;
    }
    job.keyAskedAgain = true;
    const again = await this.#tryOnce(job, attempt, job.secret);
    return again.kind === 'failure' && again.sameKey ? outcome : again;
  }

  /** @param refusedKey A key that is not worth sending again. */
  async #tryOnce(job: Job, attempt: number, refusedKey?: string): Promise<Success | Failure> {
    const { clock, fetch = globalThis.fetch, hooks } = this.#options;
    const startedAt = clock.now();
    const result = await runAttempt(job.request, job.scope, {
      clock,
      fetch,
      timeoutMs: job.timeoutMs,
      askKey: () => this.#askKey(job, refusedKey),
      onLeave: (headers) => {
        job.headers = headers;
        if (hooks.onRequest !== undefined) tell(hooks.onRequest, requestInfo(job, attempt));
      },
      bodyWanted: (status) => (status >= 200 && status <= 299 ? job.wanted : ERROR_BODY),
    });
    const reading = readAttempt(result, {
      label: job.label,
      url: job.shownUrl,
      secret: job.secret ?? job.secretQuery,
      returnsRedirect: job.returnsRedirect,
      mayHaveHappened: job.mayHaveHappened,
      wallNow: clock.wallNow(),
    });
    const durationMs = clock.now() - startedAt;
    if (reading.kind === 'failure') {
      const { error } = reading;
      const sameKey = result.kind === 'failed' && result.cause instanceof SameKey;
      job.mayHaveHappened ||= error.outcome === 'unknown';
      if (hooks.onError !== undefined && !sameKey) {
        tell(hooks.onError, { ...requestInfo(job, attempt), ...aboutError(error), durationMs });
      }
      return { kind: 'failure', error, sameKey };
    }
    const { status, headers } = reading.head;
    const requestId = headers.get('x-request-id');
    if (hooks.onResponse !== undefined) {
      tell(hooks.onResponse, { ...requestInfo(job, attempt), status, durationMs, requestId });
    }
    return {
      kind: 'success',
      response: { data: reading.data, status, headers, requestId, attempts: attempt },
    };
  }

  #askKey(job: Job, refusedKey: string | undefined): string | undefined | Promise<string> {
    if (!job.needsKey) return undefined;
    const { apiKey } = this.#options;
    const use = (key: unknown): string => {
      const checked = checkApiKey(key);
      if (checked === refusedKey) throw new SameKey();
      job.secret = checked;
      return checked;
    };
    if (typeof apiKey !== 'function') return use(apiKey);
    const given: unknown = apiKey();
    return isThenable(given) ? Promise.resolve(given).then(use) : use(given);
  }
}

/** How a refusal is read. */
const ERROR_BODY: BodyWanted = { as: 'text', limitBytes: MAX_ERROR_BODY_BYTES };

/** The `apiKey` function still gives the key that was refused. */
class SameKey extends Error {}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function requestInfo(job: Job, attempt: number): RequestInfo {
  const { method } = job.request;
  return { method, url: job.shownUrl, attempt, headers: redactHeaders(job.headers) };
}

function aboutError(error: AgentChatError): { status?: number; error: Error } {
  return { ...(error.status === undefined ? {} : { status: error.status }), error: copyError(error) };
}
