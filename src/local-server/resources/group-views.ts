import type { GroupDetail, GroupMember } from '../../wire/index.js';
import type { GroupConversation, Membership } from '../state/records.js';

/** A group with its members, as one of them sees it. */
export function groupView(group: GroupConversation, viewer: Membership): GroupDetail {
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    avatar_url: group.avatarUrl,
    created_by: group.createdBy,
    settings: { who_can_invite: 'admin' },
    member_count: group.members.size,
    created_at: group.createdAt,
    last_message_at: group.messages.at(-1)?.message.created_at ?? null,
    members: [...group.members.values()].map(memberView),
    your_role: viewer.role,
  };
}

function memberView({ agent, role, joinedAt }: Membership): GroupMember {
  return { handle: agent.handle, display_name: agent.displayName, role, joined_at: joinedAt };
}
