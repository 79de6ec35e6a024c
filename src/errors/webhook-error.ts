import { BrandedError } from './branded-error.js';
import type { AgentChatErrorCode } from './codes.js';

/** What a request can be refused for, in the order in which it is looked at. */
export type WebhookRefusal =
  | 'missing_signature'
  | 'malformed_signature'
  | 'timestamp_skew'
  | 'bad_signature'
  | 'malformed_payload';

/** What is wrong with the receiver itself. No request will pass until it is mended. */
export type WebhookMisuse =
  | 'missing_secret'
  | 'too_many_secrets'
  | 'invalid_tolerance'
  | 'body_already_parsed'
  | 'needs_promise';

/**
 * Refusals:
 * - `missing_signature`: no signature header.
 * - `malformed_signature`: a header that cannot be read.
 * - `timestamp_skew`: signed too long ago, or in the future. Old requests are how a replay looks.
 * - `bad_signature`: signed with another secret, or the body is not the one that was signed.
 * - `malformed_payload`: authentic, but no event.
 *
 * Yours to mend:
 * - `missing_secret`: no secret to verify with.
 * - `too_many_secrets`: more than 16, each of which every request costs a digest.
 * - `invalid_tolerance`: `toleranceSeconds` is no number of seconds.
 * - `body_already_parsed`: the raw bytes are gone. Hand over the body before a JSON parser sees it.
 * - `needs_promise`: this runtime cannot verify synchronously.
 */
export type WebhookVerificationReason = WebhookRefusal | WebhookMisuse;

/** A webhook request that is not accepted. Its message names neither body, signature nor secret, so it may be logged. */
export class WebhookVerificationError extends BrandedError {
  static override get kind(): string {
    return 'WebhookVerificationError';
  }

  declare readonly name: 'WebhookVerificationError';
  declare readonly details: undefined;

  readonly code: AgentChatErrorCode;
  readonly outcome: 'rejected';
  readonly retryable: false;
  readonly reason: WebhookVerificationReason;

  constructor(reason: WebhookVerificationReason, message?: string) {
    super(message ?? `The webhook was not accepted (${reason}): answer 400 and do not act on it.`);
    // Not where the fields are declared: the CommonJS build would rename the class.
    this.code = 'WEBHOOK_VERIFICATION_FAILED';
    this.outcome = 'rejected';
    this.retryable = false;
    this.reason = reason;
  }

  // What every error of ours can be asked, and none of this one's fields: nobody has answered.

  get status(): null {
    return null;
  }

  get requestId(): null {
    return null;
  }

  get retryAfterMs(): null {
    return null;
  }
}
