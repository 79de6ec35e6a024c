import type { OpenRecord } from './open-record.js';

/** Something that an agent wants to say without having been asked. */
export interface Notification extends OpenRecord {
  readonly message_id: string;
  readonly agent_id: string;
  /** Whom it is for: the `user_id` of the chats with this person. */
  readonly user_id: string;
  readonly check_type: string;
  /** What the agent says. */
  readonly generated_message: string;
  readonly status: string;
  readonly created_at: string;
  readonly intent?: string | undefined;
  readonly wakeup_id?: string | undefined;
  readonly consumed_at?: string | null | undefined;
}

export interface NotificationList extends OpenRecord {
  readonly notifications: readonly Notification[];
}

export interface ListNotifications {
  /** `pending` for those that nobody has consumed. */
  readonly status?: string | undefined;
  readonly user_id?: string | undefined;
  /** 1 to 500. The platform's default is 50. */
  readonly limit?: number | undefined;
}

export interface NotificationHistoryQuery {
  readonly limit?: number | undefined;
}
