import { AgentChatError, type Outcome } from './agent-chat-error.js';
import type { AgentChatErrorCode } from './codes.js';

/**
 * - `missing_signature`: no signature header.
 * - `malformed_signature`: a header that cannot be read.
 * - `timestamp_skew`: signed too long ago, or in the future. Old requests are how a replay looks.
 * - `bad_signature`: signed with another secret, or the body is not the one that was signed.
 * - `malformed_payload`: authentic, but not an event.
 * - `missing_secret`: no secret to verify with. Yours to mend.
 * - `body_already_parsed`: the raw bytes are gone. Yours to mend: hand over the body before a JSON parser sees it.
 */
export type WebhookVerificationReason =
  | 'missing_signature'
  | 'malformed_signature'
  | 'timestamp_skew'
  | 'bad_signature'
  | 'malformed_payload'
  | 'missing_secret'
  | 'body_already_parsed';

/** A webhook request that is not accepted. Its message names neither body, signature nor secret, so it may be logged. */
export class WebhookVerificationError extends AgentChatError {
  static override readonly kind: string = 'WebhookVerificationError';
  declare readonly name: 'WebhookVerificationError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'WEBHOOK_VERIFICATION_FAILED';
  protected static override readonly defaultOutcome: Outcome = 'rejected';

  readonly reason: WebhookVerificationReason;

  constructor(reason: WebhookVerificationReason, message?: string) {
    super({
      message: message ?? `The webhook was not accepted (${reason}): answer 400 and do not act on it.`,
    });
    this.reason = reason;
  }
}
