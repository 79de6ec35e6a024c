import { WebhookVerificationError } from '../errors/index.js';

/** The header that carries the signature. Header names are case-insensitive. */
export const SIGNATURE_HEADER = 'agentchat-signature';

/** Digests that one request may carry: more are not a rotation, they are somebody guessing. */
const MOST_DIGESTS = 16;
/** Sixteen digests take about 1,100. */
const MOST_HEADER_CHARACTERS = 8_192;
/** Of a SHA-256, in hexadecimal. */
const DIGEST_DIGITS = 64;
const DIGEST = /^[\da-f]{64}$/i;
/** Seconds since 1970 fit with room to spare. */
const TIMESTAMP = /^\d{1,15}$/;
/** How nearly every header looks. Reading it in one go takes a third of the time. */
const USUAL = /^t=\d{1,15},v1=[\da-f]{64}$/;

/**
 * Where the signature comes from: the header's value, its several values, or the request's `Headers`.
 */
export type WebhookSignature =
  | string
  | readonly string[]
  | { get(name: string): string | null | undefined }
  | null
  | undefined;

/** A signature header, taken apart. */
export interface Signed {
  /** As it was written, because the digest is over these very digits; empty when there is none. */
  readonly timestamp: string;
  /** 64 hexadecimal digits each, in lower case. */
  readonly digests: readonly string[];
}

/** @throws WebhookVerificationError `missing_signature` or `malformed_signature`. */
export function readSignature(given: WebhookSignature, allowUntimestamped: boolean): Signed {
  const header = textOf(given);
  if (header === '') throw new WebhookVerificationError('missing_signature');
  if (header.length > MOST_HEADER_CHARACTERS) throw malformed();
  if (USUAL.test(header)) return { timestamp: header.slice(2, -68), digests: [header.slice(-64)] };
  let timestamp = '';
  const digests: string[] = [];
  // What has no key at all is a digest.
  for (const part of header.includes('=') ? header.split(',') : [`v1=${header}`]) {
    const at = part.indexOf('=');
    // Other schemes than ours may stand beside it, and newer ones will.
    const key = part.slice(0, Math.max(at, 0)).trim();
    const value = part.slice(at + 1).trim();
    if (key === 'v1') {
      if (!DIGEST.test(value)) throw malformed();
      digests.push(value.toLowerCase());
    }
    if (key === 't') {
      // Lines that a proxy has joined may say the same twice; two times that differ say nothing.
      if (!TIMESTAMP.test(value) || (timestamp || value) !== value) throw malformed();
      timestamp = value;
    }
  }
  if (digests.length === 0 || digests.length > MOST_DIGESTS || !(timestamp || allowUntimestamped)) {
    throw malformed();
  }
  return { timestamp, digests };
}

function textOf(given: WebhookSignature): string {
  try {
    const found: unknown = Array.isArray(given)
      ? given.join(',')
      : ((given as { get?(name: string): unknown } | null | undefined)?.get?.(SIGNATURE_HEADER) ?? given);
    return typeof found === 'string' ? found.trim() : '';
  } catch {
    // Whatever was given instead: a request that was not read must not look like an error of ours.
    throw malformed();
  }
}

/**
 * Whether two digests are the same. All digits are looked at, also after one has differed, so that the time does not tell
 * how many were right. Not Node's `timingSafeEqual`, because making two Buffers for it takes longer than this does, and
 * because this way every runtime compares alike.
 */
export function sameDigest(a: string, b: string): boolean {
  let difference = 0;
  for (let at = 0; at < DIGEST_DIGITS; at += 1) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}

function malformed(): WebhookVerificationError {
  return new WebhookVerificationError('malformed_signature');
}
