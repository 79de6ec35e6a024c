import { type Fields, isFilled, isObject } from './json.js';

/** The body of a failed answer, as far as it could be understood. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details?: Record<string, unknown>;
  /** False when the body was not the service's: the code then only says what the status says. */
  readonly recognised: boolean;
}

/** How much of a foreign body is kept in `details.body`, in characters. */
const KEPT_BODY_LENGTH = 1_000;

/**
 * Reads the body of an answer whose status is not a success: parsed JSON, or the text when it was not JSON, or
 * `undefined`. Some servers nest the body under `error`; some put what belongs to the code beside it instead of in
 * `details`, and it ends up there.
 *
 * What is not the service's own body (a proxy's HTML page, say) never becomes one of its codes for a particular thing: a
 * 404 is then `NOT_FOUND`, not "no such agent". What came is kept in `details.body`, cut short.
 */
export function readErrorBody(body: unknown, status: number): ErrorBody {
  const own = ownBody(body);
  if (own === null) {
    return {
      code: codeOfStatus(status),
      message: `HTTP ${status} with ${describe(body)}`,
      ...(body === undefined || body === '' ? {} : { details: { body: keep(body) } }),
      recognised: false,
    };
  }
  const { code, message, details, ...beside } = own;
  const merged = { ...beside, ...(isObject(details) ? details : {}) };
  return {
    code,
    message: isFilled(message) ? message : `HTTP ${status}, ${code}`,
    ...(Object.keys(merged).length === 0 ? {} : { details: merged }),
    recognised: true,
  };
}

function ownBody(body: unknown): (Fields & { readonly code: string }) | null {
  if (!isObject(body)) return null;
  if (hasCode(body)) return body;
  return isObject(body.error) && hasCode(body.error) ? body.error : null;
}

function hasCode(body: Fields): body is Fields & { readonly code: string } {
  return isFilled(body.code);
}

function codeOfStatus(status: number): string {
  if (status === 400 || status === 422) return 'VALIDATION_ERROR';
  if (status === 401) return 'UNAUTHORIZED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 413) return 'PAYLOAD_TOO_LARGE';
  if (status === 429) return 'RATE_LIMITED';
  return status >= 500 ? 'INTERNAL_ERROR' : `HTTP_${status}`;
}

function describe(body: unknown): string {
  if (body === undefined || body === '') return 'an empty body';
  if (typeof body !== 'string') return 'a JSON body that is not an AgentChat error';
  const kind = /^\s*<(?:!doctype|html)/i.test(body) ? 'an HTML page' : 'a text';
  return `${kind} of ${body.length} characters instead of an AgentChat error`;
}

function keep(body: unknown): unknown {
  return typeof body === 'string' && body.length > KEPT_BODY_LENGTH
    ? `${body.slice(0, KEPT_BODY_LENGTH)}...`
    : body;
}
