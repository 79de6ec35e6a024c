import * as v from 'valibot';
import type { ConversationType, MessageStatus, MessageType, SenderKind } from '../enums.js';
import { HISTORY_PAGE_MAX, MAX_CLIENT_MSG_ID_LENGTH } from '../limits.js';
import {
  count,
  fields,
  filled,
  handleReference,
  later,
  object,
  open,
  pageSize,
  promised,
  timestamp,
  yes,
} from './shared.js';

export const messageContentSchema = later(() =>
  object({
    text: v.optional(v.string()),
    data: v.optional(fields()),
    attachment_id: v.optional(v.string()),
  }),
);

export const messageContextSchema = later(() =>
  object({
    sender: object({
      handle: v.string(),
      display_name: v.nullable(v.string()),
      kind: open<SenderKind>(),
    }),
    conversation: object({
      type: open<ConversationType>(),
      group_name: v.nullable(v.string()),
      member_count: v.nullable(count()),
    }),
    mentions: v.array(v.string()),
  }),
);

/** A missing seq passes here and is refused below, unless the message is one of the system's. */
const sequence = later(() => promised(count()));

export const messageSchema = later(() =>
  v.pipe(
    object({
      id: filled(),
      conversation_id: filled(),
      sender: filled(),
      client_msg_id: v.string(),
      seq: sequence(),
      type: open<MessageType>(),
      content: messageContentSchema(),
      metadata: fields(),
      context: v.exactOptional(messageContextSchema()),
      status: promised(open<MessageStatus>()),
      created_at: timestamp(),
      delivered_at: promised(v.nullable(timestamp())),
      read_at: promised(v.nullable(timestamp())),
      delivery_id: v.exactOptional(v.nullable(v.string())),
      skipped_recipients: v.exactOptional(v.array(v.unknown())),
    }),
    v.forward(
      v.check(
        (message) => message.type === 'system' || 'seq' in message,
        'must be there: only system messages may lack it',
      ),
      ['seq'],
    ),
  ),
);

export const messageListSchema = later(() => v.array(messageSchema()));

export const sendMessageRequestSchema = later(() =>
  v.pipe(
    object({
      to: v.optional(handleReference()),
      conversation_id: v.optional(
        v.pipe(
          filled(),
          v.check(
            (id) => !id.startsWith('conv_'),
            'must be a group: address direct messages by `to`, with a handle',
          ),
        ),
      ),
      client_msg_id: v.pipe(
        filled(),
        v.maxLength(MAX_CLIENT_MSG_ID_LENGTH, `must have at most ${MAX_CLIENT_MSG_ID_LENGTH} characters`),
      ),
      type: v.optional(
        v.pipe(
          open<MessageType>(),
          v.check((type) => type !== 'system', 'must not be `system`: only the platform sends those'),
        ),
      ),
      content: v.pipe(
        messageContentSchema(),
        v.check(
          (content) =>
            (content.text !== undefined && content.text !== '') ||
            content.data !== undefined ||
            content.attachment_id !== undefined,
          'must have a `text` that is not empty, `data`, or an `attachment_id`',
        ),
      ),
      metadata: v.optional(fields()),
    }),
    v.forward(
      v.check(
        (request) => (request.to === undefined) !== (request.conversation_id === undefined),
        'must be given, or `conversation_id` of a group instead, but not both',
      ),
      ['to'],
    ),
  ),
);

export const historyQuerySchema = later(() =>
  v.pipe(
    object({
      limit: v.optional(pageSize(HISTORY_PAGE_MAX)),
      before_seq: v.optional(count()),
      after_seq: v.optional(count()),
      around_message_id: v.optional(filled()),
    }),
    v.forward(
      v.check(
        ({ before_seq, after_seq, around_message_id }) =>
          [before_seq, after_seq, around_message_id].filter((cursor) => cursor !== undefined).length <= 1,
        'must be the only cursor: one of before_seq, after_seq and around_message_id',
      ),
      ['after_seq'],
    ),
  ),
);

export const markAsReadResponseSchema = later(() => object({ ok: promised(yes()) }));
export const textResponseSchema = later(() => object({ message: v.string() }));
export const okResponseSchema = later(() => object({ ok: yes() }));
