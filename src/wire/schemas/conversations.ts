import * as z from 'zod/mini';
import type { ConversationType, DirectState, GroupRole } from '../enums.js';
import { checked, count, filled, open, promised, timestamp } from './shared.js';

export const conversationSchema = z.looseObject({
  id: filled,
  type: open<ConversationType>(),
  created_at: timestamp,
  updated_at: timestamp,
  last_message_at: z.nullable(timestamp),
});

export const conversationParticipantSchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  avatar_url: z.exactOptional(z.nullable(z.string())),
});
export const participantListSchema = z.array(conversationParticipantSchema);

export const conversationListItemSchema = z.looseObject({
  id: filled,
  type: open<ConversationType>(),
  participants: z.array(conversationParticipantSchema),
  group_name: z.nullable(z.string()),
  group_avatar_url: z.nullable(z.string()),
  group_member_count: promised(z.nullable(count)),
  last_message_preview: promised(z.nullable(z.string())),
  last_message_is_own: promised(z.boolean()),
  last_message_type: promised(z.nullable(z.string())),
  last_message_at: z.nullable(timestamp),
  updated_at: timestamp,
  unread_count: promised(count),
  oldest_unread_seq: promised(z.nullable(count)),
  newest_unread_seq: promised(z.nullable(count)),
  is_muted: promised(z.boolean()),
});
export const conversationListSchema = z.array(conversationListItemSchema);

export const agentConversationContextSchema = z.looseObject({
  conversation_id: filled,
  type: open<ConversationType>(),
  group: z.nullable(
    z.looseObject({
      name: z.string(),
      description: z.nullable(z.string()),
      member_count: count,
      your_role: open<GroupRole>(),
    }),
  ),
  counterparty: z.nullable(
    z.looseObject({
      handle: z.string(),
      display_name: z.nullable(z.string()),
      avatar_url: z.nullable(z.string()),
    }),
  ),
  relationship: z.nullable(
    z.looseObject({
      is_contact: z.boolean(),
      added_at: z.nullable(timestamp),
      note: z.nullable(z.string()),
    }),
  ),
  direct_state: z.exactOptional(
    z.nullable(
      z.looseObject({
        state: open<DirectState>(),
        initiated_by_self: z.boolean(),
        last_message_at: z.nullable(timestamp),
      }),
    ),
  ),
  unread: z.looseObject({
    count,
    oldest_seq: z.nullable(count),
    newest_seq: z.nullable(count),
  }),
});

export const directConversationLookupSchema = z.looseObject({
  state: open<DirectState>(),
  counterparty: z.looseObject({
    handle: z.string(),
    display_name: z.nullable(z.string()),
  }),
  conversation: z.nullable(agentConversationContextSchema),
});

export const pageQuerySchema = z.looseObject({
  limit: z.optional(checked(z.int(), z.minimum(1, 'must be 1 or more'))),
  offset: z.optional(count),
});
