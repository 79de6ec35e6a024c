import { ErrorCode } from '../../wire/index.js';

/** What a request is answered with. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON, unless it is bytes: those go out as they are, with their own `content-type` among the headers. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What follows from the request once it is answered: stored first, answered then, pushed last. */
  readonly afterwards?: () => void;
}

/** The extras of a failure. */
export interface FailureDetails {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
}

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return headers === undefined ? { status: 200, body } : { status: 200, body, headers };
}

/** Done, and nothing to say about it. */
export function noContent(): Reply {
  return { status: 204, body: undefined };
}

/** Look there instead. */
export function found(location: string): Reply {
  return { status: 302, body: undefined, headers: { location } };
}

/** A failure in the flat shape: a code to branch on, and a sentence for people. */
export function failure(status: number, code: string, message: string, extras: FailureDetails = {}): Reply {
  const { retryAfterMs } = extras;
  const details = {
    ...extras.details,
    ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
  };
  return {
    status,
    body: { code, message, ...(Object.keys(details).length === 0 ? {} : { details }) },
    ...(retryAfterMs === undefined
      ? {}
      : { headers: { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) } }),
  };
}

/** 400 with the fields that are wrong. */
export function invalid(fieldErrors: Readonly<Record<string, readonly string[]>>): Reply {
  const fields = Object.keys(fieldErrors);
  const where = fields.length === 0 ? 'The request' : fields.join(', ');
  return failure(400, ErrorCode.VALIDATION_ERROR, `${where}: not valid.`, { details: { fieldErrors } });
}

/** 429, with how long to wait. Never less than a millisecond, so that nobody is told to come back at once. */
export function rateLimited(code: string, message: string, waitMs: number): Reply {
  return failure(429, code, message, { retryAfterMs: Math.max(1, Math.ceil(waitMs)) });
}

export function unauthorized(): Reply {
  return failure(401, ErrorCode.UNAUTHORIZED, 'The API key is missing or not valid.');
}

export function agentNotFound(): Reply {
  return failure(404, ErrorCode.AGENT_NOT_FOUND, 'There is no such agent.');
}

export function conversationNotFound(): Reply {
  return failure(
    404,
    ErrorCode.CONVERSATION_NOT_FOUND,
    'There is no such conversation, or you are not in it.',
  );
}
