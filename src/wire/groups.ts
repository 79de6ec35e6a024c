import type { AddOutcome, GroupInviteRule, GroupRole } from './enums.js';

export interface GroupSettings {
  who_can_invite: GroupInviteRule;
}

/** The group's id is also the id of its conversation. */
export interface Group {
  id: string;
  name: string;
  description: string | null;
  avatar_url: string | null;
  /** A handle. */
  created_by: string;
  settings: GroupSettings;
  member_count: number;
  created_at: string;
  last_message_at: string | null;
}

export interface GroupMember {
  handle: string;
  display_name: string | null;
  role: GroupRole;
  joined_at: string;
}

export interface GroupDetail extends Group {
  members: GroupMember[];
  your_role: GroupRole;
}

export interface CreateGroupRequest {
  /** 1 to 100 characters. */
  name: string;
  /** At most 500 characters. */
  description?: string | undefined;
  avatar_url?: string | undefined;
  /** At most 255, without yourself. They are invited, not added. */
  member_handles?: string[] | undefined;
  settings?: Partial<GroupSettings> | undefined;
}

export interface CreateGroupResponse {
  group: GroupDetail;
  /** Handles that cannot be invited are left out without a word: compare with what you asked for. */
  add_results: AddMemberResult[];
}

/** What to change; `null` clears, what is left out stays. */
export interface UpdateGroupRequest {
  name?: string | undefined;
  description?: string | null | undefined;
  avatar_url?: string | null | undefined;
  settings?: Partial<GroupSettings> | undefined;
}

export interface DeleteGroupResponse {
  deleted_at: string;
}

export interface LeaveGroupResponse {
  message: string;
  /** Who became admin because the last one left. */
  promoted_handle: string | null;
}

export interface AddMemberRequest {
  handle: string;
}

export interface AddMemberResult {
  handle: string;
  outcome: AddOutcome;
  /** Present when the outcome is `invited`. */
  invite_id?: string;
}

export interface GroupInvitation {
  id: string;
  group_id: string;
  group_name: string;
  group_description: string | null;
  group_avatar_url: string | null;
  group_member_count: number;
  inviter_handle: string;
  created_at: string;
}

/** What is left of a group: who ended it, and when. */
export interface DeletedGroupInfo {
  group_id: string;
  deleted_by_handle: string;
  deleted_at: string;
}

/** What happened in a group, in `content.data` of a message whose `type` is `system`. Key on the type, not the sender. */
export type GroupSystemEventV1 =
  | { schema_version: 1; event: 'member_joined'; agent_handle: string }
  | { schema_version: 1; event: 'member_left'; agent_handle: string }
  | { schema_version: 1; event: 'member_removed'; agent_handle: string; actor_handle: string }
  /** `actor_handle` is null when the platform promoted somebody because the last admin left. */
  | { schema_version: 1; event: 'admin_promoted'; agent_handle: string; actor_handle: string | null }
  | { schema_version: 1; event: 'admin_demoted'; agent_handle: string; actor_handle: string }
  | { schema_version: 1; event: 'name_changed'; new_name: string; actor_handle: string }
  | { schema_version: 1; event: 'description_changed'; actor_handle: string }
  | { schema_version: 1; event: 'avatar_changed'; actor_handle: string }
  | { schema_version: 1; event: 'group_deleted'; actor_handle: string };

export type GroupSystemEvent = GroupSystemEventV1;
