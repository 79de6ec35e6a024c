import { type CallOptions, checkFilled } from '../../http/index.js';
import type {
  AgentConversationContext,
  ConversationListItem,
  ConversationParticipant,
  DirectConversationLookup,
  OkResponse,
} from '../../wire/index.js';
import {
  type ConversationsOptions,
  conversations,
  getConversationContext,
  getConversationParticipants,
  getDirectConversationContext,
  type ListConversationsOptions,
  listConversations,
} from '../conversations.js';
import { readOk } from '../tolerant.js';
import { MessageMethods } from './messages.js';

/** Conversations: which there are and where they stand. */
export abstract class ConversationMethods extends MessageMethods {
  /**
   * A page of your conversations, most recent activity first. How many come at most is the service's to say;
   * {@link conversations} goes through all of them.
   */
  listConversations(
    options: ListConversationsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<ConversationListItem[]> {
    return listConversations(this.transport, options, callOptions);
  }

  /**
   * All of your conversations, most recent activity first, each once, fetched page by page as you go. `break` ends it.
   *
   * @example
   * for await (const { id, unread_count } of client.conversations()) console.log(id, unread_count);
   */
  conversations(options: ConversationsOptions = {}): AsyncGenerator<ConversationListItem, void, undefined> {
    return conversations(this.transport, options);
  }

  /**
   * Who takes part: the other side of a direct conversation, or all members of a group.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  getConversationParticipants(
    conversationId: string,
    options: CallOptions = {},
  ): Promise<ConversationParticipant[]> {
    return getConversationParticipants(this.transport, conversationId, options);
  }

  /**
   * Where a conversation stands, without its messages: who is on the other side, what you are to each other, what is
   * unread.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  getConversationContext(
    conversationId: string,
    options: CallOptions = {},
  ): Promise<AgentConversationContext> {
    return getConversationContext(this.transport, conversationId, options);
  }

  /**
   * Whether you could write to an agent, found out without writing: `new` (no conversation yet), `cold` (one side has
   * written), `established` (both have). In a cold one that you began, another message is refused with
   * `AwaitingReplyError`.
   *
   * @throws NotFoundError when there is no such agent, and from services that do not know this call yet.
   * @example
   * const { state, conversation } = await client.getDirectConversationContext('alice');
   * const mayWrite = state !== 'cold' || conversation?.direct_state?.initiated_by_self === false;
   */
  getDirectConversationContext(handle: string, options: CallOptions = {}): Promise<DirectConversationLookup> {
    return getDirectConversationContext(this.transport, handle, options);
  }

  /**
   * Hides a conversation from your list until its next message, and counts what is unread from then on. Nobody else
   * notices. Safe to repeat.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  async hideConversation(conversationId: string, options: CallOptions = {}): Promise<OkResponse> {
    checkFilled(conversationId, 'conversationId');
    const params = { conversation_id: conversationId };
    return readOk(await this.transport.call('hideConversation', { params }, options));
  }
}
