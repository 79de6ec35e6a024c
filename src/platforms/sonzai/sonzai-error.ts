import { alsoOf, ValidationError } from '../../errors/index.js';
import { PlatformError, type PlatformErrorInit } from '../shared/platform-error.js';
import { asRecord } from './records/as-record.js';

/**
 * Sonzai refused a call, could not be reached, or broke off. `kind` says what happened; refusals with a class of their own are also of
 * that class.
 *
 * @example
 * try {
 *   await sonzai.agents.getMood('luna', { user_id: 'alice' });
 * } catch (error) {
 *   if (error instanceof NotFoundError) console.log('There is no agent of this name.');
 *   else if (error instanceof SonzaiError && error.retryable) console.log('Try again later.');
 *   else throw error;
 * }
 */
export class SonzaiError extends PlatformError {
  static override get kind(): string {
    return 'SonzaiError';
  }

  /** The platform's own code, such as `invalid_api_key`; `null` without one. */
  readonly errorCode: string | null;

  constructor(init: PlatformErrorInit) {
    super(init);
    this.errorCode = textIn(this.body, 'code');
  }
}

/** 400: the platform does not understand the call. */
export class SonzaiBadRequestError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiBadRequestError';
  }
}

/** 401: the key is missing, wrong or revoked. */
export class SonzaiAuthenticationError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiAuthenticationError';
  }
}

/** 403: the key is good, and may not do this. */
export class SonzaiPermissionDeniedError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiPermissionDeniedError';
  }

  /** The scope that the key lacks, such as `write:byok`; `null` where the platform does not say. */
  readonly requiredScope: string | null;

  constructor(init: PlatformErrorInit) {
    super(init);
    this.requiredScope = textIn(this.body, 'required_scope');
  }
}

/** 404: what the call names does not exist. */
export class SonzaiNotFoundError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiNotFoundError';
  }

  /** What does not exist; `null` where the platform does not say. */
  readonly resource: string | null;

  constructor(init: PlatformErrorInit) {
    super(init);
    this.resource = textIn(this.body, 'resource');
  }
}

/** 409: it exists already, or is busy. */
export class SonzaiConflictError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiConflictError';
  }

  /** What is in the way; `null` where the platform does not say. */
  readonly resource: string | null;

  constructor(init: PlatformErrorInit) {
    super(init);
    this.resource = textIn(this.body, 'resource');
  }
}

/** What is wrong with one field. */
export interface FieldProblem {
  /** Where it is, as the platform writes it: `name`, or `body.name`. */
  readonly field: string;
  readonly message: string;
  readonly code: string | null;
}

/**
 * 422: a field is wrong, or one that the platform does not know. `errors` says which. It is a `ValidationError` too: what the client finds
 * before it sends anything, and what the platform finds, are caught together.
 */
export class SonzaiValidationError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiValidationError';
  }

  readonly errors: readonly FieldProblem[];

  constructor(init: PlatformErrorInit) {
    super(init);
    const { errors } = asRecord(this.body) ?? {};
    this.errors = Array.isArray(errors) ? errors.map(problemIn) : [];
    alsoOf(this, ValidationError);
  }

  /** The first field that is wrong. */
  get field(): string | undefined {
    return this.errors[0]?.field;
  }
}

/** 429: too many calls. `retryAfterMs` says how long to wait, if the platform does. */
export class SonzaiRateLimitError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiRateLimitError';
  }

  /** How many calls the key has in a window; `null` where the platform does not say. */
  readonly limit: number | null;
  /** How many of them are left. */
  readonly remaining: number | null;
  /** When the window ends, in milliseconds since 1970. */
  readonly resetAt: number | null;

  constructor(init: PlatformErrorInit) {
    super(init);
    const seconds = numberIn(init.headers, 'x-ratelimit-reset');
    this.limit = numberIn(init.headers, 'x-ratelimit-limit');
    this.remaining = numberIn(init.headers, 'x-ratelimit-remaining');
    this.resetAt = seconds === null ? null : seconds * 1_000;
  }
}

/** 5xx: the platform failed. */
export class SonzaiInternalServerError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiInternalServerError';
  }
}

/** What a failure of a chat can be told. */
export interface StreamErrorInit extends PlatformErrorInit {
  errorCode: string | null;
  isTokenError: boolean;
}

/** The platform gave a chat up after it had begun: in its stream, or in the result of an asynchronous chat. */
export class SonzaiStreamError extends SonzaiError {
  static override get kind(): string {
    return 'SonzaiStreamError';
  }

  override readonly errorCode: string | null;
  /** Whether the platform calls it a token error. No source says which tokens it means. */
  readonly isTokenError: boolean;

  constructor({ errorCode, isTokenError, ...init }: StreamErrorInit) {
    super(init);
    this.errorCode = errorCode;
    this.isTokenError = isTokenError;
  }
}

function textIn(body: unknown, name: string): string | null {
  const record = asRecord(body);
  const value = record?.[name] ?? asRecord(record?.error)?.[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function problemIn(value: unknown): FieldProblem {
  const { field, location, message, code } = asRecord(value) ?? {};
  return {
    field: wordsOf(field) ?? wordsOf(location) ?? '',
    message: wordsOf(message) ?? '',
    code: wordsOf(code),
  };
}

function wordsOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberIn(headers: Headers | null | undefined, name: string): number | null {
  const text = headers?.get(name) ?? '';
  return /^\d+$/.test(text) ? Number(text) : null;
}
