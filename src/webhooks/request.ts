import { WebhookVerificationError } from '../errors/index.js';
import type { WebhookPayload } from '../wire/index.js';
import { readBody, type WebhookBody } from './body.js';
import { readEvent } from './event.js';
import { readSecrets, type WebhookSecrets } from './secrets.js';
import { readSignature, sameDigest, type WebhookSignature } from './signature.js';

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
  /** What stands before the body when the digest is made. */
  readonly prefix: string;
  /** Seconds since 1970; null when the signature does not say. */
  readonly signedAt: number | null;
  /** 64 hexadecimal digits each, in lower case. */
  readonly digests: readonly string[];
}

/** @throws WebhookVerificationError `invalid_tolerance`. */
export function readTolerance(seconds = DEFAULT_TOLERANCE_SECONDS): number {
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new WebhookVerificationError(
    'invalid_tolerance',
    '`toleranceSeconds` must be a number of seconds; 0 turns the check off.',
  );
}

/** @throws WebhookVerificationError for everything that can be told without a digest. */
export function readRequest(options: VerifyWebhookOptions): Candidate {
  const { now = Date.now, allowUntimestamped } = options;
  const secrets = readSecrets(options.secret);
  const toleranceSeconds = readTolerance(options.toleranceSeconds);
  const body = readBody(options.payload);
  const { timestamp, digests } = readSignature(options.signature, allowUntimestamped === true);
  const signedAt = timestamp ? Number(timestamp) : null;
  if (signedAt !== null && toleranceSeconds > 0) {
    const skew = Math.abs(now() / 1000 - signedAt);
    // Written so that a clock which says NaN lets nothing pass.
    if (!(skew <= toleranceSeconds)) throw new WebhookVerificationError('timestamp_skew');
  }
  // A lone surrogate has no bytes: whatever was signed, it was not this.
  if ((body as { isWellFormed?(): boolean }).isWellFormed?.() === false) {
    throw new WebhookVerificationError('bad_signature');
  }
  return { secrets, body, prefix: timestamp && `${timestamp}.`, signedAt, digests };
}

/**
 * Compares with every secret and every digest, whichever matches.
 *
 * @param computed the digests that the request should have, one for each secret.
 * @throws WebhookVerificationError `bad_signature` when no secret matched, `malformed_payload` when it is no event.
 */
export function readVerified(
  { digests, signedAt }: Candidate,
  computed: readonly string[],
  text: () => string,
): VerifiedWebhook {
  const matches = computed.map((digest) => digests.filter((given) => sameDigest(digest, given)).length > 0);
  const secretIndex = matches.indexOf(true);
  if (secretIndex < 0) throw new WebhookVerificationError('bad_signature');
  return { payload: readEvent(text), secretIndex, signedAt };
}
