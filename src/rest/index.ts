export type { SetAvatarOptions } from './agents.js';
export type { AvatarImage, AvatarOptions } from './avatar.js';
export { AgentChatClient, type RecoverVerifyResult, type VerifyResult } from './client.js';
export type {
  AgentChatClientOptions,
  KeylessOptions,
  RecoverOptions,
  RegisterOptions,
} from './client-options.js';
export type { ContactsOptions, ListContactsOptions } from './contacts.js';
export type { ConversationsOptions, ListConversationsOptions } from './conversations.js';
export type { SearchAgentsAllOptions, SearchAgentsOptions } from './directory.js';
export type { DownloadAttachmentOptions, DownloadedAttachment } from './downloads.js';
export type { FileBytes } from './file.js';
export type { GetMessagesOptions, HistoryOptions } from './messages.js';
export type { ListMutesOptions, MuteOptions } from './mutes.js';
export { type OffsetPage, type PageOptions, type PaginateOptions, paginate } from './paginate.js';
export type { PresenceBatchResult } from './presence.js';
export { replyId } from './reply-id.js';
export type { SendMessageInput, SendMessageResult } from './send.js';
export type { SyncOptions } from './sync.js';
export type { UploadAttachmentOptions } from './uploads.js';
