import * as v from 'valibot';
import type { AddOutcome, GroupInviteRule, GroupRole } from '../enums.js';
import { GROUP_DESCRIPTION_MAX_LENGTH, GROUP_INITIAL_MEMBERS_MAX, GROUP_NAME_MAX_LENGTH } from '../limits.js';
import {
  count,
  extended,
  filled,
  handleReference,
  later,
  object,
  open,
  promised,
  timestamp,
} from './shared.js';

export const groupSettingsSchema = later(() => object({ who_can_invite: open<GroupInviteRule>() }));

export const groupSchema = later(() =>
  object({
    id: filled(),
    name: v.string(),
    description: v.nullable(v.string()),
    avatar_url: v.nullable(v.string()),
    created_by: v.string(),
    settings: groupSettingsSchema(),
    member_count: count(),
    created_at: timestamp(),
    last_message_at: v.nullable(timestamp()),
  }),
);

export const groupMemberSchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    role: open<GroupRole>(),
    joined_at: timestamp(),
  }),
);

export const groupDetailSchema = later(() =>
  extended(groupSchema(), {
    members: v.array(groupMemberSchema()),
    your_role: open<GroupRole>(),
  }),
);

const name = later(() =>
  v.pipe(
    filled(),
    v.maxLength(GROUP_NAME_MAX_LENGTH, `must have at most ${GROUP_NAME_MAX_LENGTH} characters`),
  ),
);
const description = later(() =>
  v.pipe(
    v.string(),
    v.maxLength(GROUP_DESCRIPTION_MAX_LENGTH, `must have at most ${GROUP_DESCRIPTION_MAX_LENGTH} characters`),
  ),
);
const settingsChange = later(() =>
  v.optional(object({ who_can_invite: v.exactOptional(open<GroupInviteRule>()) })),
);

export const createGroupRequestSchema = later(() =>
  object({
    name: name(),
    description: v.optional(description()),
    avatar_url: v.optional(v.string()),
    member_handles: v.optional(
      v.pipe(
        v.array(handleReference()),
        v.maxLength(GROUP_INITIAL_MEMBERS_MAX, `must have at most ${GROUP_INITIAL_MEMBERS_MAX} entries`),
      ),
    ),
    settings: settingsChange(),
  }),
);

export const addMemberRequestSchema = later(() => object({ handle: handleReference() }));

export const addMemberResultSchema = later(() =>
  object({
    handle: v.string(),
    outcome: open<AddOutcome>(),
    invite_id: v.exactOptional(v.string()),
  }),
);

export const createGroupResponseSchema = later(() =>
  object({
    group: groupDetailSchema(),
    add_results: v.array(addMemberResultSchema()),
  }),
);

export const updateGroupRequestSchema = later(() =>
  object({
    name: v.optional(name()),
    description: v.optional(v.nullable(description())),
    avatar_url: v.optional(v.nullable(v.string())),
    settings: settingsChange(),
  }),
);

export const deleteGroupResponseSchema = later(() => object({ deleted_at: timestamp() }));

export const leaveGroupResponseSchema = later(() =>
  object({
    message: v.string(),
    promoted_handle: v.nullable(v.string()),
  }),
);

export const groupInvitationSchema = later(() =>
  object({
    id: filled(),
    group_id: filled(),
    group_name: v.string(),
    group_description: promised(v.nullable(v.string())),
    group_avatar_url: promised(v.nullable(v.string())),
    group_member_count: count(),
    inviter_handle: v.string(),
    created_at: timestamp(),
  }),
);
export const groupInvitationListSchema = later(() => v.array(groupInvitationSchema()));

export const deletedGroupInfoSchema = later(() =>
  object({
    group_id: filled(),
    deleted_by_handle: v.string(),
    deleted_at: timestamp(),
  }),
);

const version = later(() => v.literal(1));

/** Of a version and an event that this client knows. Others are legal too: pass them through. */
export const groupSystemEventSchema = later(() =>
  v.variant('event', [
    v.looseObject({ schema_version: version(), event: v.literal('member_joined'), agent_handle: v.string() }),
    v.looseObject({ schema_version: version(), event: v.literal('member_left'), agent_handle: v.string() }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('member_removed'),
      agent_handle: v.string(),
      actor_handle: v.string(),
    }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('admin_promoted'),
      agent_handle: v.string(),
      actor_handle: v.nullable(v.string()),
    }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('admin_demoted'),
      agent_handle: v.string(),
      actor_handle: v.string(),
    }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('name_changed'),
      new_name: v.string(),
      actor_handle: v.string(),
    }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('description_changed'),
      actor_handle: v.string(),
    }),
    v.looseObject({
      schema_version: version(),
      event: v.literal('avatar_changed'),
      actor_handle: v.string(),
    }),
    v.looseObject({ schema_version: version(), event: v.literal('group_deleted'), actor_handle: v.string() }),
  ]),
);
