import { decode } from './body.js';
import { type Candidate, readVerified, type VerifiedWebhook } from './request.js';

/**
 * Secrets made into keys of Web Crypto. Preparing one takes longer than a digest: whoever verifies often keeps them. The
 * type names no `CryptoKey`, which a compiler without the types of browsers does not know.
 */
export type WebKeys = Map<string, Promise<object>>;

/** HMAC-SHA-256 as Web Crypto has it, in hexadecimal digits. */
export async function webHmac(
  keys: WebKeys,
  secret: string,
  message: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { subtle } = crypto;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = keys.get(secret) ?? subtle.importKey('raw', utf8(secret), algorithm, false, ['sign']);
  keys.set(secret, key);
  const digest = new Uint8Array(await subtle.sign('HMAC', (await key) as CryptoKey, message));
  return digest.reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
}

/** What a digest is over: what stands before the body, and the body, which is copied. */
export function signedBytes(prefix: string, body: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return utf8(prefix + body);
  const message = new Uint8Array(prefix.length + body.length);
  message.set(utf8(prefix));
  message.set(body, prefix.length);
  return message;
}

export async function verifyInWeb(keys: WebKeys, candidate: Candidate): Promise<VerifiedWebhook> {
  const { secrets, prefix, body } = candidate;
  // A copy: what is read in the end must be what was checked, whatever becomes of the caller's buffer meanwhile.
  const message = signedBytes(prefix, body);
  const computed = await Promise.all(secrets.map((secret) => webHmac(keys, secret, message)));
  return readVerified(candidate, computed, () => decode(message.subarray(prefix.length)));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
