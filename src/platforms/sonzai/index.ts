export type { PlatformErrorKind } from '../shared/platform-error.js';
export { PlatformError } from '../shared/platform-error.js';
export type { SonzaiCallOptions } from './call-options.js';
export type { ChatQueued, ChatResult } from './chat/async-chat.js';
export type {
  ChatEvent,
  CompleteEvent,
  ContextReadyEvent,
  DeltaEvent,
  ExternalToolCall,
  MessageBoundaryEvent,
  OtherEvent,
  PhaseEvent,
  SideEffectsEvent,
} from './chat/chat-event.js';
export type { ChatFields, ChatMessage } from './chat/chat-fields.js';
export type { ChatReply, ChatUsage } from './chat/chat-reply.js';
export type { ChatStream } from './chat/chat-stream.js';
export type { DetachedOptions } from './chat/detached.js';
export { Sonzai, type SonzaiOptions } from './sonzai.js';
export {
  type FieldProblem,
  SonzaiAuthenticationError as AuthenticationError,
  SonzaiBadRequestError as BadRequestError,
  SonzaiConflictError as ConflictError,
  SonzaiError,
  SonzaiInternalServerError as InternalServerError,
  SonzaiNotFoundError as NotFoundError,
  SonzaiPermissionDeniedError as PermissionDeniedError,
  SonzaiRateLimitError as RateLimitError,
  SonzaiStreamError as StreamError,
  SonzaiValidationError as ValidationError,
} from './sonzai-error.js';
