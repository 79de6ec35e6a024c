import { AgentChatClientError } from './agent-chat-client-error.js';
import { HandlerError } from './handler-error.js';
import { AbortedError } from './own-errors.js';
import { StoreError } from './store-error.js';

/**
 * HND-2: what a handler's error says about calling it again.
 *
 * - `soon`: it may pass by itself.
 * - `later`: the service does not allow it at present. Somebody has to act, or much time to pass.
 * - `never`: the verdict on this message stands, whoever asks and when: blocked, not found, not valid.
 */
export type Prospect = 'soon' | 'later' | 'never';

const BETTER: Readonly<Record<Prospect, number>> = { never: 0, later: 1, soon: 2 };

/** What can be lifted: by an owner, a moderator, the other side, or time. */
const LIFTABLE: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'UNAUTHORIZED',
  'INVALID_API_KEY',
  'RESTRICTED',
  'AGENT_RESTRICTED',
  'ACCOUNT_RESTRICTED',
  'SUSPENDED',
  'AGENT_SUSPENDED',
  'ACCOUNT_SUSPENDED',
  'AGENT_PAUSED_BY_OWNER',
  'INBOX_RESTRICTED',
  'AWAITING_REPLY',
  'RECIPIENT_BACKLOGGED',
  'COLD_CAP_EXCEEDED',
  'COLD_OUTREACH_CAP_EXCEEDED',
  'BUDGET_EXCEEDED',
]);

/** Only an error of our own REST client says anything; every other may pass. Total. */
export function prospectOf(error: unknown): Prospect {
  if (!(error instanceof AgentChatClientError) || error.retryable || error.foreign === true) return 'soon';
  // What was called off, or may have been carried out, is no verdict. Nor is an error about another handler.
  if (error.outcome === 'unknown' || error instanceof AbortedError || error instanceof HandlerError)
    return 'soon';
  if (isLeaseLost(error)) return 'soon';
  return LIFTABLE.has(error.code) ? 'later' : 'never';
}

/** HND-1: how long somebody has asked to be left alone, in milliseconds; 0 where nobody has. Total. */
export function patienceOf(error: unknown): number {
  const asked = error instanceof AgentChatClientError ? error.retryAfterMs : null;
  return typeof asked === 'number' && asked > 0 ? asked : 0;
}

/** REP-3: the conversation is not ours any more, or will be ours again: no message is to blame for that. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof StoreError && error.fault === 'lease_lost';
}

/** Of several handlers that failed, the one with the best prospect decides. */
export function better(one: Prospect, other: Prospect): Prospect {
  return BETTER[one] >= BETTER[other] ? one : other;
}
