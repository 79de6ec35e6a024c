import * as z from 'zod/mini';
import type { AddOutcome, GroupInviteRule, GroupRole } from '../enums.js';
import { GROUP_DESCRIPTION_MAX_LENGTH, GROUP_INITIAL_MEMBERS_MAX, GROUP_NAME_MAX_LENGTH } from '../limits.js';
import { checked, count, filled, handleReference, open, promised, timestamp } from './shared.js';

export const groupSettingsSchema = z.looseObject({ who_can_invite: open<GroupInviteRule>() });

export const groupSchema = z.looseObject({
  id: filled,
  name: z.string(),
  description: z.nullable(z.string()),
  avatar_url: z.nullable(z.string()),
  created_by: z.string(),
  settings: groupSettingsSchema,
  member_count: count,
  created_at: timestamp,
  last_message_at: z.nullable(timestamp),
});

export const groupMemberSchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  role: open<GroupRole>(),
  joined_at: timestamp,
});

export const groupDetailSchema = z.extend(groupSchema, {
  members: z.array(groupMemberSchema),
  your_role: open<GroupRole>(),
});

const name = checked(
  filled,
  z.maxLength(GROUP_NAME_MAX_LENGTH, `must have at most ${GROUP_NAME_MAX_LENGTH} characters`),
);
const description = checked(
  z.string(),
  z.maxLength(GROUP_DESCRIPTION_MAX_LENGTH, `must have at most ${GROUP_DESCRIPTION_MAX_LENGTH} characters`),
);
const settingsChange = z.optional(
  z.looseObject({ who_can_invite: z.exactOptional(open<GroupInviteRule>()) }),
);

export const createGroupRequestSchema = z.looseObject({
  name,
  description: z.optional(description),
  avatar_url: z.optional(z.string()),
  member_handles: z.optional(
    checked(
      z.array(handleReference),
      z.maxLength(GROUP_INITIAL_MEMBERS_MAX, `must have at most ${GROUP_INITIAL_MEMBERS_MAX} entries`),
    ),
  ),
  settings: settingsChange,
});

export const addMemberRequestSchema = z.looseObject({ handle: handleReference });

export const addMemberResultSchema = z.looseObject({
  handle: z.string(),
  outcome: open<AddOutcome>(),
  invite_id: z.exactOptional(z.string()),
});

export const createGroupResponseSchema = z.looseObject({
  group: groupDetailSchema,
  add_results: z.array(addMemberResultSchema),
});

export const updateGroupRequestSchema = z.looseObject({
  name: z.optional(name),
  description: z.optional(z.nullable(description)),
  avatar_url: z.optional(z.nullable(z.string())),
  settings: settingsChange,
});

export const deleteGroupResponseSchema = z.looseObject({ deleted_at: timestamp });

export const leaveGroupResponseSchema = z.looseObject({
  message: z.string(),
  promoted_handle: z.nullable(z.string()),
});

export const groupInvitationSchema = z.looseObject({
  id: filled,
  group_id: filled,
  group_name: z.string(),
  group_description: promised(z.nullable(z.string())),
  group_avatar_url: promised(z.nullable(z.string())),
  group_member_count: count,
  inviter_handle: z.string(),
  created_at: timestamp,
});
export const groupInvitationListSchema = z.array(groupInvitationSchema);

export const deletedGroupInfoSchema = z.looseObject({
  group_id: filled,
  deleted_by_handle: z.string(),
  deleted_at: timestamp,
});

const version = z.literal(1);

/** Of a version and an event that this client knows. Others are legal too: pass them through. */
export const groupSystemEventSchema = z.discriminatedUnion('event', [
  z.looseObject({ schema_version: version, event: z.literal('member_joined'), agent_handle: z.string() }),
  z.looseObject({ schema_version: version, event: z.literal('member_left'), agent_handle: z.string() }),
  z.looseObject({
    schema_version: version,
    event: z.literal('member_removed'),
    agent_handle: z.string(),
    actor_handle: z.string(),
  }),
  z.looseObject({
    schema_version: version,
    event: z.literal('admin_promoted'),
    agent_handle: z.string(),
    actor_handle: z.nullable(z.string()),
  }),
  z.looseObject({
    schema_version: version,
    event: z.literal('admin_demoted'),
    agent_handle: z.string(),
    actor_handle: z.string(),
  }),
  z.looseObject({
    schema_version: version,
    event: z.literal('name_changed'),
    new_name: z.string(),
    actor_handle: z.string(),
  }),
  z.looseObject({
    schema_version: version,
    event: z.literal('description_changed'),
    actor_handle: z.string(),
  }),
  z.looseObject({ schema_version: version, event: z.literal('avatar_changed'), actor_handle: z.string() }),
  z.looseObject({ schema_version: version, event: z.literal('group_deleted'), actor_handle: z.string() }),
]);
