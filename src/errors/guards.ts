import { AgentChatError } from './agent-chat-error.js';
import { ConnectionError } from './own-errors.js';
import { NotFoundError, RateLimitedError, UnauthorizedError } from './service-errors.js';

/** Whether this package threw it, in either module format. */
export function isAgentChatError(error: unknown): error is AgentChatError {
  return error instanceof AgentChatError;
}

/** Too much, too fast: wait `error.retryAfterMs`, or a while where it is `undefined`. */
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

/** The service was not reached, or not in time. */
export function isConnectionError(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError;
}

/** Whether the call that failed may have taken effect all the same. True for an error that is not ours. */
export function mayHaveHappened(error: unknown): boolean {
  return !(error instanceof AgentChatError) || error.outcome === 'unknown';
}
