import { AgentChatClientError } from './agent-chat-client-error.js';
import { HandlerError } from './handler-error.js';
import { AbortedError } from './own-errors.js';

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
  return LIFTABLE.has(error.code) ? 'later' : 'never';
}

/** Of several handlers that failed, the one with the best prospect decides. */
export function better(one: Prospect, other: Prospect): Prospect {
  return BETTER[one] >= BETTER[other] ? one : other;
}
