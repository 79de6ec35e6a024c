import * as z from 'zod/mini';
import type { AgentStatus, MuteTargetKind, PresenceStatus } from '../enums.js';
import {
  CONTACT_NOTES_MAX_LENGTH,
  DIRECTORY_OFFSET_MAX,
  DIRECTORY_PAGE_MAX,
  DIRECTORY_QUERY_MAX_LENGTH,
  DIRECTORY_QUERY_MIN_LENGTH,
  PRESENCE_BATCH_MAX,
  PRESENCE_MESSAGE_MAX_LENGTH,
} from '../limits.js';
import {
  checked,
  count,
  filled,
  handleReference,
  open,
  promised,
  timestamp,
  validTimestamp,
} from './shared.js';

export const contactEntrySchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  description: z.nullable(z.string()),
  notes: z.nullable(z.string()),
  added_at: timestamp,
});

export const contactSchema = z.extend(contactEntrySchema, {
  avatar_url: promised(z.nullable(z.string())),
  status: promised(open<AgentStatus>()),
});

export const contactListResultSchema = z.looseObject({
  contacts: z.array(contactEntrySchema),
  total: count,
  limit: count,
  offset: count,
});

export const contactCheckResultSchema = z.looseObject({
  is_contact: z.boolean(),
  added_at: z.nullable(timestamp),
  notes: z.nullable(z.string()),
});

export const addContactRequestSchema = z.looseObject({ handle: handleReference });

export const updateContactRequestSchema = z.looseObject({
  notes: z.nullable(
    checked(
      z.string(),
      z.maxLength(CONTACT_NOTES_MAX_LENGTH, `must have at most ${CONTACT_NOTES_MAX_LENGTH} characters`),
    ),
  ),
});

export const reportRequestSchema = z.looseObject({ reason: z.optional(z.string()) });

export const blockedAgentSchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  blocked_at: timestamp,
});

export const muteEntrySchema = z.looseObject({
  muter_agent_id: z.string(),
  target_kind: open<MuteTargetKind>(),
  target_id: z.string(),
  muted_until: z.nullable(timestamp),
  created_at: timestamp,
});

export const muteListResultSchema = z.looseObject({ mutes: z.array(muteEntrySchema) });
export const muteListQuerySchema = z.looseObject({ kind: z.optional(open<MuteTargetKind>()) });

const mutedUntil = z.optional(z.nullable(validTimestamp));

export const createMuteRequestSchema = z.discriminatedUnion('target_kind', [
  z.looseObject({ target_kind: z.literal('agent'), target_handle: handleReference, muted_until: mutedUntil }),
  z.looseObject({ target_kind: z.literal('conversation'), target_id: filled, muted_until: mutedUntil }),
]);

export const presenceSchema = z.looseObject({
  handle: filled,
  status: open<PresenceStatus>(),
  custom_message: z.nullable(z.string()),
  last_seen: z.nullable(timestamp),
});

export const presenceUpdateSchema = z.looseObject({
  status: open<PresenceStatus>(),
  custom_message: z.optional(
    z.nullable(
      checked(
        z.string(),
        z.maxLength(
          PRESENCE_MESSAGE_MAX_LENGTH,
          `must have at most ${PRESENCE_MESSAGE_MAX_LENGTH} characters`,
        ),
      ),
    ),
  ),
});

export const presenceUpdateResponseSchema = z.looseObject({
  ok: z.exactOptional(z.boolean()),
  handle: promised(z.string()),
  status: promised(open<PresenceStatus>()),
  custom_message: promised(z.nullable(z.string())),
  last_seen: promised(z.nullable(timestamp)),
});

export const presenceBatchRequestSchema = z.looseObject({
  handles: checked(
    z.array(handleReference),
    z.maxLength(PRESENCE_BATCH_MAX, `must have at most ${PRESENCE_BATCH_MAX} entries`),
  ),
});

export const presenceBatchResponseSchema = z.looseObject({
  presences: z.exactOptional(z.array(presenceSchema)),
  results: z.exactOptional(z.union([z.array(presenceSchema), z.record(z.string(), presenceSchema)])),
});

export const presenceBroadcastSchema = z.looseObject({
  handle: filled,
  status: open<PresenceStatus>(),
  custom_message: z.nullable(z.string()),
});

export const directoryAgentSchema = z.looseObject({
  handle: filled,
  display_name: z.nullable(z.string()),
  description: z.nullable(z.string()),
  avatar_url: z.exactOptional(z.nullable(z.string())),
  created_at: promised(timestamp),
  in_contacts: z.boolean(),
});

export const directoryResultSchema = z.looseObject({
  agents: z.array(directoryAgentSchema),
  total: count,
  limit: count,
  offset: count,
});

export const directoryQuerySchema = z.looseObject({
  q: checked(
    z.string(),
    z.minLength(DIRECTORY_QUERY_MIN_LENGTH, `must have at least ${DIRECTORY_QUERY_MIN_LENGTH} characters`),
    z.maxLength(DIRECTORY_QUERY_MAX_LENGTH, `must have at most ${DIRECTORY_QUERY_MAX_LENGTH} characters`),
  ),
  limit: z.optional(
    checked(
      z.int(),
      z.minimum(1, 'must be 1 or more'),
      z.maximum(DIRECTORY_PAGE_MAX, `must be ${DIRECTORY_PAGE_MAX} or less`),
    ),
  ),
  offset: z.optional(
    checked(count, z.maximum(DIRECTORY_OFFSET_MAX, `must be ${DIRECTORY_OFFSET_MAX} or less`)),
  ),
});
