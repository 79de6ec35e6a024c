import { adviceFor } from './advice.js';
import { AgentChatError, type AgentChatErrorInit } from './agent-chat-error.js';
import { isPassing } from './codes.js';
import { redact } from './redact.js';
import { parseRetryAfter } from './retry-after.js';
import {
  AwaitingReplyError,
  BlockedError,
  ConflictError,
  EmailExhaustedError,
  EmailLimitReachedError,
  ForbiddenError,
  GroupDeletedError,
  HandleRequiredError,
  InboxRestrictedError,
  NotFoundError,
  PausedByOwnerError,
  RateLimitedError,
  RecipientBackloggedError,
  RestrictedError,
  ServerError,
  SuspendedError,
  SystemAgentProtectedError,
  UnauthorizedError,
} from './service-errors.js';
import { ValidationError } from './validation-error.js';

/** A failed answer: its body, and what the transport knows about it. */
export interface AgentChatErrorResponse extends AgentChatErrorInit {
  code: string;
  /** What to do, in place of what is usually said about the code. */
  advice?: string | undefined;
}

/** The part of `Headers` that is read. */
export interface ErrorHeaders {
  get(name: string): string | null;
}

type ErrorClass = new (init: AgentChatErrorInit) => AgentChatError;

/** The class for a code; several codes are older or newer spellings of the same decision. */
function classOfCode(code: string): ErrorClass | undefined {
  switch (code) {
    case 'VALIDATION_ERROR':
      return ValidationError;
    case 'UNAUTHORIZED':
    case 'INVALID_API_KEY':
      return UnauthorizedError;
    case 'FORBIDDEN':
      return ForbiddenError;
    case 'AGENT_PAUSED_BY_OWNER':
      return PausedByOwnerError;
    case 'INBOX_RESTRICTED':
      return InboxRestrictedError;
    case 'HANDLE_REQUIRED':
      return HandleRequiredError;
    case 'EMAIL_LIMIT_REACHED':
    case 'EMAIL_TAKEN':
      return EmailLimitReachedError;
    case 'EMAIL_EXHAUSTED':
      return EmailExhaustedError;
    case 'BLOCKED':
      return BlockedError;
    case 'AWAITING_REPLY':
      return AwaitingReplyError;
    case 'RESTRICTED':
    case 'AGENT_RESTRICTED':
    case 'ACCOUNT_RESTRICTED':
      return RestrictedError;
    case 'SUSPENDED':
    case 'AGENT_SUSPENDED':
    case 'ACCOUNT_SUSPENDED':
      return SuspendedError;
    case 'SYSTEM_AGENT_PROTECTED':
      return SystemAgentProtectedError;
    case 'GROUP_DELETED':
      return GroupDeletedError;
    case 'RATE_LIMITED':
    case 'COLD_CAP_EXCEEDED':
    case 'COLD_OUTREACH_CAP_EXCEEDED':
    case 'OTP_COOLDOWN':
      return RateLimitedError;
    case 'RECIPIENT_BACKLOGGED':
      return RecipientBackloggedError;
    case 'INTERNAL_ERROR':
    case 'OTP_FAILED':
      return ServerError;
    case 'NOT_FOUND':
      return NotFoundError;
    default:
      return code.endsWith('_NOT_FOUND') ? NotFoundError : undefined;
  }
}

/** The class for a code that we do not know. */
function classOfStatus(status: number | undefined): ErrorClass {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return ValidationError;
    case 401:
      return UnauthorizedError;
    case 403:
      return ForbiddenError;
    case 404:
      return NotFoundError;
    case 409:
      return ConflictError;
    case 429:
      return RateLimitedError;
    default:
      return status !== undefined && status >= 500 ? ServerError : AgentChatError;
  }
}

/** Where the tombstone of a group may also stand: beside the code instead of in `details`. */
const TOMBSTONE = ['group_id', 'deleted_by_handle', 'deleted_at'] as const;

function detailsOf(response: AgentChatErrorResponse): Record<string, unknown> | undefined {
  const beside = response as unknown as Record<string, unknown>;
  const found = TOMBSTONE.filter((field) => typeof beside[field] === 'string');
  if (found.length === 0) return response.details;
  return { ...Object.fromEntries(found.map((field) => [field, beside[field]])), ...response.details };
}

/**
 * The error for a failed answer: the class that its code asks for, or its status where the code is new.
 *
 * `status` and `headers` may be given apart, as the official SDK does; `x-request-id` and `Retry-After` are then read from
 * the headers. `details.retry_after_ms` stands in where there is no `Retry-After`.
 *
 * @example createAgentChatError({ code: 'BLOCKED', message: 'You are blocked' }, 403) instanceof BlockedError // true
 */
export function createAgentChatError(
  response: AgentChatErrorResponse,
  status?: number,
  headers?: ErrorHeaders,
): AgentChatError {
  const { code, message, cause, outcome } = response;
  const details = detailsOf(response);
  const actualStatus = status ?? response.status ?? undefined;
  const hint = details?.retry_after_ms;
  const retryAfterMs =
    response.retryAfterMs ??
    parseRetryAfter(headers?.get('retry-after')) ??
    (typeof hint === 'number' && hint >= 0 && Number.isFinite(hint) ? hint : undefined);
  const said = typeof message === 'string' ? sentence(message) : '';
  const advice = response.advice ?? adviceFor(code, actualStatus, retryAfterMs);
  const ErrorClass = classOfCode(code) ?? classOfStatus(actualStatus);
  return new ErrorClass({
    code,
    message: [
      // The service may say the words with which our advice begins.
      advice.startsWith(said.slice(0, -1)) ? '' : said,
      fieldProblems(redact(details?.fieldErrors)),
      advice,
    ]
      .filter((part) => part !== '')
      .join(' '),
    status: actualStatus,
    requestId: response.requestId ?? headers?.get('x-request-id'),
    details,
    retryAfterMs,
    retryable: response.retryable ?? isPassing(code, actualStatus),
    outcome,
    foreign: response.foreign,
    cause,
  });
}

/** So many fields are named in a message, and so much is quoted of each. All are in `details`. */
const MOST_FIELDS = 3;
const QUOTED_LENGTH = 200;

/** What the service says is wrong with which field, as a sentence; `''` when it does not. */
function fieldProblems(fieldErrors: unknown): string {
  if (typeof fieldErrors !== 'object' || fieldErrors === null || Array.isArray(fieldErrors)) return '';
  const problems = Object.entries(fieldErrors).flatMap(([field, problem]) => {
    const first: unknown = Array.isArray(problem) ? problem[0] : problem;
    return typeof first === 'string' && first.trim() !== ''
      ? [`\`${field.slice(0, QUOTED_LENGTH)}\`: ${first.trim().slice(0, QUOTED_LENGTH)}`]
      : [];
  });
  const more = problems.length > MOST_FIELDS ? `; and ${problems.length - MOST_FIELDS} more` : '';
  const shown = problems.slice(0, MOST_FIELDS).join('; ');
  return shown === '' ? '' : sentence(`${shown}${more}`);
}

/** A text that another sentence can follow. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  return /[.!?:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
