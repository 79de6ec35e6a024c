import { WebhookVerificationError } from '../errors/index.js';
import type { WebhookPayload } from '../wire/index.js';
import { readBody, type WebhookBody } from './body.js';
import { readEvent } from './event.js';
import { readSecrets, type WebhookSecrets } from './secrets.js';
import { readSignature, type WebhookSignature } from './signature.js';

/** The field's usual five minutes. */
const DEFAULT_TOLERANCE_SECONDS = 300;

/** What does not change from request to request. */
export interface WebhookVerification {
  /** The secret of the webhook; several while it is being changed. At most 16. */
  secret: WebhookSecrets;
  /**
   * How many seconds the time of the signature may be from now, in either direction. Default 300. With 0 it is not
   * looked at, and a request that somebody has recorded is accepted for ever.
   */
  toleranceSeconds?: number | undefined;
  /** Milliseconds since 1970. For tests. Default `Date.now`. */
  now?: (() => number) | undefined;
  /**
   * Accept signatures without a time, which are digests of the body alone. Whoever records such a request can send it
   * again at any time. Default `false`.
   */
  allowUntimestamped?: boolean | undefined;
}

export interface VerifyWebhookOptions extends WebhookVerification {
  /** The body as it was received: its text or its bytes. Not what a JSON parser has made of it. */
  payload: WebhookBody;
  /** The value of the `Agentchat-Signature` header, its several values, or the request's `Headers`. */
  signature: WebhookSignature;
}

/** An authentic webhook, and how we know. */
export interface VerifiedWebhook {
  readonly payload: WebhookPayload;
  /** Which of the secrets it was signed with, counted from 0. As long as it is the old one, keep that. */
  readonly secretIndex: number;
  /** When it was signed, in seconds since 1970; null when the signature does not say. */
  readonly signedAt: number | null;
}

/** A request that may be authentic: everything but its digest has been looked at. */
export interface Candidate {
  readonly secrets: readonly string[];
  readonly body: string | Uint8Array;
  /** As it was written, because the digest is over these very digits; null when there is none. */
  readonly timestamp: string | null;
  readonly digests: readonly Uint8Array[];
}

/** @throws WebhookVerificationError for everything that can be told without a digest. */
export function readRequest(options: VerifyWebhookOptions): Candidate {
  const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now = Date.now, allowUntimestamped } = options;
  const secrets = readSecrets(options.secret);
  if (!Number.isFinite(toleranceSeconds) || toleranceSeconds < 0) {
    throw new WebhookVerificationError(
      'invalid_tolerance',
      '`toleranceSeconds` must be a number of seconds; 0 turns the check off.',
    );
  }
  const body = readBody(options.payload);
  const { timestamp, digests } = readSignature(options.signature, allowUntimestamped === true);
  if (timestamp !== null && toleranceSeconds > 0) {
    const skew = Math.abs(now() / 1000 - Number(timestamp));
    // Written so that a clock which says NaN lets nothing pass.
    if (!(skew <= toleranceSeconds)) throw new WebhookVerificationError('timestamp_skew');
  }
  return { secrets, body, timestamp, digests };
}

/** @throws WebhookVerificationError `bad_signature` when no secret matched, `malformed_payload` when it is no event. */
export function readVerified(
  secretIndex: number,
  timestamp: string | null,
  text: () => string | null,
): VerifiedWebhook {
  if (secretIndex < 0) throw new WebhookVerificationError('bad_signature');
  return { payload: readEvent(text()), secretIndex, signedAt: timestamp === null ? null : Number(timestamp) };
}
