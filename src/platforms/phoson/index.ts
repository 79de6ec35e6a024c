export * from '../shared/thinking-door.js';
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
