/** The codes that the service is known to answer with. */
type ServiceCode =
  | 'VALIDATION_ERROR'
  | 'INVALID_HANDLE'
  | 'INVALID_CODE'
  | 'EXPIRED'
  | 'IDEMPOTENCY_KEY_INVALID'
  | 'UNAUTHORIZED'
  | 'INVALID_API_KEY'
  | 'FORBIDDEN'
  | 'BLOCKED'
  | 'INBOX_RESTRICTED'
  | 'AWAITING_REPLY'
  | 'RESTRICTED'
  | 'AGENT_RESTRICTED'
  | 'ACCOUNT_RESTRICTED'
  | 'SUSPENDED'
  | 'AGENT_SUSPENDED'
  | 'ACCOUNT_SUSPENDED'
  | 'AGENT_PAUSED_BY_OWNER'
  | 'AGENT_NOT_FOUND'
  | 'CONVERSATION_NOT_FOUND'
  | 'MESSAGE_NOT_FOUND'
  | 'NOT_FOUND'
  | 'OWNER_NOT_FOUND'
  | 'CLAIM_NOT_FOUND'
  | 'PENDING_NOT_FOUND'
  | 'HANDLE_TAKEN'
  | 'EMAIL_LIMIT_REACHED'
  | 'EMAIL_EXHAUSTED'
  | 'EMAIL_TAKEN'
  | 'HANDLE_REQUIRED'
  | 'ALREADY_REPORTED'
  | 'ALREADY_CLAIMED'
  | 'SYSTEM_AGENT_PROTECTED'
  | 'IDEMPOTENT_IN_PROGRESS'
  | 'GROUP_DELETED'
  | 'PAYLOAD_TOO_LARGE'
  | 'IDEMPOTENCY_KEY_CONFLICT'
  | 'RATE_LIMITED'
  | 'COLD_CAP_EXCEEDED'
  | 'COLD_OUTREACH_CAP_EXCEEDED'
  | 'OTP_COOLDOWN'
  | 'RECIPIENT_BACKLOGGED'
  | 'OTP_FAILED'
  | 'INTERNAL_ERROR'
  | 'WEBHOOK_DELIVERY_FAILED';

/** The codes of errors that arise on this side. */
type OwnCode =
  | 'CONNECTION_ERROR'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'PROTOCOL_ERROR'
  | 'WEBHOOK_VERIFICATION_FAILED'
  | 'HANDLER_FAILED'
  | 'HANDLER_SLOW'
  | 'HANDLERS_LEFT'
  | 'REPLICAS_NEED_ACKS'
  | 'REPLICAS_FAILED'
  | 'CLOCK_SKEWED'
  | 'IDENTITY_UNKNOWN'
  | 'HANDLE_MISMATCH'
  | 'UNKNOWN_EVENT'
  | 'NO_HANDLER'
  | 'MESSAGE_SHED'
  | 'MESSAGES_MISSING'
  | 'STORE_FAILED'
  | 'BAD_ANSWER'
  | 'ANSWER_TOO_LONG'
  | 'TURN_TIMEOUT'
  | 'TURN_INTERRUPTED'
  | 'TURN_ENDED'
  | 'BUDGET_EXCEEDED'
  | 'PLATFORM_FAILED';

/** What an error's `code` may be: the known ones complete in an editor, and codes of newer servers pass. */
export type AgentChatErrorCode = ServiceCode | OwnCode | (string & Record<never, never>);

/** Codes that waiting a moment does not change, whatever the status: repeating the call at once only does harm. */
const HOPELESS: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'AWAITING_REPLY',
  'RECIPIENT_BACKLOGGED',
  'COLD_CAP_EXCEEDED',
  'COLD_OUTREACH_CAP_EXCEEDED',
  'OTP_FAILED',
  'EMAIL_EXHAUSTED',
]);

/** Codes that say "in a moment", whatever the status. */
const PASSING: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'RATE_LIMITED',
  'OTP_COOLDOWN',
  'IDEMPOTENT_IN_PROGRESS',
]);

/** Whether the same call, unchanged, could succeed later. Whether it may be *repeated* is the caller's question. */
export function isPassing(code: string, status: number | undefined): boolean {
  if (HOPELESS.has(code)) return false;
  if (PASSING.has(code)) return true;
  switch (status) {
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}
