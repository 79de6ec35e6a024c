import * as v from 'valibot';
import type { ServerEvent } from '../frames.js';
import { deletedGroupInfoSchema, groupInvitationSchema } from './groups.js';
import { messageSchema } from './messages.js';
import { presenceBroadcastSchema, presenceUpdateSchema } from './people.js';
import { count, filled, later, number, object, type Schema, timestamp } from './shared.js';

export const messageReadEventSchema = later(() =>
  object({
    conversation_id: filled(),
    through_seq: count(),
    reader: filled(),
    at: v.exactOptional(timestamp()),
  }),
);

export const typingEventSchema = later(() =>
  object({
    conversation_id: filled(),
    sender: filled(),
  }),
);

export const rateLimitWarningSchema = later(() =>
  object({
    endpoint: v.exactOptional(v.string()),
    limit: v.exactOptional(number()),
    remaining: v.exactOptional(number()),
    reset_at: v.exactOptional(timestamp()),
    message: v.exactOptional(v.string()),
  }),
);

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

export const helloFrameSchema = later(() =>
  object({
    type: v.literal('hello'),
    api_key: filled(),
    capabilities: v.exactOptional(v.array(v.string())),
    client: v.exactOptional(v.string()),
    client_version: v.exactOptional(v.string()),
  }),
);

export const helloOkFrameSchema = later(() =>
  object({
    type: v.literal('hello.ok'),
    capabilities: v.exactOptional(v.array(v.string())),
  }),
);

export const ackFrameSchema = later(() => object({ type: v.literal('ack'), message_id: filled() }));

export const typingFrameSchema = later(() =>
  object({
    type: v.picklist(['typing.start', 'typing.stop'], 'must be typing.start or typing.stop'),
    payload: object({ conversation_id: filled() }),
  }),
);

export const readAckFrameSchema = later(() =>
  object({
    type: v.literal('message.read_ack'),
    payload: object({ conversation_id: filled(), through_seq: count() }),
  }),
);

export const presenceFrameSchema = later(() =>
  object({
    type: v.literal('presence.update'),
    payload: presenceUpdateSchema(),
  }),
);
