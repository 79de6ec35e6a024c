import { createHmac } from 'node:crypto';
import type { VerifyWebhookOptions } from '../../../src/webhooks/index.js';

// Signed here by other means than ours, so that no error of the signer hides one of the verifier.

export const SECRET = 'whsec_test_secret';
/** The moment of every test, in seconds. */
export const T = 1_700_000_000;
export const now = () => T * 1_000;

/** With a character that is not ASCII: 98 characters, 99 bytes. */
export const TEXT =
  '{"event":"message.new","timestamp":"2026-07-12T18:04:11.512Z","data":{"id":"msg_1","text":"café"}}';
export const BODY = Buffer.from(TEXT);
export const DIGEST = '988784cf319e4c6d1cbd3d849675578c5211e44369eb84a00824af3a80f52613';
/** Over the body alone. */
export const BARE_DIGEST = 'a7b6972ebc05ecdbb30dbf36355670efd3711c1d317529cb1dc56b2689d7abfa';
export const HEADER = `t=${T},v1=${DIGEST}`;

/** HMAC-SHA-256, or another, in hexadecimal. */
export function hmac(key: string | Uint8Array, message: string | Uint8Array, algorithm = 'sha256'): string {
  return createHmac(algorithm, key).update(message).digest('hex');
}

/** The digest of a body at a time. */
export function digestOf(body: string | Uint8Array, timestamp: number | string = T, secret = SECRET): string {
  return hmac(secret, Buffer.concat([Buffer.from(`${timestamp}.`), Buffer.from(body)]));
}

export function headerOf(body: string | Uint8Array, timestamp: number | string = T, secret = SECRET): string {
  return `t=${timestamp},v1=${digestOf(body, timestamp, secret)}`;
}

export const GENUINE: VerifyWebhookOptions = { payload: BODY, signature: HEADER, secret: SECRET, now };

/** A body and its signature. */
export function signed(payload: string | Uint8Array) {
  return { payload, signature: headerOf(payload) };
}
