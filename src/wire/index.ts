export type * from './agents.js';
export { type BacklogWarning, type BacklogWarningHandler, parseBacklogWarning } from './backlog.js';
export { type ApiError, ErrorCode } from './codes.js';
export type * from './contacts.js';
export type * from './conversations.js';
export type * from './directory.js';
export * from './endpoints/index.js';
export * from './enums.js';
export { type ErrorBody, readErrorBody } from './error-body.js';
export type * from './extensible.js';
export * from './frames.js';
export type * from './groups.js';
export {
  eventProblem,
  hasSequence,
  isMessageLike,
  messageProblem,
  readDate,
  readSeq,
  senderOf,
  withSender,
} from './guards.js';
export { isHandle, normalizeHandle, sameHandle } from './handles.js';
export { conversationKind, isConversationId, isDeliveryCursor } from './ids.js';
export * from './limits.js';
export type * from './messages.js';
export type * from './mutes.js';
export type * from './presence.js';
export type * from './reply.js';
export * from './schemas/index.js';
export { DEFAULT_BASE_URL, WEBSOCKET_PATH } from './service.js';
export * from './sync.js';
export type * from './uploads.js';
export { findProblems, type WireProblem } from './validate.js';
export type * from './wake-webhook.js';
export type * from './webhooks.js';
