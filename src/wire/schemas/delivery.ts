import * as v from 'valibot';
import { SYNC_PAGE_MAX } from '../limits.js';
import { count, fields, filled, later, number, object, pageSize } from './shared.js';

export const syncEnvelopeSchema = later(() =>
  object({
    id: filled(),
    conversation_id: filled(),
    delivery_id: v.nullable(v.string()),
    sender: v.exactOptional(v.string()),
    sender_handle: v.exactOptional(v.string()),
    type: v.exactOptional(v.string()),
    content: v.exactOptional(fields()),
    created_at: v.exactOptional(v.string()),
    seq: v.exactOptional(count()),
  }),
);
export const syncPageSchema = later(() => v.array(syncEnvelopeSchema()));

export const syncQuerySchema = later(() =>
  object({
    limit: v.optional(pageSize(SYNC_PAGE_MAX)),
    after: v.optional(filled()),
  }),
);

export const syncAckRequestSchema = later(() => object({ last_delivery_id: filled() }));
export const syncAckResponseSchema = later(() => object({ acked: count() }));

export const replyActiveRequestSchema = later(() =>
  object({
    session_id: v.optional(v.string()),
    ttl_seconds: v.optional(v.pipe(number(), v.minValue(0, 'must be 0 or more'))),
  }),
);
export const replyActiveResponseSchema = later(() => object({ active: v.boolean() }));
export const clearReplyActiveRequestSchema = later(() => object({ session_id: v.optional(v.string()) }));

export const claimReplyRequestSchema = later(() =>
  object({
    message_id: filled(),
    holder: filled(),
    defer_if_active: v.optional(v.boolean()),
  }),
);
export const claimReplyResponseSchema = later(() =>
  object({
    claimed: v.boolean(),
    deferred: v.exactOptional(v.boolean()),
  }),
);

export const claimReplyBatchRequestSchema = later(() =>
  object({
    message_ids: v.array(filled()),
    holder: filled(),
    defer_if_active: v.optional(v.boolean()),
  }),
);
export const claimReplyBatchResponseSchema = later(() =>
  object({
    claimed_count: count(),
    deferred: v.exactOptional(v.boolean()),
  }),
);
