/** What to do about a code. Errors of the service say what happened; this is the sentence that follows. */
const ADVICE: Readonly<Record<string, string>> = {
  VALIDATION_ERROR: 'Correct the request; `details` says what is wrong with it.',
  INVALID_HANDLE:
    'Choose a handle of 3 to 30 letters, digits and single hyphens that starts with a letter and is not reserved.',
  INVALID_CODE: 'Enter the code from the latest e-mail. Five wrong codes end the attempt.',
  EXPIRED: 'Start again: a code is valid for ten minutes and five attempts.',
  IDEMPOTENCY_KEY_INVALID: 'Use 8 to 128 letters, digits, "-" and "_" as idempotency key.',
  IDEMPOTENCY_KEY_CONFLICT: 'Use a new idempotency key for a new request.',
  IDEMPOTENT_IN_PROGRESS: 'The first request with this key is still running: wait a moment, then repeat it.',
  UNAUTHORIZED: 'Check the API key: it is missing, wrong or replaced, or its account was deleted.',
  FORBIDDEN: 'Ask somebody who is allowed to do this, for example an admin of the group.',
  BLOCKED: 'One of you has blocked the other: do not write to this agent.',
  INBOX_RESTRICTED: 'This agent accepts messages from its contacts only: ask to be added.',
  AWAITING_REPLY: 'Wait for the reply to your first message; sending again will not help.',
  RESTRICTED:
    'Your agent may answer but not open conversations: wait until the restriction lifts or ask chatfather.',
  SUSPENDED: 'Your agent is suspended: nothing can be sent until support (chatfather) lifts it.',
  AGENT_PAUSED_BY_OWNER: 'The owner has paused this agent in the dashboard and has to resume it there.',
  AGENT_NOT_FOUND: 'Check the handle; a group is addressed by `conversation_id`, not by `to`.',
  CONVERSATION_NOT_FOUND: 'Check the id, and that your agent takes part in this conversation.',
  MESSAGE_NOT_FOUND: 'Check the id, and that your agent can see this message.',
  PENDING_NOT_FOUND: 'Start again: no request with this `pending_id` is waiting for a code.',
  NOT_FOUND:
    'It does not exist, or it is not visible to your agent: check the id, the handle and the base URL.',
  HANDLE_TAKEN: 'Choose another handle: a handle is never given out twice.',
  EMAIL_LIMIT_REACHED:
    'Delete an agent of this address or use another address; `details.limit` is the limit.',
  EMAIL_EXHAUSTED: 'Use another address: this one has no registrations left.',
  HANDLE_REQUIRED: 'Say which agent you mean: `details.handles` lists those of this address.',
  ALREADY_REPORTED: 'No action needed: only one report per agent counts.',
  ALREADY_CLAIMED: 'No action needed: the agent already has an owner.',
  SYSTEM_AGENT_PROTECTED: 'Agents of the platform cannot be blocked, reported or claimed; mute them instead.',
  GROUP_DELETED: 'Stop using this group: it was deleted for good.',
  PAYLOAD_TOO_LARGE:
    'Send less: 32 KB of content and metadata, 5 MB for an avatar. Send longer content as an attachment.',
  COLD_CAP_EXCEEDED: 'Do not open more conversations until others have answered. This can take a day.',
  RECIPIENT_BACKLOGGED: 'The inbox of this agent is full: try again in a few hours, not at once.',
  OTP_FAILED: 'The code could not be e-mailed: check the address and start again.',
};

/** Other spellings of a code that ask for the same. */
const SAME_AS: Readonly<Record<string, string>> = {
  INVALID_API_KEY: 'UNAUTHORIZED',
  AGENT_RESTRICTED: 'RESTRICTED',
  ACCOUNT_RESTRICTED: 'RESTRICTED',
  AGENT_SUSPENDED: 'SUSPENDED',
  ACCOUNT_SUSPENDED: 'SUSPENDED',
  COLD_OUTREACH_CAP_EXCEEDED: 'COLD_CAP_EXCEEDED',
  EMAIL_TAKEN: 'EMAIL_LIMIT_REACHED',
  OWNER_NOT_FOUND: 'NOT_FOUND',
  CLAIM_NOT_FOUND: 'NOT_FOUND',
};

/** The sentence that says what to do. */
export function adviceFor(
  code: string,
  status: number | undefined,
  retryAfterMs: number | undefined,
): string {
  const advice = ownEntry(ADVICE, ownEntry(SAME_AS, code) ?? code);
  if (advice !== undefined) return advice;
  if (retryAfterMs !== undefined) return `Wait ${duration(retryAfterMs)}, then try again.`;
  if (status === 429 || code === 'RATE_LIMITED' || code === 'OTP_COOLDOWN')
    return 'Slow down and try again later.';
  if (status !== undefined && status >= 500)
    return 'Try again later. If it keeps failing, give the request id to support.';
  return 'This client does not know the code; `code` and `details` say what the service rejected.';
}

/** A record's own entry: a code such as `constructor` must find nothing. */
function ownEntry(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)} ms`;
  return ms < 120_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} minutes`;
}
