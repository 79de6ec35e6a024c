import { given } from './given.js';
import { checkDuration, checkFunction, checkOptionNames, invalid } from './invalid.js';

/** The head of an answer of the service. */
export interface AnswerInfo {
  status: number;
  headers: Headers;
  /** The service's `x-request-id`, `null` without one. */
  requestId: string | null;
  /** How many attempts it took. */
  attempts: number;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call at once, whatever it is doing. The error is an `AbortedError` with the signal's reason as `cause`. */
  signal?: AbortSignal | undefined;
  /**
   * How long one attempt may wait in vain, in milliseconds: until the answer begins, and then for each further piece of it. An
   * answer that keeps coming has ten times as long in all. 0 means no limit.
   */
  timeoutMs?: number | undefined;
  /** How long the whole call may take, in milliseconds, with all attempts and the pauses between them. 0: no limit. */
  deadlineMs?: number | undefined;
  /**
   * Makes a call repeatable that is not by itself: the service answers the same key with the first answer, for a day.
   * 8 to 128 of `A-Z a-z 0-9 _ -`; a shorter one is sent, for the service to refuse.
   */
  idempotencyKey?: string | undefined;
  /**
   * Told of the answer that decided the call, a refusal as well as a success, before the call settles; not at all when none
   * came. A call that makes several requests tells of each. What it throws is ignored.
   *
   * @example await client.getMe({ onResponse: ({ status, requestId }) => console.log(status, requestId) });
   */
  onResponse?: ((answer: AnswerInfo) => void) | undefined;
}

/** What may go into a header. How short is too short is the service's to say. */
const SENDABLE_KEY = /^[A-Za-z0-9_-]{1,128}$/;

export const CALL_OPTION_NAMES: readonly string[] = [
  'signal',
  'timeoutMs',
  'deadlineMs',
  'idempotencyKey',
  'onResponse',
];

/**
 * The options that are given: `null` is not.
 *
 * @throws ValidationError that names the option.
 */
export function checkCallOptions<T extends CallOptions>(
  asked: T,
  names: readonly string[] = CALL_OPTION_NAMES,
  meant?: readonly string[],
): T {
  const options = given(asked, meant);
  checkOptionNames(options, names, 'call option');
  checkDuration(options.timeoutMs, 'timeoutMs');
  checkDuration(options.deadlineMs, 'deadlineMs');
  checkFunction(options.onResponse, 'onResponse');
  const { signal, idempotencyKey } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalid('signal', '"signal" must be an AbortSignal, such as that of an AbortController');
  }
  if (
    idempotencyKey !== undefined &&
    (typeof idempotencyKey !== 'string' || !SENDABLE_KEY.test(idempotencyKey))
  ) {
    throw invalid('idempotencyKey', '"idempotencyKey" must be 8 to 128 letters, digits, "-" and "_"');
  }
  return options;
}
