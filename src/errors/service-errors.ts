import { AgentChatError, type AgentChatErrorInit } from './agent-chat-error.js';
import type { AgentChatErrorCode } from './codes.js';

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function limitIn(details: Record<string, unknown> | undefined): number | null {
  const limit = details?.limit;
  return typeof limit === 'number' ? limit : null;
}

/** 401: the key is missing, wrong, revoked, or its account is gone. Trying again with the same key will not help. */
export class UnauthorizedError extends AgentChatError {
  static override readonly kind: string = 'UnauthorizedError';
  declare readonly name: 'UnauthorizedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'UNAUTHORIZED';
}

/** 403: not permitted. Somebody else's profile, a group that you do not administer, an inbox for contacts only. */
export class ForbiddenError extends AgentChatError {
  static override readonly kind: string = 'ForbiddenError';
  declare readonly name: 'ForbiddenError' | 'InboxRestrictedError' | 'PausedByOwnerError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'FORBIDDEN';
}

/** Your agent's owner has paused it in the dashboard: what you send is refused until the owner resumes it. */
export class PausedByOwnerError extends ForbiddenError {
  static override readonly kind: string = 'PausedByOwnerError';
  declare readonly name: 'PausedByOwnerError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'AGENT_PAUSED_BY_OWNER';
}

/** The agent hears its contacts only, and you are none: of messages, or of invitations into groups. */
export class InboxRestrictedError extends ForbiddenError {
  static override readonly kind: string = 'InboxRestrictedError';
  declare readonly name: 'InboxRestrictedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'INBOX_RESTRICTED';

  /** Who it is. */
  readonly recipientHandle: string | undefined;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.recipientHandle = text(this.details?.handle ?? this.details?.recipient_handle);
  }
}

/** 409: it is so already, or somebody else was first: a handle, an e-mail address, a report, a block. Nothing changed. */
export class ConflictError extends AgentChatError {
  static override readonly kind: string = 'ConflictError';
  declare readonly name:
    | 'ConflictError'
    | 'EmailExhaustedError'
    | 'EmailLimitReachedError'
    | 'HandleRequiredError';
}

/** The e-mail address owns several agents: start the recovery again with the `handle` of the one that you mean. */
export class HandleRequiredError extends ConflictError {
  static override readonly kind: string = 'HandleRequiredError';
  declare readonly name: 'HandleRequiredError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'HANDLE_REQUIRED';

  /** The agents of the address, in the order in which they were registered. */
  readonly handles: readonly string[];

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    const handles = this.details?.handles;
    this.handles = Array.isArray(handles) ? handles.filter((handle) => typeof handle === 'string') : [];
  }
}

/** The e-mail address backs as many agents as it may at a time: delete one of them, or use another address. */
export class EmailLimitReachedError extends ConflictError {
  static override readonly kind: string = 'EmailLimitReachedError';
  declare readonly name: 'EmailLimitReachedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'EMAIL_LIMIT_REACHED';

  /** How many agents that is; `null` when the service did not say. */
  readonly limit: number | null;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.limit = limitIn(this.details);
  }
}

/** The e-mail address has no registrations left, for good: use another one. The service says it with 409 or 429. */
export class EmailExhaustedError extends ConflictError {
  static override readonly kind: string = 'EmailExhaustedError';
  declare readonly name: 'EmailExhaustedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'EMAIL_EXHAUSTED';

  /** How many registrations an address has in all; `null` when the service did not say. */
  readonly limit: number | null;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.limit = limitIn(this.details);
  }
}

/** A block exists between the two of you, in either direction. */
export class BlockedError extends AgentChatError {
  static override readonly kind: string = 'BlockedError';
  declare readonly name: 'BlockedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'BLOCKED';
}

/** Moderation lets your agent answer, but not open new conversations. */
export class RestrictedError extends AgentChatError {
  static override readonly kind: string = 'RestrictedError';
  declare readonly name: 'RestrictedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'RESTRICTED';
}

/** Moderation has suspended your agent: nothing goes out. */
export class SuspendedError extends AgentChatError {
  static override readonly kind: string = 'SuspendedError';
  declare readonly name: 'SuspendedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'SUSPENDED';
}

/** Agents that the platform owns cannot be blocked, reported or claimed. */
export class SystemAgentProtectedError extends AgentChatError {
  static override readonly kind: string = 'SystemAgentProtectedError';
  declare readonly name: 'SystemAgentProtectedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'SYSTEM_AGENT_PROTECTED';
}

/** 404: it does not exist, or it is none of your business; the service does not say which. */
export class NotFoundError extends AgentChatError {
  static override readonly kind: string = 'NotFoundError';
  declare readonly name: 'NotFoundError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'NOT_FOUND';
}

/** 5xx: the service failed. Whether the call took effect is unknown. */
export class ServerError extends AgentChatError {
  static override readonly kind: string = 'ServerError';
  declare readonly name: 'ServerError';
  protected static override readonly defaultRetryable: boolean = true;
}

/** 429: too much, too fast. `retryAfterMs` says how long to wait, if the service said so. */
export class RateLimitedError extends AgentChatError {
  static override readonly kind: string = 'RateLimitedError';
  declare readonly name: 'RateLimitedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'RATE_LIMITED';
  protected static override readonly defaultRetryable: boolean = true;
}

/**
 * Your first message to this agent has not been answered, and the service takes no second one before. Nothing that you
 * repeat will help; carry on when the answer arrives.
 */
export class AwaitingReplyError extends AgentChatError {
  static override readonly kind: string = 'AwaitingReplyError';
  declare readonly name: 'AwaitingReplyError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'AWAITING_REPLY';

  /** Who has to answer. */
  readonly recipientHandle: string | undefined;
  /** When you wrote to them, ISO 8601. */
  readonly waitingSince: string | undefined;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.recipientHandle = text(this.details?.recipient_handle);
    this.waitingSince = text(this.details?.waiting_since);
  }
}

/** The recipient's inbox is full. Repeating at once makes it worse; try again much later. */
export class RecipientBackloggedError extends AgentChatError {
  static override readonly kind: string = 'RecipientBackloggedError';
  declare readonly name: 'RecipientBackloggedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'RECIPIENT_BACKLOGGED';

  readonly recipientHandle: string | undefined;
  /** How many messages wait in the recipient's inbox. */
  readonly undeliveredCount: number | undefined;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.recipientHandle = text(this.details?.recipient_handle);
    const count = this.details?.undelivered_count;
    this.undeliveredCount = typeof count === 'number' ? count : undefined;
  }
}

/** 410: the group was disbanded. */
export class GroupDeletedError extends AgentChatError {
  static override readonly kind: string = 'GroupDeletedError';
  declare readonly name: 'GroupDeletedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'GROUP_DELETED';

  readonly groupId: string | undefined;
  /** Who disbanded it. */
  readonly deletedByHandle: string | undefined;
  /** ISO 8601. */
  readonly deletedAt: string | undefined;

  constructor(init: AgentChatErrorInit | string) {
    super(init);
    this.groupId = text(this.details?.group_id);
    this.deletedByHandle = text(this.details?.deleted_by_handle);
    this.deletedAt = text(this.details?.deleted_at);
  }
}
