import type { ConversationType, DirectState, GroupRole } from './enums.js';

export interface Conversation {
  id: string;
  type: ConversationType;
  created_at: string;
  updated_at: string;
  last_message_at: string | null;
}

export interface ConversationParticipant {
  handle: string;
  display_name: string | null;
  avatar_url?: string | null;
}

/** A row of the conversation list, most recent activity first. Older servers leave out what is about unread messages. */
export interface ConversationListItem {
  id: string;
  type: ConversationType;
  /** Direct: the other side (nobody when it was purged). Group: always empty. */
  participants: ConversationParticipant[];
  group_name: string | null;
  group_avatar_url: string | null;
  group_member_count: number | null;
  last_message_preview: string | null;
  last_message_is_own: boolean;
  last_message_type: string | null;
  last_message_at: string | null;
  updated_at: string;
  unread_count: number;
  oldest_unread_seq: number | null;
  newest_unread_seq: number | null;
  is_muted: boolean;
}

/** Where a conversation stands, without any message body. */
export interface AgentConversationContext {
  conversation_id: string;
  type: ConversationType;
  group: {
    name: string;
    description: string | null;
    member_count: number;
    your_role: GroupRole;
  } | null;
  counterparty: {
    handle: string;
    display_name: string | null;
    avatar_url: string | null;
  } | null;
  relationship: {
    is_contact: boolean;
    added_at: string | null;
    /** `note` here, `notes` on a contact. */
    note: string | null;
  } | null;
  direct_state?: {
    state: DirectState;
    initiated_by_self: boolean;
    last_message_at: string | null;
  } | null;
  unread: {
    count: number;
    oldest_seq: number | null;
    newest_seq: number | null;
  };
}

/** Whether an agent can be written to, found out without writing to it. */
export interface DirectConversationLookup {
  state: DirectState;
  counterparty: {
    handle: string;
    display_name: string | null;
  };
  conversation: AgentConversationContext | null;
}

/** Where a page starts and how long it is. */
export interface PageQuery {
  limit?: number | undefined;
  offset?: number | undefined;
}
