import { IDEMPOTENCY_KEY_PATTERN } from '../wire/index.js';
import { checkDuration, checkOptionNames, invalid } from './invalid.js';

/** What every call takes. */
export interface CallOptions {
  /** Ends the call at once, whatever it is doing. The error is an `AbortedError` with the signal's reason as `cause`. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, in milliseconds, until its body is fully read. 0 means no limit. */
  timeoutMs?: number | undefined;
  /** How long the whole call may take, in milliseconds, with all attempts and the pauses between them. 0: no limit. */
  deadlineMs?: number | undefined;
  /**
   * Makes a call repeatable that is not by itself: the service answers the same key with the first answer, for a day.
   * 8 to 128 of `A-Z a-z 0-9 _ -`.
   */
  idempotencyKey?: string | undefined;
}

export const CALL_OPTION_NAMES: readonly string[] = ['signal', 'timeoutMs', 'deadlineMs', 'idempotencyKey'];

/** @throws ValidationError that names the option. */
export function checkCallOptions(options: CallOptions, names: readonly string[] = CALL_OPTION_NAMES): void {
  checkOptionNames(options, names, 'call option');
  checkDuration(options.timeoutMs, 'timeoutMs');
  checkDuration(options.deadlineMs, 'deadlineMs');
  const { signal, idempotencyKey } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') {
    throw invalid('signal', '"signal" must be an AbortSignal, such as that of an AbortController');
  }
  if (
    idempotencyKey !== undefined &&
    (typeof idempotencyKey !== 'string' || !IDEMPOTENCY_KEY_PATTERN.test(idempotencyKey))
  ) {
    throw invalid('idempotencyKey', '"idempotencyKey" must be 8 to 128 letters, digits, "-" and "_"');
  }
}
