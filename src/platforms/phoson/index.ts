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
export type { PhosonAgentChanges, PhosonAgentFields, PhosonAgents } from './agents.js';
export { PhosonClient, type PhosonClientOptions } from './client.js';
export type { PhosonConversationFields, PhosonConversations } from './conversations.js';
export type {
  PhosonErrorEvent,
  PhosonEvent,
  PhosonReasoningEvent,
  PhosonRunDoneEvent,
  PhosonTokenEvent,
  PhosonToolEndEvent,
  PhosonToolStartEvent,
} from './events.js';
export type { PhosonMessages, PhosonReplyOptions } from './messages.js';
export { PhosonApiError } from './phoson-api-error.js';
export type { PhosonAgent, PhosonConversation, PhosonMemoryType, PhosonMessage } from './records.js';
export type { PhosonOperation, PhosonRoutes } from './routes.js';
export { type PhosonThinkerOptions, phosonThinker } from './thinker.js';
