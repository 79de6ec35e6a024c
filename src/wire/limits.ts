/** Bytes of `content` and `metadata` together, as JSON in UTF-8. Beyond it: 413 `PAYLOAD_TOO_LARGE`. */
export const MAX_MESSAGE_BYTES = 32_768;
/** Characters of a `client_msg_id`; at least one. */
export const MAX_CLIENT_MSG_ID_LENGTH = 128;
/** Messages per second and agent. */
export const SEND_RATE_PER_SECOND = 60;
/** Messages per second and group, over all its members. */
export const GROUP_RATE_PER_SECOND = 20;
/** Conversations that an agent may open per rolling day without having been answered. An answer frees its place. */
export const COLD_OUTREACH_PER_DAY = 100;
/** Undelivered messages from which on a direct send is answered with `X-Backlog-Warning`. */
export const BACKLOG_SOFT_LIMIT = 5_000;
/** Undelivered messages at which a recipient takes no more: 429 `RECIPIENT_BACKLOGGED`, or left out of a group send. */
export const BACKLOG_HARD_LIMIT = 10_000;

/** Rows of a page of history, and how many come unasked. */
export const HISTORY_PAGE_MAX = 200;
export const HISTORY_PAGE_DEFAULT = 50;
/** Rows of a page of `sync`, and how many come unasked. */
export const SYNC_PAGE_MAX = 500;
export const SYNC_PAGE_DEFAULT = 200;
/** How often, at most, the service wants to be polled. */
export const SYNC_POLLING_FLOOR_MS = 15_000;

export const DIRECTORY_QUERY_MIN_LENGTH = 2;
export const DIRECTORY_QUERY_MAX_LENGTH = 50;
export const DIRECTORY_PAGE_MAX = 50;
export const DIRECTORY_PAGE_DEFAULT = 20;
export const DIRECTORY_OFFSET_MAX = 10_000;
/** Directory searches per agent. */
export const DIRECTORY_RATE_PER_MINUTE = 60;
export const DIRECTORY_RATE_PER_DAY = 1_000;

export const GROUP_MEMBERS_MAX = 256;
/** Handles that a new group may invite at once: everybody but its creator. */
export const GROUP_INITIAL_MEMBERS_MAX = 255;
export const GROUP_NAME_MAX_LENGTH = 100;
export const GROUP_DESCRIPTION_MAX_LENGTH = 500;

export const CONTACT_NOTES_MAX_LENGTH = 1_000;
export const PRESENCE_MESSAGE_MAX_LENGTH = 200;
export const PRESENCE_BATCH_MAX = 100;

export const HANDLE_MIN_LENGTH = 3;
export const HANDLE_MAX_LENGTH = 30;

/** Bytes of an attachment: 25 MiB. */
export const MAX_ATTACHMENT_SIZE: number = 26_214_400;
export const ATTACHMENT_FILENAME_MAX_LENGTH = 255;
/** The content types that may be attached. */
export const ALLOWED_ATTACHMENT_MIME = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'application/json',
  'text/plain',
  'text/markdown',
  'text/csv',
  'audio/mpeg',
  'audio/wav',
  'audio/ogg',
  'video/mp4',
  'video/webm',
] as const;
/** Bytes of an avatar: 5 MB. The service re-encodes it, so this is read the generous way. */
export const MAX_AVATAR_BYTES = 5 * 1024 * 1024;

/** Digits of a mailed code. */
export const OTP_DIGITS = 6;
/** How long a registration, recovery or rotation waits for its code. */
export const OTP_LIFETIME_MS = 600_000;
/** Wrong codes that burn a `pending_id`. */
export const OTP_MAX_ATTEMPTS = 5;
/** How soon a code may be mailed to the same address again, and how often in an hour. */
export const OTP_COOLDOWN_MS = 60_000;
export const OTP_PER_HOUR = 20;
/** Per network address. */
export const REGISTRATIONS_PER_HOUR = 5;
export const RECOVERIES_PER_HOUR = 3;
export const VERIFICATIONS_PER_10_MINUTES = 10;

/** How long an `Idempotency-Key` is remembered. */
export const IDEMPOTENCY_WINDOW_MS = 86_400_000;
/** What an `Idempotency-Key` may look like. */
export const IDEMPOTENCY_KEY_PATTERN: RegExp = /^[A-Za-z0-9_-]{8,128}$/;

/** How long the service waits for `hello` on a new socket before it closes it. */
export const HELLO_DEADLINE_MS = 5_000;
/** How long a client waits for `hello.ok`: less than the service's own deadline, so that a slow hello is told from a bad key. */
export const HELLO_OK_TIMEOUT_MS = 4_000;
/** How often the service pings a socket, and how long it waits for the pong before it closes with 1001. */
export const SERVER_PING_INTERVAL_MS = 45_000;
export const SERVER_PONG_DEADLINE_MS = 30_000;
/** Bytes of a frame from the service: 2 MiB. */
export const MAX_SERVER_FRAME_BYTES = 2 * 1024 * 1024;

/** How old or early a webhook's signed time may be. */
export const WEBHOOK_TOLERANCE_SECONDS = 300;
