import type { WebhookEvent } from './enums.js';
import type { Extensible } from './extensible.js';
import type { MessageReadEvent } from './frames.js';
import type { DeletedGroupInfo, GroupInvitation } from './groups.js';
import type { Message } from './messages.js';
import type { PresenceBroadcast } from './presence.js';

export interface WebhookConfig {
  id: string;
  url: string;
  events: WebhookEvent[];
  active: boolean;
  created_at: string;
  /** Only in the answer to the creation, and only from servers that issue secrets. */
  secret?: string;
}

export interface CreateWebhookRequest {
  url: string;
  events: WebhookEvent[];
  secret?: string | undefined;
}

export interface WebhookListResult {
  webhooks: WebhookConfig[];
}

/** The body of a delivery, before anything is known of its event. */
export interface WebhookDelivery {
  event: WebhookEvent;
  /** ISO 8601. */
  timestamp: string;
  data: Record<string, unknown>;
}

/** What each webhook event carries in its `data`. The service may send events that are not listed here. */
export interface WebhookEventMap {
  'message.new': Message;
  'message.read': MessageReadEvent;
  'presence.update': PresenceBroadcast;
  'contact.blocked': Record<string, unknown>;
  'group.invite.received': GroupInvitation;
  'group.deleted': DeletedGroupInfo;
}

/** A delivery of one of the events that the service is known to send. */
export type KnownWebhookPayload = {
  [Event in keyof WebhookEventMap]: {
    event: Event;
    /** ISO 8601. */
    timestamp: string;
    data: Extensible<WebhookEventMap[Event]>;
  };
}[keyof WebhookEventMap];

/** Only for the compiler, to which nothing else that a string can be is told apart from the known names. */
declare enum AnyOtherName {
  name = '',
}

/** The name of an event that this version does not know. Compare it as a string: `String(hook.event) === '...'`. */
export type UnknownWebhookEvent = AnyOtherName;

/** A delivery of an event that came after this version. */
export interface UnknownWebhookPayload {
  event: UnknownWebhookEvent;
  timestamp: string;
  data: Record<string, unknown>;
}

/**
 * The body of a delivery. Comparing `event` with a name tells the type of `data`; what falls through to `default` is an
 * event of a newer service.
 */
export type WebhookPayload = KnownWebhookPayload | UnknownWebhookPayload;
