import { decode } from './body.js';
import { type Candidate, readVerified, type VerifiedWebhook } from './request.js';

/** Secrets made into keys. Preparing one takes longer than a digest: whoever verifies often keeps them. */
export type WebKeys = Map<string, Promise<CryptoKey>>;

/** HMAC-SHA-256 as Web Crypto has it. */
export async function webHmac(
  keys: WebKeys,
  secret: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const { subtle } = crypto;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = keys.get(secret) ?? subtle.importKey('raw', utf8(secret), algorithm, false, ['sign']);
  keys.set(secret, key);
  return new Uint8Array(await subtle.sign('HMAC', await key, message));
}

/** What a digest is over: what stands before the body, and the body, which is copied. */
export function signedBytes(prefix: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return utf8(prefix + body);
  const message = new Uint8Array(prefix.length + body.length);
  message.set(utf8(prefix));
  message.set(body, prefix.length);
  return message;
}

/** Compares with every secret and every digest, whichever matches, so that the time tells nothing. */
export async function verifyInWeb(keys: WebKeys, candidate: Candidate): Promise<VerifiedWebhook> {
  const { secrets, prefix, body, digests } = candidate;
  // A copy: what is read in the end must be what was checked, whatever becomes of the caller's buffer meanwhile.
  const message = signedBytes(prefix, body);
  const matches = await Promise.all(
    secrets.map(async (secret) => {
      const digest = await webHmac(keys, secret, message);
      return digests.filter((given) => sameDigest(digest, given)).length > 0;
    }),
  );
  return readVerified(matches, candidate.signedAt, () => decode(message.subarray(prefix.length)));
}

/** 32 bytes and as many pairs of hexadecimal digits, all of which are looked at. */
function sameDigest(bytes: Uint8Array, hex: string): boolean {
  return (
    bytes.reduce(
      (difference, byte, at) => difference | (byte ^ parseInt(hex.slice(2 * at, 2 * at + 2), 16)),
      0,
    ) === 0
  );
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
