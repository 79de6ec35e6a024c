import { WebhookVerificationError } from '../errors/index.js';

/** The header that carries the signature. Header names are case-insensitive. */
export const SIGNATURE_HEADER = 'agentchat-signature';

/** Digests that one request may carry: more are not a rotation, they are somebody guessing. */
const MOST_DIGESTS = 16;
const DIGEST_BYTES = 32;
/** Sixteen digests take about 1,100. */
const MOST_HEADER_CHARACTERS = 8_192;
const DIGEST = /^[\da-f]{64}$/i;
/** Seconds since 1970 fit with room to spare. */
const TIMESTAMP = /^\d{1,15}$/;

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
  /** As it was written, because the digest is over these very digits; null when there is none. */
  readonly timestamp: string | null;
  readonly digests: readonly Uint8Array[];
}

/** @throws WebhookVerificationError `missing_signature` or `malformed_signature`. */
export function readSignature(given: WebhookSignature, allowUntimestamped: boolean): Signed {
  const header = textOf(given);
  if (header === '') throw new WebhookVerificationError('missing_signature');
  if (header.length > MOST_HEADER_CHARACTERS) throw malformed();
  let timestamp: string | null = null;
  const digests: Uint8Array[] = [];
  if (header.includes('=')) {
    for (const part of header.split(',')) {
      const at = part.indexOf('=');
      // Other schemes than ours may stand beside it, and newer ones will.
      const key = at < 0 ? '' : part.slice(0, at).trim();
      const value = part.slice(at + 1).trim();
      if (key === 'v1') digests.push(digestOf(value));
      else if (key === 't') {
        // Lines that a proxy has joined may say the same twice; two times that differ say nothing.
        if (!TIMESTAMP.test(value) || (timestamp ?? value) !== value) throw malformed();
        timestamp = value;
      }
      if (digests.length > MOST_DIGESTS) throw malformed();
    }
  } else digests.push(digestOf(header));
  if (digests.length === 0 || (timestamp === null && !allowUntimestamped)) throw malformed();
  return { timestamp, digests };
}

function textOf(given: WebhookSignature): string {
  if (typeof given === 'string') return given.trim();
  if (Array.isArray(given)) return given.join(',').trim();
  const found = (given as { get?(name: string): unknown } | null | undefined)?.get?.(SIGNATURE_HEADER);
  return typeof found === 'string' ? found.trim() : '';
}

function digestOf(hex: string): Uint8Array {
  if (!DIGEST.test(hex)) throw malformed();
  const bytes = new Uint8Array(DIGEST_BYTES);
  for (let at = 0; at < DIGEST_BYTES; at += 1) bytes[at] = digit(hex, 2 * at) * 16 + digit(hex, 2 * at + 1);
  return bytes;
}

/** Of a character that is known to be a hexadecimal digit: 0 to 9, A to F, a to f. */
function digit(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  return (code & 15) + (code > 57 ? 9 : 0);
}

function malformed(): WebhookVerificationError {
  return new WebhookVerificationError('malformed_signature');
}
