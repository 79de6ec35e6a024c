import { decode } from './body.js';
import { type Candidate, readVerified, type VerifiedWebhook } from './request.js';

/** Secrets made into keys. Preparing one takes longer than a digest: whoever verifies often keeps them. */
export type WebKeys = Map<string, Promise<CryptoKey>>;

/** HMAC-SHA-256 over the timestamp, if there is one, and the body, as Web Crypto has it. */
export async function webHmac(
  keys: WebKeys,
  secret: string,
  timestamp: string | null,
  body: Uint8Array,
): Promise<Uint8Array> {
  const { subtle } = crypto;
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = keys.get(secret) ?? subtle.importKey('raw', utf8(secret), algorithm, false, ['sign']);
  keys.set(secret, key);
  const prefix = utf8(timestamp === null ? '' : `${timestamp}.`);
  const message = new Uint8Array(prefix.length + body.length);
  message.set(prefix);
  message.set(body, prefix.length);
  return new Uint8Array(await subtle.sign('HMAC', await key, message));
}

/** Compares with every secret and every digest, whichever matches, so that the time tells nothing. */
export async function verifyInWeb(keys: WebKeys, candidate: Candidate): Promise<VerifiedWebhook> {
  const { secrets, timestamp, body, digests } = candidate;
  // A copy: what is read in the end must be what was checked, whatever becomes of the caller's buffer meanwhile.
  const bytes = typeof body === 'string' ? utf8(body) : body.slice();
  let match = -1;
  for (let index = secrets.length - 1; index >= 0; index -= 1) {
    const digest = await webHmac(keys, secrets[index] ?? '', timestamp, bytes);
    for (const given of digests) if (sameBytes(digest, given)) match = index;
  }
  return readVerified(match, timestamp, () => decode(bytes));
}

/** Both have 32 bytes, and all of them are looked at. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let at = 0; at < a.length; at += 1) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
}
