import type { RetryPolicy } from '../../http/index.js';
import type { AttemptFailure, Dialect } from '../shared/dialect.js';
import { messageOf, type PlatformErrorInit } from '../shared/platform-error.js';
import type { PlatformRequest } from '../shared/request.js';
import {
  SonzaiAuthenticationError,
  SonzaiBadRequestError,
  SonzaiConflictError,
  SonzaiError,
  SonzaiInternalServerError,
  SonzaiNotFoundError,
  SonzaiPermissionDeniedError,
  SonzaiRateLimitError,
  SonzaiValidationError,
} from './sonzai-error.js';

/** As often, and after such pauses, as the platform's own SDKs do. A `Retry-After` beyond the longest pause ends the call. */
const RETRY: RetryPolicy = { maxRetries: 2, baseDelayMs: 300, maxDelayMs: 30_000 };

/** Where the platform writes what is wrong, the best place first. */
const WORDS = ['error', 'error.message', 'message', 'detail', 'title'] as const;

/** The header that makes a write repeatable, when the caller gives one. */
export const IDEMPOTENCY_HEADER = 'Idempotency-Key';
/** A chat that is made again is a second chat. */
export const CHAT_LABEL = 'agents.chat';
/** The one write that leaves the same state when it is made twice, and says so by its place. */
export const UPSERT_LABEL = 'agents.customStates.upsert';

type ErrorClass = new (init: PlatformErrorInit) => SonzaiError;

const CLASSES: Readonly<Record<number, { readonly of: ErrorClass; readonly advice: string }>> = {
  400: { of: SonzaiBadRequestError, advice: 'Correct the call.' },
  401: { of: SonzaiAuthenticationError, advice: 'Check the key: "apiKey", or SONZAI_API_KEY.' },
  403: {
    of: SonzaiPermissionDeniedError,
    advice: 'Use a key of the right project and with the scope for it.',
  },
  404: { of: SonzaiNotFoundError, advice: 'Check the ids, and that the key belongs to their project.' },
  409: { of: SonzaiConflictError, advice: 'It exists already, or is busy.' },
  422: { of: SonzaiValidationError, advice: '`errors` says which fields are wrong.' },
  429: { of: SonzaiRateLimitError, advice: 'Make fewer calls; `retryAfterMs` says how long to wait.' },
};
const SERVER_FAULT = { of: SonzaiInternalServerError, advice: 'Try again later.' };

/** How Sonzai wants to be spoken to. */
export class SonzaiDialect implements Dialect {
  readonly platform = 'sonzai';
  readonly retry = RETRY;
  readonly #apiKey: string;

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  get secrets(): readonly string[] {
    return [this.#apiKey];
  }

  authorize(): Readonly<Record<string, string>> {
    return { Authorization: `Bearer ${this.#apiKey}` };
  }

  error(init: PlatformErrorInit): SonzaiError {
    const { status } = init;
    // What could not be read is no refusal of the platform's, whatever its status.
    if (status == null || status < 400) return new SonzaiError(init);
    const { of: Class, advice } =
      CLASSES[status] ?? (status >= 500 ? SERVER_FAULT : { of: SonzaiError, advice: '' });
    const words = messageOf(init.body, WORDS, '');
    const message = [words === '' ? `${init.message}.` : `${init.message}: ${words}`, advice]
      .join(' ')
      .trim();
    return new Class({ ...init, message });
  }

  mayRepeat(request: PlatformRequest, { status, kind }: AttemptFailure): boolean {
    if (!isRepeatable(request)) return false;
    if (status === null) return kind === 'network' || kind === 'timeout';
    return status === 408 || status === 429 || status >= 500;
  }
}

/** Reads and deletions, and writes to which the caller gave a key. Nobody says that the platform remembers the key. */
function isRepeatable({ method, label, headers }: PlatformRequest): boolean {
  if (label === CHAT_LABEL) return false;
  if (method === 'GET' || method === 'DELETE' || label === UPSERT_LABEL) return true;
  return headers?.[IDEMPOTENCY_HEADER] !== undefined;
}
