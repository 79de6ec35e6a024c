export { type AgentChatAdapter, createAgentChatAdapter } from './adapter.js';
export type { AgentChatAdapterOptions } from './options.js';
export type { AgentChatThreadId } from './thread-ids.js';
