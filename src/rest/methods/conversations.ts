import type { CallOptions } from '../../http/index.js';
import type { ConversationListItem } from '../../wire/index.js';
import { type ListConversationsOptions, listConversations } from '../conversations.js';
import { MessageMethods } from './messages.js';

/** Conversations: which there are and where they stand. */
export abstract class ConversationMethods extends MessageMethods {
  /** Your conversations, most recent activity first. How many come at most is the service's to say. */
  listConversations(
    options: ListConversationsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<ConversationListItem[]> {
    return listConversations(this.transport, options, callOptions);
  }
}
