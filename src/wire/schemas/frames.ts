import * as z from 'zod/mini';
import type { ServerEvent } from '../frames.js';
import { deletedGroupInfoSchema, groupInvitationSchema } from './groups.js';
import { messageSchema } from './messages.js';
import { presenceBroadcastSchema, presenceUpdateSchema } from './people.js';
import { count, filled, type Schema, timestamp } from './shared.js';

export const messageReadEventSchema = z.looseObject({
  conversation_id: filled,
  through_seq: count,
  reader: filled,
  at: z.exactOptional(timestamp),
});

export const typingEventSchema = z.looseObject({
  conversation_id: filled,
  sender: filled,
});

export const rateLimitWarningSchema = z.looseObject({
  endpoint: z.exactOptional(z.string()),
  limit: z.exactOptional(z.number()),
  remaining: z.exactOptional(z.number()),
  reset_at: z.exactOptional(timestamp),
  message: z.exactOptional(z.string()),
});

/** What the payload of each known event looks like. Look up with `Object.hasOwn`: events of newer servers are absent. */
export const eventSchemas: Readonly<Record<ServerEvent, Schema>> = {
  'message.new': messageSchema,
  'message.read': messageReadEventSchema,
  'presence.update': presenceBroadcastSchema,
  'typing.start': typingEventSchema,
  'typing.stop': typingEventSchema,
  'rate_limit.warning': rateLimitWarningSchema,
  'group.invite.received': groupInvitationSchema,
  'group.deleted': deletedGroupInfoSchema,
};

export const helloFrameSchema = z.looseObject({
  type: z.literal('hello'),
  api_key: filled,
  capabilities: z.exactOptional(z.array(z.string())),
  client: z.exactOptional(z.string()),
  client_version: z.exactOptional(z.string()),
});

export const helloOkFrameSchema = z.looseObject({
  type: z.literal('hello.ok'),
  capabilities: z.exactOptional(z.array(z.string())),
});

export const ackFrameSchema = z.looseObject({ type: z.literal('ack'), message_id: filled });

export const typingFrameSchema = z.looseObject({
  type: z.enum(['typing.start', 'typing.stop']),
  payload: z.looseObject({ conversation_id: filled }),
});

export const readAckFrameSchema = z.looseObject({
  type: z.literal('message.read_ack'),
  payload: z.looseObject({ conversation_id: filled, through_seq: count }),
});

export const presenceFrameSchema = z.looseObject({
  type: z.literal('presence.update'),
  payload: presenceUpdateSchema,
});
