import type { Clock } from '../../clock/index.js';
import type { AbortedError } from '../../errors/index.js';
import {
  type AnswerHead,
  type CallScope,
  type Cargo,
  type Carrier,
  copyError,
  decideRetry,
  type Interruption,
  openStream,
  type PatientCarrier,
  type RequestInfo,
  type RetryPolicy,
  redactHeaders,
  redactText,
  runAttempt,
  type StreamedBody,
  secretsAmong,
  type Watch,
} from '../../http/index.js';
import type { Dialect } from './dialect.js';
import {
  type Failure,
  type FailureContext,
  failureOf,
  interruptionOf,
  refusalOf,
  requestIdOf,
  unreadable,
} from './failure.js';
import { PlatformError } from './platform-error.js';
import type { PlatformRequest } from './request.js';

/** A platform's answer. */
export interface PlatformAnswer<T> {
  /** The parsed JSON, or the text of an answer in another form; `undefined` for an empty one. */
  readonly data: T;
  readonly status: number;
  readonly headers: Headers;
  /** `null` without one. */
  readonly requestId: string | null;
}

/** The head of a stream, and what comes after it. */
export interface OpenedStream {
  readonly head: AnswerHead;
  readonly body: StreamedBody;
  readonly requestId: string | null;
}

/** A request that is ready to go out, any number of times. */
export interface PreparedCall {
  readonly request: PlatformRequest;
  readonly url: string;
  /** Without those that let it in. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | undefined;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
}

/** What a call needs of the transport. */
export interface CallTools {
  readonly dialect: Dialect;
  readonly clock: Clock;
  /** Takes requests for streams: it waits for who reads them. */
  readonly carry: PatientCarrier;
  readonly watch: Watch | undefined;
}

/** The largest answer that is read. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The largest part of a refusal that is read. */
const MAX_REFUSAL_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/(?:[\w.+-]*\+)?json\b/i;
const HTML = /^\s*<(?:!doctype|html)\b/i;
const EVENT_STREAM = /^text\/event-stream\b/i;
const NDJSON_TYPE = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)\b/i;

/** Whether an answer is newline-delimited JSON. */
export function isNdjson(headers: Headers): boolean {
  return NDJSON_TYPE.test(headers.get('content-type') ?? '');
}

interface Success<T> {
  readonly value: T;
  readonly head: AnswerHead;
}

/** One call: the same request on each of its attempts, and the pauses between them. */
export class PlatformCall {
  readonly #prepared: PreparedCall;
  readonly #scope: CallScope;
  readonly #tools: CallTools;
  readonly #carry: Carrier;
  #number = 0;
  #startedAt = 0;
  #headers: Readonly<Record<string, string>>;
  /** The values of the headers that let the last attempt in. */
  #keys: readonly string[] = [];
  #mayHaveHappened = false;

  /** @param carry Takes plain requests. Streams go over `fetch` itself. */
  constructor(prepared: PreparedCall, scope: CallScope, tools: CallTools, carry: Carrier) {
    this.#prepared = prepared;
    this.#scope = scope;
    this.#tools = tools;
    this.#carry = carry;
    this.#headers = prepared.headers;
  }

  /** Makes the call and reads the answer. */
  answer(): Promise<PlatformAnswer<unknown>> {
    return this.#repeat(() => this.#ask());
  }

  /** Makes the call and resolves when a good head has come. */
  open(): Promise<OpenedStream> {
    return this.#repeat(() => this.#open());
  }

  /** What ended a stream that was open: tells who watches, and gives the error. */
  streamFailed(error: PlatformError | AbortedError): Error {
    this.#tellError(error);
    return error;
  }

  /** Set once the call has to end. */
  get interrupted(): Interruption | undefined {
    return this.#scope.interrupted;
  }

  /** For what is said of an answer that has begun. */
  get context(): FailureContext {
    const { dialect, clock } = this.#tools;
    const { request, url } = this.#prepared;
    return {
      dialect,
      clock,
      url,
      label: request.label,
      secrets: this.#secrets,
      mayHaveHappened: this.#mayHaveHappened,
    };
  }

