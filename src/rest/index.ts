export { AgentChatClient, type VerifyResult } from './client.js';
export type { AgentChatClientOptions } from './client-options.js';
export type { ListConversationsOptions } from './conversations.js';
export type { GetMessagesOptions } from './history.js';
export type { ListMutesOptions } from './mutes.js';
export type { KeylessOptions, RegisterOptions } from './registration.js';
export { replyId } from './reply-id.js';
export type { SendMessageInput, SendMessageResult } from './send.js';
export type { SyncOptions } from './sync.js';
