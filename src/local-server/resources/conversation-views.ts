import type {
  AgentConversationContext,
  ConversationListItem,
  ConversationParticipant,
} from '../../wire/index.js';
import { counterpartOf, isVisibleTo } from '../state/conversations.js';
import type {
  AgentRecord,
  DirectConversation,
  GroupConversation,
  Membership,
  StoredMessage,
} from '../state/records.js';
import type { World } from '../state/world.js';

/** Characters of a message's text that the conversation list shows. */
const PREVIEW_LENGTH = 140;

/** Somebody who takes part. */
export function participantView(agent: AgentRecord): ConversationParticipant {
  return { handle: agent.handle, display_name: agent.displayName, avatar_url: agent.avatarUrl };
}

/** A row of the conversation list. */
export function conversationView(world: World, membership: Membership): ConversationListItem {
  const { agent, conversation, unread } = membership;
  const last = lastVisible(membership)?.message;
  const group = conversation.type === 'group' ? conversation : undefined;
  const other = conversation.type === 'direct' ? counterpartOf(conversation, agent.handle) : undefined;
  const now = world.now();
  return {
    id: conversation.id,
    type: conversation.type,
    participants: other === undefined ? [] : [participantView(other)],
    group_name: group?.name ?? null,
    group_avatar_url: group?.avatarUrl ?? null,
    group_member_count: group?.members.size ?? null,
    last_message_preview: last?.content.text?.slice(0, PREVIEW_LENGTH) ?? null,
    last_message_is_own: last?.sender === agent.handle,
    last_message_type: last?.type ?? null,
    last_message_at: last?.created_at ?? null,
    updated_at: conversation.updatedAt,
    unread_count: unread.size,
    oldest_unread_seq: unread.first?.stored.message.seq ?? null,
    newest_unread_seq: unread.last?.stored.message.seq ?? null,
    is_muted:
      world.mutes.isMuted(agent.handle, 'conversation', conversation.id, now) ||
      (other !== undefined && world.mutes.isMuted(agent.handle, 'agent', other.handle, now)),
  };
}

/** Where a conversation stands for one of its members, without any message. */
export function contextView(world: World, membership: Membership): AgentConversationContext {
  const { agent, conversation, unread } = membership;
  return {
    conversation_id: conversation.id,
    type: conversation.type,
    ...(conversation.type === 'group'
      ? groupPart(conversation, membership)
      : directPart(world, agent, conversation)),
    unread: {
      count: unread.size,
      oldest_seq: unread.first?.stored.message.seq ?? null,
      newest_seq: unread.last?.stored.message.seq ?? null,
    },
  };
}

type KindOfContext = Pick<
  AgentConversationContext,
  'group' | 'counterparty' | 'relationship' | 'direct_state'
>;

function groupPart({ name, description, members }: GroupConversation, { role }: Membership): KindOfContext {
  return {
    group: { name, description, member_count: members.size, your_role: role },
    counterparty: null,
    relationship: null,
    direct_state: null,
  };
}

function directPart(world: World, agent: AgentRecord, conversation: DirectConversation): KindOfContext {
  const other = counterpartOf(conversation, agent.handle);
  const contact = other === undefined ? undefined : world.contacts.get(agent.handle, other.handle);
  const { messages, thread } = conversation;
  return {
    group: null,
    counterparty:
      other === undefined
        ? null
        : { handle: other.handle, display_name: other.displayName, avatar_url: other.avatarUrl },
    relationship: {
      is_contact: contact !== undefined,
      added_at: contact?.addedAt ?? null,
      note: contact?.notes ?? null,
    },
    direct_state: {
      state: thread.kind,
      initiated_by_self: messages[0]?.message.sender === agent.handle,
      last_message_at: messages.at(-1)?.message.created_at ?? null,
    },
  };
}

/** The newest message that the member can see. */
function lastVisible(membership: Membership): StoredMessage | undefined {
  return membership.conversation.messages.findLast((stored) => isVisibleTo(membership, stored));
}
