export { AbortedError, AgentChatClientError, ValidationError } from '../../errors/index.js';
export type { ConversationStore } from '../shared/conversation-store.js';
export type { EventStream } from '../shared/event-stream.js';
export {
  PlatformError,
  type PlatformErrorInit,
  type PlatformErrorKind,
  type PlatformName,
} from '../shared/platform-error.js';
export type { PlatformCallOptions } from '../shared/request.js';
export type { Respondent } from '../shared/respondent.js';
export type { PlatformThinker, ThinkingTurn } from '../shared/thinker.js';
export type {
  DoneThought,
  ErrorThought,
  ReasoningThought,
  ThoughtAsk,
  ThoughtCapabilities,
  ThoughtEvent,
  TokenThought,
  ToolEndThought,
  ToolStartThought,
} from '../shared/thought.js';
export { SomiaClient, type SomiaClientOptions } from './client.js';
export type { SomiaChunkEvent, SomiaEndEvent, SomiaErrorEvent, SomiaEvent } from './events.js';
export type {
  SomiaAgentId,
  SomiaCreateFields,
  SomiaInput,
  SomiaInteractFields,
  SomiaOptions,
  SomiaPlain,
  SomiaRunFields,
  SomiaStreamed,
} from './fields.js';
export type { SomiaHistoryEntry, SomiaResult } from './result.js';
export type { SomiaSessions } from './sessions.js';
export {
  SomiaApiError as ApiError,
  type SomiaApiErrorInit as ApiErrorInit,
  SomiaAuthError as AuthError,
  SomiaBadRequestError as BadRequestError,
  SomiaError,
  SomiaNotFoundError as NotFoundError,
  SomiaPermissionDeniedError as PermissionDeniedError,
  SomiaRateLimitError as RateLimitError,
  SomiaServerError as ServerError,
  SomiaServiceUnavailableError as ServiceUnavailableError,
  SomiaStreamParseError as StreamParseError,
  SomiaTransportError as TransportError,
} from './somia-error.js';
export type { SomiaFirstTurn } from './source.js';
export { type SomiaThinkerOptions, somiaThinker } from './thinker.js';
