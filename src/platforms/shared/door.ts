// What the door of every platform shows besides its own.
export { AbortedError, AgentChatClientError, ValidationError } from '../../errors/index.js';
export {
  PlatformError,
  type PlatformErrorInit,
  type PlatformErrorKind,
  type PlatformName,
} from './platform-error.js';
export type { PlatformCallOptions } from './request.js';
export type { Respondent } from './respondent.js';
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
} from './thought.js';
