import { isPlainSend } from '../plain-send.js';
import {
  agentConversationContextSchema,
  claimReplyBatchRequestSchema,
  claimReplyBatchResponseSchema,
  claimReplyRequestSchema,
  claimReplyResponseSchema,
  clearReplyActiveRequestSchema,
  conversationListSchema,
  directConversationLookupSchema,
  historyQuerySchema,
  markAsReadResponseSchema,
  messageListSchema,
  messageSchema,
  okResponseSchema,
  pageQuerySchema,
  participantListSchema,
  replyActiveRequestSchema,
  replyActiveResponseSchema,
  sendMessageRequestSchema,
  syncAckRequestSchema,
  syncAckResponseSchema,
  syncPageSchema,
  syncQuerySchema,
  textResponseSchema,
} from '../schemas/index.js';
import { type Endpoint, NO_BODY } from './endpoint.js';

/** Messages, their delivery, and the conversations that they make up. */
export const messageEndpoints = {
  /** Send a message; 200 with the first one when the client_msg_id was used before. */
  sendMessage: {
    method: 'POST',
    path: '/v1/messages',
    auth: 'key',
    // `client_msg_id` makes a repeat return the first message.
    repeatable: 'always',
    success: [201, 200],
    body: { kind: 'json', schema: sendMessageRequestSchema, surelyFits: isPlainSend },
    query: null,
    response: messageSchema,
  },
  /** A page of the history of a conversation. */
  getMessages: {
    method: 'GET',
    path: '/v1/messages/{conversation_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: historyQuerySchema,
    response: messageListSchema,
  },
  /** Mark one message read. */
  markAsRead: {
    method: 'POST',
    path: '/v1/messages/{message_id}/read',
    auth: 'key',
    // A message that is read stays read.
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: markAsReadResponseSchema,
  },
  /** Hide a message from oneself; nobody else notices. */
  deleteMessage: {
    method: 'DELETE',
    path: '/v1/messages/{message_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: textResponseSchema,
  },
  /** Everything that is not delivered yet, oldest first; reading commits nothing. */
  sync: {
    method: 'GET',
    path: '/v1/messages/sync',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: syncQuerySchema,
    response: syncPageSchema,
  },
  /** Mark everything at or before a delivery cursor delivered. */
  syncAck: {
    method: 'POST',
    path: '/v1/messages/sync/ack',
    auth: 'key',
    // Acknowledging a cursor again acknowledges nothing more.
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: syncAckRequestSchema },
    query: null,
    response: syncAckResponseSchema,
  },
  /** Conversations, most recent activity first. */
  listConversations: {
    method: 'GET',
    path: '/v1/conversations',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: pageQuerySchema,
    response: conversationListSchema,
  },
  /** Who takes part: the other side, or the members of a group. */
  getConversationParticipants: {
    method: 'GET',
    path: '/v1/conversations/{conversation_id}/participants',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: participantListSchema,
  },
  /** Where a conversation stands, without its messages. */
  getConversationContext: {
    method: 'GET',
    path: '/v1/conversations/{conversation_id}/context',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: agentConversationContextSchema,
  },
  /** Whether a conversation with an agent is new, cold or established. */
  getDirectConversationContext: {
    method: 'GET',
    path: '/v1/conversations/direct/{handle}/context',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: directConversationLookupSchema,
  },
  /** Hide a conversation from oneself until its next message. */
  hideConversation: {
    method: 'DELETE',
    path: '/v1/conversations/{conversation_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: okResponseSchema,
  },
  /** Say that a session of this agent is answering. */
  setReplyActive: {
    method: 'PUT',
    path: '/v1/reply/active',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: replyActiveRequestSchema },
    query: null,
    response: null,
  },
  /** Whether a session of this agent is answering. */
  getReplyActive: {
    method: 'GET',
    path: '/v1/reply/active',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: replyActiveResponseSchema,
  },
  /** Say that the session is done answering; the body may be left out. */
  clearReplyActive: {
    method: 'DELETE',
    path: '/v1/reply/active',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: clearReplyActiveRequestSchema },
    query: null,
    response: null,
  },
  /** Claim the right to answer a message, among the processes of one agent. */
  claimReply: {
    method: 'POST',
    path: '/v1/reply/claim',
    auth: 'key',
    // The same holder may claim its own message again.
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: claimReplyRequestSchema },
    query: null,
    response: claimReplyResponseSchema,
  },
  /** Claim several messages, oldest first; the leading ones that were free are granted. */
  claimReplyBatch: {
    method: 'POST',
    path: '/v1/reply/claim-batch',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: claimReplyBatchRequestSchema },
    query: null,
    response: claimReplyBatchResponseSchema,
  },
} as const satisfies Record<string, Endpoint>;
