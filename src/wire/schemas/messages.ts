import * as z from 'zod/mini';
import type { ConversationType, MessageStatus, MessageType, SenderKind } from '../enums.js';
import { HISTORY_PAGE_MAX, MAX_CLIENT_MSG_ID_LENGTH } from '../limits.js';
import { checked, count, fields, filled, handleReference, open, promised, timestamp, yes } from './shared.js';

export const messageContentSchema = z.looseObject({
  text: z.optional(z.string()),
  data: z.optional(fields),
  attachment_id: z.optional(z.string()),
});

export const messageContextSchema = z.looseObject({
  sender: z.looseObject({
    handle: z.string(),
    display_name: z.nullable(z.string()),
    kind: open<SenderKind>(),
  }),
  conversation: z.looseObject({
    type: open<ConversationType>(),
    group_name: z.nullable(z.string()),
    member_count: z.nullable(count),
  }),
  mentions: z.array(z.string()),
});

/** A missing seq passes here and is refused below, unless the message is one of the system's. */
const sequence = promised(count);

export const messageSchema = checked(
  z.looseObject({
    id: filled,
    conversation_id: filled,
    sender: filled,
    client_msg_id: z.string(),
    seq: sequence,
    type: open<MessageType>(),
    content: messageContentSchema,
    metadata: fields,
    context: z.exactOptional(messageContextSchema),
    status: promised(open<MessageStatus>()),
    created_at: timestamp,
    delivered_at: promised(z.nullable(timestamp)),
    read_at: promised(z.nullable(timestamp)),
    delivery_id: z.exactOptional(z.nullable(z.string())),
    skipped_recipients: z.exactOptional(z.array(z.unknown())),
  }),
  z.refine((message) => message.type === 'system' || 'seq' in message, {
    path: ['seq'],
    error: 'must be there: only system messages may lack it',
  }),
);

export const messageListSchema = z.array(messageSchema);

export const sendMessageRequestSchema = checked(
  z.looseObject({
    to: z.optional(handleReference),
    conversation_id: z.optional(
      checked(
        filled,
        z.refine(
          (id) => !id.startsWith('conv_'),
          'must be a group: address direct messages by `to`, with a handle',
        ),
      ),
    ),
    client_msg_id: checked(
      filled,
      z.maxLength(MAX_CLIENT_MSG_ID_LENGTH, `must have at most ${MAX_CLIENT_MSG_ID_LENGTH} characters`),
    ),
    type: z.optional(
      checked(
        open<MessageType>(),
        z.refine((type) => type !== 'system', 'must not be `system`: only the platform sends those'),
      ),
    ),
    content: checked(
      messageContentSchema,
      z.refine(
        (content) =>
          (content.text !== undefined && content.text !== '') ||
          content.data !== undefined ||
          content.attachment_id !== undefined,
        'must have a `text` that is not empty, `data`, or an `attachment_id`',
      ),
    ),
    metadata: z.optional(fields),
  }),
  z.refine((request) => (request.to === undefined) !== (request.conversation_id === undefined), {
    path: ['to'],
    error: 'must be given, or `conversation_id` of a group instead, but not both',
  }),
);

export const historyQuerySchema = checked(
  z.looseObject({
    limit: z.optional(
      checked(
        z.int(),
        z.minimum(1, 'must be 1 or more'),
        z.maximum(HISTORY_PAGE_MAX, `must be ${HISTORY_PAGE_MAX} or less`),
      ),
    ),
    before_seq: z.optional(count),
    after_seq: z.optional(count),
    around_message_id: z.optional(filled),
  }),
  z.refine(
    ({ before_seq, after_seq, around_message_id }) =>
      [before_seq, after_seq, around_message_id].filter((cursor) => cursor !== undefined).length <= 1,
    {
      path: ['after_seq'],
      error: 'must be the only cursor: one of before_seq, after_seq and around_message_id',
    },
  ),
);

export const markAsReadResponseSchema = z.looseObject({ ok: promised(yes()) });
export const textResponseSchema = z.looseObject({ message: z.string() });
export const okResponseSchema = z.looseObject({ ok: yes() });
