export {
  AgentChatClientError,
  type AgentChatClientErrorInit,
  type Outcome,
} from './agent-chat-client-error.js';
export { AgentChatError, type AgentChatErrorInit } from './agent-chat-error.js';
export { BotError, type BotErrorCode, type BotErrorInit } from './bot-error.js';
export { alsoOf } from './branded-error.js';
export { framesOf, textOf } from './cause.js';
export type { AgentChatErrorCode } from './codes.js';
export { type AgentChatErrorResponse, createAgentChatError, type ErrorHeaders } from './create-error.js';
export {
  isAborted,
  isAgentChatClientError,
  isAgentChatError,
  isAwaitingReply,
  isBlocked,
  isConflict,
  isConnectionError,
  isForbidden,
  isGroupDeleted,
  isNotFound,
  isRateLimited,
  isRecipientBacklogged,
  isServerError,
  isTimeout,
  isUnauthorized,
  isValidationError,
  mayHaveHappened,
} from './guards.js';
export { HandlerError, type HandlerErrorInit } from './handler-error.js';
export { listenerFailed, writeError } from './listener-failed.js';
export { AbortedError, ConnectionError, ProtocolError, TimeoutError } from './own-errors.js';
export { fieldOf, isServicesWord, statusOf } from './own-word.js';
export { better, isLeaseLost, type Prospect, patienceOf, prospectOf } from './prospect.js';
export { redactText } from './redact.js';
export { parseHttpDate, parseRetryAfter } from './retry-after.js';
export {
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
export { StoreError, type StoreErrorInit, type StoreFault } from './store-error.js';
export { ValidationError, type ValidationErrorInit } from './validation-error.js';
export {
  type WebhookMisuse,
  type WebhookRefusal,
  WebhookVerificationError,
  type WebhookVerificationReason,
} from './webhook-error.js';
