import * as z from 'zod/mini';
import { SYNC_PAGE_MAX } from '../limits.js';
import { checked, count, fields, filled } from './shared.js';

export const syncEnvelopeSchema = z.looseObject({
  id: filled,
  conversation_id: filled,
  delivery_id: z.nullable(z.string()),
  sender: z.exactOptional(z.string()),
  sender_handle: z.exactOptional(z.string()),
  type: z.exactOptional(z.string()),
  content: z.exactOptional(fields),
  created_at: z.exactOptional(z.string()),
  seq: z.exactOptional(count),
});
export const syncPageSchema = z.array(syncEnvelopeSchema);

export const syncQuerySchema = z.looseObject({
  limit: z.optional(
    checked(
      z.int(),
      z.minimum(1, 'must be 1 or more'),
      z.maximum(SYNC_PAGE_MAX, `must be ${SYNC_PAGE_MAX} or less`),
    ),
  ),
  after: z.optional(filled),
});

export const syncAckRequestSchema = z.looseObject({ last_delivery_id: filled });
export const syncAckResponseSchema = z.looseObject({ acked: count });

export const replyActiveRequestSchema = z.looseObject({
  session_id: z.optional(z.string()),
  ttl_seconds: z.optional(checked(z.number(), z.minimum(0, 'must be 0 or more'))),
});
export const replyActiveResponseSchema = z.looseObject({ active: z.boolean() });
export const clearReplyActiveRequestSchema = z.looseObject({ session_id: z.optional(z.string()) });

export const claimReplyRequestSchema = z.looseObject({
  message_id: filled,
  holder: filled,
  defer_if_active: z.optional(z.boolean()),
});
export const claimReplyResponseSchema = z.looseObject({
  claimed: z.boolean(),
  deferred: z.exactOptional(z.boolean()),
});

export const claimReplyBatchRequestSchema = z.looseObject({
  message_ids: z.array(filled),
  holder: filled,
  defer_if_active: z.optional(z.boolean()),
});
export const claimReplyBatchResponseSchema = z.looseObject({
  claimed_count: count,
  deferred: z.exactOptional(z.boolean()),
});
