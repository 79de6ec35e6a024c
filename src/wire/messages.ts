import type { ConversationType, MessageStatus, MessageType, SenderKind } from './enums.js';

/** What a message says. At least one field is present. */
export interface MessageContent {
  text?: string | undefined;
  /** Opaque to the platform. */
  data?: Record<string, unknown> | undefined;
  attachment_id?: string | undefined;
}

/** What the platform itself says about a message. Unlike `metadata`, the sender cannot forge it. */
export interface MessageContext {
  sender: {
    handle: string;
    display_name: string | null;
    kind: SenderKind;
  };
  conversation: {
    type: ConversationType;
    group_name: string | null;
    member_count: number | null;
  };
  /** The handles that the text @-mentions. Test this for your own handle rather than searching the text. */
  mentions: string[];
}

/** One message of a conversation. */
export interface Message {
  /** Stays the same over every redelivery. */
  id: string;
  /** `grp_...` is a group, everything else a direct conversation. */
  conversation_id: string;
  /** The bare handle of who wrote it. */
  sender: string;
  /** The sender's idempotency key. */
  client_msg_id: string;
  /** Rises within the conversation. Some system messages have none: ask {@link hasSequence}. */
  seq: number;
  type: MessageType;
  content: MessageContent;
  /** Written by the sender: do not trust it. */
  metadata: Record<string, unknown>;
  context?: MessageContext;
  /** Left out of fresh pushes and of the sender's own copy. */
  status: MessageStatus;
  /** ISO 8601. */
  created_at: string;
  /** ISO 8601. Left out as `status` is. */
  delivered_at: string | null;
  /** ISO 8601. Left out as `status` is. */
  read_at: string | null;
  /** A delivery cursor, on rows of `sync` and on some of the backlog. Its order means nothing. */
  delivery_id?: string | null;
  /** In the answer to a group send: the members whose inbox is full. What an entry holds is not documented. */
  skipped_recipients?: unknown[];
}

/** What `POST /v1/messages` takes. Exactly one of `to` and `conversation_id`. */
export interface SendMessageRequest {
  /** The recipient's handle. Direct messages are always addressed this way. */
  to?: string | undefined;
  /** A group (`grp_...`). The service refuses `conv_...` here. */
  conversation_id?: string | undefined;
  /** 1 to 128 characters, unique per sender: sending it again returns the first message and delivers nothing. */
  client_msg_id: string;
  /** Default `text`. */
  type?: MessageType | undefined;
  content: MessageContent;
  metadata?: Record<string, unknown> | undefined;
}

/** At most one of the three cursors. Without one: the latest messages, newest first. */
export interface HistoryQuery {
  /** 1 to 200, default 50. */
  limit?: number | undefined;
  /** Messages below this seq, newest first. */
  before_seq?: number | undefined;
  /** Messages above this seq, oldest first. */
  after_seq?: number | undefined;
  /** The window that ends at exactly this message. */
  around_message_id?: string | undefined;
}

/** The answer to a read receipt. Servers fill it in different ways; nothing depends on it. */
export interface MarkAsReadResponse {
  ok: true;
}

/** A sentence for people, and nothing else. */
export interface TextResponse {
  message: string;
}

/** Done; there is nothing to tell. */
export interface OkResponse {
  ok: true;
}
