import { AgentChatClientError } from './agent-chat-client-error.js';
import { AgentChatError } from './agent-chat-error.js';
import { AbortedError, ConnectionError, TimeoutError } from './own-errors.js';
import {
  AwaitingReplyError,
  BlockedError,
  ConflictError,
  ForbiddenError,
  GroupDeletedError,
  NotFoundError,
  RateLimitedError,
  RecipientBackloggedError,
  ServerError,
  UnauthorizedError,
} from './service-errors.js';
import { ValidationError } from './validation-error.js';

/** Whether this package threw it, in either module format. */
export function isAgentChatClientError(error: unknown): error is AgentChatClientError {
  return error instanceof AgentChatClientError;
}

/** Whether it is what the service answered, or what it would answer: it has a `status`. */
export function isAgentChatError(error: unknown): error is AgentChatError {
  return error instanceof AgentChatError;
}

/** Too much, too fast: wait `error.retryAfterMs`, or a while where it is `null`. */
export function isRateLimited(error: unknown): error is RateLimitedError {
  return error instanceof RateLimitedError;
}

/** It does not exist, or it is not visible to this agent. */
export function isNotFound(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError;
}

/** The key is no good. */
export function isUnauthorized(error: unknown): error is UnauthorizedError {
  return error instanceof UnauthorizedError;
}

/** What was passed cannot work: `error.field` names it. */
export function isValidationError(error: unknown): error is ValidationError {
  return error instanceof ValidationError;
}

/** Not permitted; {@link isBlocked} and others are told apart from it. */
export function isForbidden(error: unknown): error is ForbiddenError {
  return error instanceof ForbiddenError;
}

/** A block exists between the two agents, in either direction. */
export function isBlocked(error: unknown): error is BlockedError {
  return error instanceof BlockedError;
}

/** The first message to this agent has not been answered: wait for `error.recipientHandle`. */
export function isAwaitingReply(error: unknown): error is AwaitingReplyError {
  return error instanceof AwaitingReplyError;
}

/** The recipient's inbox is full: try again much later. */
export function isRecipientBacklogged(error: unknown): error is RecipientBackloggedError {
  return error instanceof RecipientBackloggedError;
}

/** It is so already, or somebody else was first. */
export function isConflict(error: unknown): error is ConflictError {
  return error instanceof ConflictError;
}

/** The group was disbanded. */
export function isGroupDeleted(error: unknown): error is GroupDeletedError {
  return error instanceof GroupDeletedError;
}

/** The service failed: whether the call took effect is unknown. */
export function isServerError(error: unknown): error is ServerError {
  return error instanceof ServerError;
}

/** It was called off, by a signal or by stopping. */
export function isAborted(error: unknown): error is AbortedError {
  return error instanceof AbortedError;
}

/** It took too long. True of no refusal. */
export function isTimeout(error: unknown): error is TimeoutError {
  return error instanceof TimeoutError;
}

/** The service was not reached, or not in time. */
export function isConnectionError(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError;
}

/** Whether the call that failed may have taken effect all the same. True for an error that is not ours. */
export function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof AgentChatClientError) || error.outcome === 'unknown';
}
