export type { Claim, DedupeStore } from '../../stores/index.js';
export type { Page, Pager } from '../shared/pager.js';
export * from '../shared/thinking-door.js';
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
export { Sonzai, type SonzaiOptions } from './client.js';
export type { CursorPage } from './cursor-page.js';
export type { EvalEvents } from './evaluation/eval-events.js';
export type { Agents } from './groups/agents.js';
export type { Byok } from './groups/byok.js';
export type { ChatMethods, PlainChat, StreamedChat } from './groups/chat-methods.js';
export type { ContextMethods } from './groups/context-methods.js';
export type { CustomStates } from './groups/custom-states.js';
export type { EvalRuns } from './groups/eval-runs.js';
export type { EvalTemplates } from './groups/eval-templates.js';
export type { EvaluationMethods } from './groups/evaluation-methods.js';
export type { Group } from './groups/group.js';
export type { Instances } from './groups/instances.js';
export type { Memory } from './groups/memory.js';
export type { NotificationMethods } from './groups/notifications.js';
export type { PersonalityMethods } from './groups/personality.js';
export type { Sessions } from './groups/sessions.js';
export type { NotificationSend, SonzaiNotificationsOptions } from './notifications/options.js';
export { SonzaiNotifications } from './notifications/sonzai-notifications.js';
export type * from './records/index.js';
export type { Session, SessionContextQuery } from './session.js';
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
  SonzaiValidationError,
} from './sonzai-error.js';
export { type SonzaiThinkerOptions, sonzaiThinker } from './thinking/sonzai-thinker.js';
export type { ChatDefaults } from './thinking/thoughts.js';
