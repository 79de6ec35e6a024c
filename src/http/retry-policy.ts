import { given } from './given.js';
import { checkDuration, checkInteger, checkOptionNames } from './invalid.js';

/** How often, and after which pauses, a failed request is made again. */
export interface RetryPolicy {
  /** Attempts after the first one. Default 3; 0 never repeats. */
  readonly maxRetries: number;
  /** The first pause in milliseconds; each further one is twice as long. Default 250. */
  readonly baseDelayMs: number;
  /**
   * The longest pause in milliseconds. Default 8,000. A `Retry-After` beyond it is not shortened: the call then fails
   * at once, and its error says how long to wait.
   */
  readonly maxDelayMs: number;
}

/** The service's reference behaviour: 1 + 3 attempts, 250 ms doubling to 8 s, a quarter of jitter either way. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = /* @__PURE__ */ Object.freeze({
  maxRetries: 3,
  baseDelayMs: 250,
  maxDelayMs: 8_000,
});

const POLICY_NAMES: readonly string[] = ['maxRetries', 'baseDelayMs', 'maxDelayMs'];
/** More attempts than this are a mistake: with the default pauses they would take twelve minutes. */
const MOST_RETRIES = 100;

/** A policy with the defaults for what is left out. @throws ValidationError that names the field. */
export function resolveRetry(asked: Partial<RetryPolicy>): RetryPolicy {
  const retry = given(asked);
  checkOptionNames(retry, POLICY_NAMES, 'retry option');
  checkInteger(retry.maxRetries, 'retry.maxRetries', 0, MOST_RETRIES);
  checkDuration(retry.baseDelayMs, 'retry.baseDelayMs');
  checkDuration(retry.maxDelayMs, 'retry.maxDelayMs');
  return Object.freeze({
    maxRetries: retry.maxRetries ?? DEFAULT_RETRY_POLICY.maxRetries,
    baseDelayMs: retry.baseDelayMs ?? DEFAULT_RETRY_POLICY.baseDelayMs,
    maxDelayMs: retry.maxDelayMs ?? DEFAULT_RETRY_POLICY.maxDelayMs,
  });
}

/** The pause is spread over this part of itself in both directions, so that many clients do not return as one. */
export const JITTER = 0.25;

/** The pause after the `failures`-th failure in a row (1 for the first), without a hint from the service. */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  const exponential = policy.baseDelayMs * 2 ** Math.min(failures - 1, 60);
  const jittered = Math.min(exponential, policy.maxDelayMs) * (1 + JITTER * (2 * random - 1));
  return Math.min(Math.round(jittered), policy.maxDelayMs);
}

/** What the policy needs to know of a failed attempt. */
export interface FailureFacts {
  /** How many attempts have failed, this one included. */
  readonly failures: number;
  /** The nature of the failure: could the same request succeed later? */
  readonly retriable: boolean;
  /** The service's hint, `null` without one. */
  readonly retryAfterMs: number | null;
  /** What is left of the call's deadline; `Infinity` without one. */
  readonly remainingMs: number;
}

/** Another attempt after a pause, or the reason why not. */
export type RetryVerdict =
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'stop'; readonly why: 'not_retriable' | 'exhausted' | 'hint_too_long' | 'deadline' };

/**
 * Decides what follows a failed attempt. Pure. The service's hint is never undercut: where the budget does not hold it,
 * the call stops now, instead of asking too early or sleeping towards a certain failure.
 */
export function decideRetry(policy: RetryPolicy, facts: FailureFacts, random: number): RetryVerdict {
  if (!facts.retriable) return { kind: 'stop', why: 'not_retriable' };
  if (facts.failures > policy.maxRetries) return { kind: 'stop', why: 'exhausted' };
  const hint = facts.retryAfterMs ?? 0;
  if (hint > policy.maxDelayMs) return { kind: 'stop', why: 'hint_too_long' };
  // A hint of 0 is no licence to hammer: the backoff is the least that we wait.
  const delayMs = Math.max(hint, backoffMs(policy, facts.failures, random));
  if (delayMs >= facts.remainingMs) return { kind: 'stop', why: 'deadline' };
  return { kind: 'retry', delayMs };
}
