import { type AgentChatClientError, RateLimitedError } from '../errors/index.js';
import type { HeldBack } from './rate-gate.js';

const BECAUSE: Readonly<Record<HeldBack['why'], string>> = {
  hint_too_long: 'which is longer than this call may pause ("retry.maxDelayMs"). Call again later.',
  deadline: 'which is longer than this call has ("deadlineMs"). Call again later, or give it more time.',
  full: 'and thousands of calls wait for that already. Make no more at once than the service takes.',
  in_vain: 'and has refused every call that tried since. Slow down and try again in a while.',
};

/** RATE-3: the error of a call that has not been sent, because the service has asked to slow down before. */
export function heldBackError(label: string, { why, waitMs }: HeldBack): AgentChatClientError {
  const retryAfterMs = Math.ceil(waitMs);
  return new RateLimitedError({
    message: `${label} was not sent: the service has asked to wait (429), ${retryAfterMs} ms more, ${BECAUSE[why]}`,
    outcome: 'not_sent',
    retryable: true,
    retryAfterMs,
  });
}
