import type { RetryPolicy } from '../../../http/index.js';
import type { AttemptFailure, Dialect } from '../../shared/dialect.js';
import type { PlatformErrorInit } from '../../shared/platform-error.js';
import type { AgoraRequest } from '../operations/token-scope.js';
import { ApiError } from './api-error.js';
import type { Authorization } from './authorization.js';

/** Half a second, doubled. A `Retry-After` of up to half a minute is waited for. */
const RETRY: RetryPolicy = { maxRetries: 2, baseDelayMs: 500, maxDelayMs: 30_000 };

/** How the platform is spoken with. */
export class AgoraDialect implements Dialect {
  readonly platform = 'agora';
  readonly retry = RETRY;
  readonly requestIdHeader = 'agora-request-id';
  readonly #authorization: Authorization;

  constructor(authorization: Authorization) {
    this.#authorization = authorization;
  }

  get secrets(): readonly string[] {
    return this.#authorization.secrets;
  }

  authorize({ tokenScope }: AgoraRequest): Readonly<Record<string, string>> {
    return { Authorization: this.#authorization.headerFor(tokenScope) };
  }

  error(init: PlatformErrorInit): ApiError {
    return new ApiError(init);
  }

  /**
   * Reading changes nothing, and who has left cannot leave twice. A start is made again only when it is certain that it was not
   * carried out: what the agent has been told to say, it would say twice.
   */
  mayRepeat({ method, label }: AgoraRequest, { status, kind, sent }: AttemptFailure): boolean {
    if (method === 'GET' || label === 'agents.stop') return isPassing(status, kind);
    if (label === 'agents.start') return !sent || status === 429 || status === 503;
    return false;
  }
}

function isPassing(status: number | null, kind: AttemptFailure['kind']): boolean {
  if (status === null) return kind === 'network' || kind === 'timeout';
  return kind === 'network' || status === 408 || status === 429 || status >= 500;
}
