import { PlatformError, type PlatformErrorInit } from '../shared/platform-error.js';

/**
 * Somia refused a call, could not be reached, or broke off. Each error is also of a class below this one; `kind` says the same in one
 * word for all platforms.
 *
 * @example
 * try {
 *   await client.sessions.interactSession(7, sessionId, { input_data: 'Hello' });
 * } catch (error) {
 *   if (error instanceof NotFoundError) console.log('The session is gone: make a new one.');
 *   else if (error instanceof SomiaError && error.retryable) console.log('Try again later.');
 *   else throw error;
 * }
 */
export class SomiaError extends PlatformError {
  static override get kind(): string {
    return 'SomiaError';
  }
}

/** What a refusal can be told. */
export interface SomiaApiErrorInit extends PlatformErrorInit {
  status: number;
}

/** There was an answer, and it is not what was asked for. Of this class itself where no other one fits. */
export class SomiaApiError extends SomiaError {
  static override get kind(): string {
    return 'SomiaApiError';
  }

  /** The HTTP status. */
  readonly statusCode: number;

  constructor(init: SomiaApiErrorInit) {
    super(init);
    this.statusCode = init.status;
  }
}

/** 400, 422: Somia does not understand the call, or a field is wrong. */
export class SomiaBadRequestError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaBadRequestError';
  }
}

/** 401: the key is missing or wrong. */
export class SomiaAuthError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaAuthError';
  }
}

/** 403, 402: the key is good, and may not do this, or has used up what it has. */
export class SomiaPermissionDeniedError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaPermissionDeniedError';
  }
}

/** 404: there is no such agent, or no such session. */
export class SomiaNotFoundError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaNotFoundError';
  }
}

/** 429: too many calls. `retryAfterMs` says how long to wait, if Somia does. */
export class SomiaRateLimitError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaRateLimitError';
  }
}

/** 503, 504, 408: Somia is overloaded, or took too long. */
export class SomiaServiceUnavailableError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaServiceUnavailableError';
  }
}

/** Any other 5xx: Somia failed. */
export class SomiaServerError extends SomiaApiError {
  static override get kind(): string {
    return 'SomiaServerError';
  }
}

/** No answer, or no whole one: Somia could not be reached, nothing came in time, or the connection broke. */
export class SomiaTransportError extends SomiaError {
  static override get kind(): string {
    return 'SomiaTransportError';
  }
}

/** A frame of a stream is broken: it begins as a JSON object, and is none. */
export class SomiaStreamParseError extends SomiaError {
  static override get kind(): string {
    return 'SomiaStreamParseError';
  }
}