  async #repeat<T>(attempt: () => Promise<Success<T> | Failure>): Promise<T> {
    const { dialect, clock, watch } = this.#tools;
    const { request, policy } = this.#prepared;
    for (;;) {
      this.#number += 1;
      this.#startedAt = clock.now();
      const outcome = await attempt();
      if (!('error' in outcome)) {
        this.#tellResponse(outcome.head);
        return outcome.value;
      }
      const { error, sent } = outcome;
      this.#tellError(error);
      if (!(error instanceof PlatformError)) throw error;
      this.#mayHaveHappened ||= error.outcome === 'unknown';
      const verdict = decideRetry(
        policy,
        {
          failures: this.#number,
          retriable: dialect.mayRepeat(request, { status: error.status, kind: error.kind, sent }),
          retryAfterMs: error.retryAfterMs,
          remainingMs: Number.POSITIVE_INFINITY,
        },
        clock.random(),
      );
      if (verdict.kind === 'stop') throw error;
      const { delayMs } = verdict;
      watch?.retry(() => ({
        ...this.#info(),
        ...aboutError(error),
        delayMs,
        nextAttempt: this.#number + 1,
      }));
      const why = await this.#scope.pause(delayMs);
      if (why !== undefined) throw this.#interrupted(why);
    }
  }

  async #ask(): Promise<Success<PlatformAnswer<unknown>> | Failure> {
    const { timeoutMs } = this.#prepared;
    const result = await runAttempt(this.#cargo(), this.#scope, {
      clock: this.#tools.clock,
      carry: this.#carry,
      timeoutMs,
      askKey: () => undefined,
      onLeave: () => this.#tellRequest(),
      bodyWanted: (status) => ({
        as: 'text',
        limitBytes: isSuccess(status) ? MAX_BODY_BYTES : MAX_REFUSAL_BYTES,
      }),
    });
    if (result.kind !== 'answered') return failureOf(result, this.context);
    const { head, body } = result;
    const text = 'text' in body ? body.text : '';
    if (!isSuccess(head.status)) return refusalOf(head, text, this.context);
    if (body.kind === 'too_large')
      return unreadable(head, '', `was answered with more than ${MAX_BODY_BYTES} bytes`, this.context);
    const read = readBody(head, text);
    if ('why' in read) return unreadable(head, text, read.why, this.context);
    const { status, headers } = head;
    const requestId = requestIdOf(headers, this.#tools.dialect);
    return { head, value: { data: read.data, status, headers, requestId } };
  }

  async #open(): Promise<Success<OpenedStream> | Failure> {
    const { dialect, clock, carry } = this.#tools;
    const { timeoutMs, request } = this.#prepared;
    const cargo = this.#cargo();
    this.#tellRequest();
    const opening = await openStream(cargo, this.#scope, {
      clock,
      carry,
      timeoutMs,
      refusalBytes: MAX_REFUSAL_BYTES,
      isStream: ({ status, headers }) =>
        isSuccess(status) &&
        (EVENT_STREAM.test(headers.get('content-type') ?? '') ||
          (request.ndjson === true && isNdjson(headers))),
    });
    if (opening.kind === 'open') {
      const { head, body } = opening;
      return { head, value: { head, body, requestId: requestIdOf(head.headers, dialect) } };
    }
    if (opening.kind !== 'answered') return failureOf(opening, this.context);
    const { head, body } = opening;
    const text = 'text' in body ? body.text : '';
    if (!isSuccess(head.status)) return refusalOf(head, text, this.context);
    const type = head.headers.get('content-type') ?? 'no content type';
    return unreadable(head, text, `was answered with something else than a stream (${type})`, this.context);
  }

  #cargo(): Cargo {
    const { request, url, headers, payload } = this.#prepared;
    const keys = this.#tools.dialect.authorize(request);
    // The whole value lets somebody in, and so does what follows its scheme, or the name of its parameter.
    this.#keys = Object.values(keys).flatMap((value) => [
      value,
      value.slice(value.indexOf(' ') + 1),
      value.slice(value.indexOf('=') + 1),
    ]);
    this.#headers = { ...headers, ...keys };
    return { method: request.method, url, headers: this.#headers, payload };
  }

  get #secrets(): readonly string[] {
    const { secrets } = this.#tools.dialect;
    return secretsAmong([...secrets, ...(this.#prepared.request.secrets ?? []), ...this.#keys]);
  }

  #interrupted(why: Interruption): Error {
    return interruptionOf(why, undefined, false, this.context);
  }

  #tellRequest(): void {
    this.#tools.watch?.request(() => this.#info());
  }

  #tellResponse({ status, headers }: AnswerHead): void {
    const { watch, clock, dialect } = this.#tools;
    watch?.response(() => ({
      ...this.#info(),
      status,
      durationMs: clock.now() - this.#startedAt,
      requestId: requestIdOf(headers, dialect),
    }));
  }

  #tellError(error: PlatformError | AbortedError): void {
    const { watch, clock } = this.#tools;
    watch?.error(() => ({
      ...this.#info(),
      ...aboutError(error),
      durationMs: clock.now() - this.#startedAt,
    }));
  }

  #info(): RequestInfo {
    const secrets = this.#secrets;
    const { request, url } = this.#prepared;
    const headers = Object.entries(redactHeaders(this.#headers)).map(([name, value]) => [
      name,
      redactText(value, secrets),
    ]);
    return {
      method: request.method,
      url: redactText(url, secrets),
      attempt: this.#number,
      headers: Object.fromEntries(headers),
    };
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299;
}

/** The data of a success, or why there is none. A platform may answer in text, but not with a page. */
function readBody({ status, headers }: AnswerHead, text: string): { data: unknown } | { why: string } {
  if (text.trim() === '') return { data: undefined };
  const type = headers.get('content-type') ?? '';
  try {
    return { data: JSON.parse(text) };
  } catch {
    if (JSON_TYPE.test(type)) {
      return { why: `was answered ${status} with JSON that does not parse: it looks cut off` };
    }
    if (HTML.test(text)) return { why: `was answered ${status} with a web page` };
    return { data: text };
  }
}

/** A copy: what an observer does to it does not reach the caller's. */
function aboutError(error: PlatformError | AbortedError): { status?: number; error: Error } {
  const copy = copyError(error);
  if (error instanceof PlatformError) {
    Object.defineProperty(copy, 'body', {
      value: structuredClone(error.body),
      enumerable: true,
      configurable: true,
    });
  }
  return { ...(error.status === null ? {} : { status: error.status }), error: copy };
}
