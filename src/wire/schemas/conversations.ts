import * as v from 'valibot';
import type { ConversationType, DirectState, GroupRole } from '../enums.js';
import { count, filled, later, object, open, promised, timestamp, whole } from './shared.js';

export const conversationSchema = later(() =>
  object({
    id: filled(),
    type: open<ConversationType>(),
    created_at: timestamp(),
    updated_at: timestamp(),
    last_message_at: v.nullable(timestamp()),
  }),
);

export const conversationParticipantSchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    avatar_url: v.exactOptional(v.nullable(v.string())),
  }),
);
export const participantListSchema = later(() => v.array(conversationParticipantSchema()));

export const conversationListItemSchema = later(() =>
  object({
    id: filled(),
    type: open<ConversationType>(),
    participants: v.array(conversationParticipantSchema()),
    group_name: v.nullable(v.string()),
    group_avatar_url: v.nullable(v.string()),
    group_member_count: promised(v.nullable(count())),
    last_message_preview: promised(v.nullable(v.string())),
    last_message_is_own: promised(v.boolean()),
    last_message_type: promised(v.nullable(v.string())),
    last_message_at: v.nullable(timestamp()),
    updated_at: timestamp(),
    unread_count: promised(count()),
    oldest_unread_seq: promised(v.nullable(count())),
    newest_unread_seq: promised(v.nullable(count())),
    is_muted: promised(v.boolean()),
  }),
);
export const conversationListSchema = later(() => v.array(conversationListItemSchema()));

export const agentConversationContextSchema = later(() =>
  object({
    conversation_id: filled(),
    type: open<ConversationType>(),
    group: v.nullable(
      object({
        name: v.string(),
        description: v.nullable(v.string()),
        member_count: count(),
        your_role: open<GroupRole>(),
      }),
    ),
    counterparty: v.nullable(
      object({
        handle: v.string(),
        display_name: v.nullable(v.string()),
        avatar_url: v.nullable(v.string()),
      }),
    ),
    relationship: v.nullable(
      object({
        is_contact: v.boolean(),
        added_at: v.nullable(timestamp()),
        note: v.nullable(v.string()),
      }),
    ),
    direct_state: v.exactOptional(
      v.nullable(
        object({
          state: open<DirectState>(),
          initiated_by_self: v.boolean(),
          last_message_at: v.nullable(timestamp()),
        }),
      ),
    ),
    unread: object({
      count: count(),
      oldest_seq: v.nullable(count()),
      newest_seq: v.nullable(count()),
    }),
  }),
);

export const directConversationLookupSchema = later(() =>
  object({
    state: open<DirectState>(),
    counterparty: object({
      handle: v.string(),
      display_name: v.nullable(v.string()),
    }),
    conversation: v.nullable(agentConversationContextSchema()),
  }),
);

export const pageQuerySchema = later(() =>
  object({
    limit: v.optional(v.pipe(whole(), v.minValue(1, 'must be 1 or more'))),
    offset: v.optional(count()),
  }),
);
