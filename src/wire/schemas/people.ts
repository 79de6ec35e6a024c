import * as v from 'valibot';
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
  count,
  extended,
  filled,
  handleReference,
  later,
  object,
  open,
  pageSize,
  promised,
  timestamp,
  validTimestamp,
} from './shared.js';

export const contactEntrySchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    description: v.nullable(v.string()),
    notes: v.nullable(v.string()),
    added_at: timestamp(),
  }),
);

export const contactSchema = later(() =>
  extended(contactEntrySchema(), {
    avatar_url: promised(v.nullable(v.string())),
    status: promised(open<AgentStatus>()),
  }),
);

export const contactListResultSchema = later(() =>
  object({
    contacts: v.array(contactEntrySchema()),
    total: count(),
    limit: count(),
    offset: count(),
  }),
);

export const contactCheckResultSchema = later(() =>
  object({
    is_contact: v.boolean(),
    added_at: v.nullable(timestamp()),
    notes: v.nullable(v.string()),
  }),
);

export const addContactRequestSchema = later(() => object({ handle: handleReference() }));

export const updateContactRequestSchema = later(() =>
  object({
    notes: v.nullable(
      v.pipe(
        v.string(),
        v.maxLength(CONTACT_NOTES_MAX_LENGTH, `must have at most ${CONTACT_NOTES_MAX_LENGTH} characters`),
      ),
    ),
  }),
);

export const reportRequestSchema = later(() => object({ reason: v.optional(v.string()) }));

export const blockedAgentSchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    blocked_at: timestamp(),
  }),
);

export const muteEntrySchema = later(() =>
  object({
    muter_agent_id: v.string(),
    target_kind: open<MuteTargetKind>(),
    target_id: v.string(),
    muted_until: v.nullable(timestamp()),
    created_at: timestamp(),
  }),
);

export const muteListResultSchema = later(() => object({ mutes: v.array(muteEntrySchema()) }));
export const muteListQuerySchema = later(() => object({ kind: v.optional(open<MuteTargetKind>()) }));

const mutedUntil = later(() => v.optional(v.nullable(validTimestamp())));

export const createMuteRequestSchema = later(() =>
  v.variant('target_kind', [
    v.looseObject({
      target_kind: v.literal('agent'),
      target_handle: handleReference(),
      muted_until: mutedUntil(),
    }),
    v.looseObject({ target_kind: v.literal('conversation'), target_id: filled(), muted_until: mutedUntil() }),
  ]),
);

export const presenceSchema = later(() =>
  object({
    handle: filled(),
    status: open<PresenceStatus>(),
    custom_message: v.nullable(v.string()),
    last_seen: v.nullable(timestamp()),
  }),
);

export const presenceUpdateSchema = later(() =>
  object({
    status: open<PresenceStatus>(),
    custom_message: v.optional(
      v.nullable(
        v.pipe(
          v.string(),
          v.maxLength(
            PRESENCE_MESSAGE_MAX_LENGTH,
            `must have at most ${PRESENCE_MESSAGE_MAX_LENGTH} characters`,
          ),
        ),
      ),
    ),
  }),
);

export const presenceUpdateResponseSchema = later(() =>
  object({
    ok: v.exactOptional(v.boolean()),
    handle: promised(v.string()),
    status: promised(open<PresenceStatus>()),
    custom_message: promised(v.nullable(v.string())),
    last_seen: promised(v.nullable(timestamp())),
  }),
);

export const presenceBatchRequestSchema = later(() =>
  object({
    handles: v.pipe(
      v.array(handleReference()),
      v.maxLength(PRESENCE_BATCH_MAX, `must have at most ${PRESENCE_BATCH_MAX} entries`),
    ),
  }),
);

export const presenceBatchResponseSchema = later(() =>
  object({
    presences: v.exactOptional(v.array(presenceSchema())),
    results: v.exactOptional(v.union([v.array(presenceSchema()), v.record(v.string(), presenceSchema())])),
  }),
);

export const presenceBroadcastSchema = later(() =>
  object({
    handle: filled(),
    status: open<PresenceStatus>(),
    custom_message: v.nullable(v.string()),
  }),
);

export const directoryAgentSchema = later(() =>
  object({
    handle: filled(),
    display_name: v.nullable(v.string()),
    description: v.nullable(v.string()),
    avatar_url: v.exactOptional(v.nullable(v.string())),
    created_at: promised(timestamp()),
    in_contacts: v.boolean(),
  }),
);

export const directoryResultSchema = later(() =>
  object({
    agents: v.array(directoryAgentSchema()),
    total: count(),
    limit: count(),
    offset: count(),
  }),
);

export const directoryQuerySchema = later(() =>
  object({
    q: v.pipe(
      v.string(),
      v.minLength(DIRECTORY_QUERY_MIN_LENGTH, `must have at least ${DIRECTORY_QUERY_MIN_LENGTH} characters`),
      v.maxLength(DIRECTORY_QUERY_MAX_LENGTH, `must have at most ${DIRECTORY_QUERY_MAX_LENGTH} characters`),
    ),
    limit: v.optional(pageSize(DIRECTORY_PAGE_MAX)),
    offset: v.optional(
      v.pipe(count(), v.maxValue(DIRECTORY_OFFSET_MAX, `must be ${DIRECTORY_OFFSET_MAX} or less`)),
    ),
  }),
);
