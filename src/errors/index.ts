export { AgentChatError, type AgentChatErrorInit, type Outcome } from './agent-chat-error.js';
export type { AgentChatErrorCode } from './codes.js';
export { type AgentChatErrorResponse, createAgentChatError, type ErrorHeaders } from './create-error.js';
export {
  isAgentChatError,
  isConnectionError,
  isNotFound,
  isRateLimited,
  isUnauthorized,
  mayHaveHappened,
} from './guards.js';
export { HandlerError, type HandlerErrorInit } from './handler-error.js';
export {
  AbortedError,
  ConnectionError,
  ProtocolError,
  TimeoutError,
  ValidationError,
  type ValidationErrorInit,
} from './own-errors.js';
export { redactText } from './redact.js';
export { parseHttpDate, parseRetryAfter } from './retry-after.js';
export {
  AwaitingReplyError,
  BlockedError,
  ForbiddenError,
  GroupDeletedError,
  NotFoundError,
  RateLimitedError,
  RecipientBackloggedError,
  RestrictedError,
  ServerError,
  SuspendedError,
  SystemAgentProtectedError,
  UnauthorizedError,
} from './service-errors.js';
export {
  type WebhookMisuse,
  type WebhookRefusal,
  WebhookVerificationError,
  type WebhookVerificationReason,
} from './webhook-error.js';
