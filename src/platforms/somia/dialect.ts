import type { RetryPolicy } from '../../http/index.js';
import type { AttemptFailure, Dialect } from '../shared/dialect.js';
import { messageOf, type PlatformErrorInit } from '../shared/platform-error.js';
import type { PlatformRequest } from '../shared/request.js';
import {
  SomiaApiError,
  type SomiaApiErrorInit,
  SomiaAuthError,
  SomiaBadRequestError,
  type SomiaError,
  SomiaNotFoundError,
  SomiaPermissionDeniedError,
  SomiaRateLimitError,
  SomiaServerError,
  SomiaServiceUnavailableError,
  SomiaTransportError,
} from './somia-error.js';

const RETRY: RetryPolicy = /* @__PURE__ */ Object.freeze({
  maxRetries: 2,
  baseDelayMs: 500,
  maxDelayMs: 8_000,
});

/** Where the words of a refusal may be, the best first. */
const WORDS: readonly string[] = ['detail', 'detail.message', 'message', 'error', 'error.message'];

/** Refusals after which nothing was done. */
const REFUSED_FOR_NOW: ReadonlySet<number | null> = /* @__PURE__ */ new Set([429, 502, 503]);

interface Refusal {
  readonly of: new (init: SomiaApiErrorInit) => SomiaApiError;
  readonly advice: string;
}

const WRONG: Refusal = { of: SomiaBadRequestError, advice: 'Correct the fields of the call.' };
const DENIED: Refusal = {
  of: SomiaPermissionDeniedError,
  advice: 'Check what the key may do, and what is left of its allowance.',
};
const BUSY: Refusal = { of: SomiaServiceUnavailableError, advice: 'Try again later.' };
const FAILED: Refusal = { of: SomiaServerError, advice: 'Try again later.' };
const OTHER: Refusal = { of: SomiaApiError, advice: '' };

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: WRONG,
  401: { of: SomiaAuthError, advice: 'Check the key ("apiKey", or SOMIA_API_KEY) and "apiKeyHeader".' },
  402: DENIED,
  403: DENIED,
  404: { of: SomiaNotFoundError, advice: 'Check the ids of the agent and the session.' },
  408: BUSY,
  422: WRONG,
  429: {
    of: SomiaRateLimitError,
    advice: 'Make fewer calls; `retryAfterMs` says how long to wait, if Somia does.',
  },
  503: BUSY,
  504: BUSY,
};

/** How Somia is spoken to. */
export class SomiaDialect implements Dialect {
  readonly platform = 'somia';
  readonly retry = RETRY;
  readonly #apiKey: string;
  readonly #apiKeyHeader: string;

  constructor(apiKey: string, apiKeyHeader: string) {
    this.#apiKey = apiKey;
    this.#apiKeyHeader = apiKeyHeader;
  }

  get secrets(): readonly string[] {
    return [this.#apiKey];
  }

  authorize(): Record<string, string> {
    return { [this.#apiKeyHeader]: this.#apiKey };
  }

  error(init: PlatformErrorInit): SomiaError {
    const { status, kind } = init;
    if (status === undefined || status === null) return new SomiaTransportError(init);
    if (status >= 400) return refusal({ ...init, status });
    // It had begun well, and what came cannot be read, or nothing more came.
    return kind === 'protocol' ? new SomiaApiError({ ...init, status }) : new SomiaTransportError(init);
  }

  /** A call that may have been carried out is not made again: Somia would think twice. */
  mayRepeat(_request: PlatformRequest, { status, kind, sent }: AttemptFailure): boolean {
    return REFUSED_FOR_NOW.has(status) || (kind === 'network' && !sent);
  }
}

function refusal(init: SomiaApiErrorInit): SomiaApiError {
  const { status, body } = init;
  const { of: Class, advice } = REFUSALS[status] ?? (status >= 500 ? FAILED : OTHER);
  const words = messageOf(body, WORDS, '');
  const said = words === '' ? init.message : `${init.message}: ${words}`;
  const sentence = /[.!?]$/.test(said) ? said : `${said}.`;
  return new Class({ ...init, message: `${sentence} ${advice}`.trim() });
}
