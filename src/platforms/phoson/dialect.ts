import type { RetryPolicy } from '../../http/index.js';
import type { AttemptFailure, Dialect } from '../shared/dialect.js';
import type { PlatformErrorInit } from '../shared/platform-error.js';
import type { PlatformRequest } from '../shared/request.js';
import { PhosonApiError } from './phoson-api-error.js';

const RETRY: RetryPolicy = /* @__PURE__ */ Object.freeze({
  maxRetries: 2,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
});

/** How Phoson is spoken to. */
export class PhosonDialect implements Dialect {
  readonly platform = 'phoson';
  readonly retry = RETRY;
  readonly #apiKey: string;

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  get secrets(): readonly string[] {
    return [this.#apiKey];
  }

  authorize(): Record<string, string> {
    return { Authorization: `Bearer ${this.#apiKey}` };
  }

  error(init: PlatformErrorInit): PhosonApiError {
    return new PhosonApiError(init);
  }

  /** Reads alone: nothing is known of how Phoson recognises a repetition. */
  mayRepeat({ method }: PlatformRequest, { kind, status }: AttemptFailure): boolean {
    return method === 'GET' && (kind === 'network' || status === 429 || (status ?? 0) >= 500);
  }
}
