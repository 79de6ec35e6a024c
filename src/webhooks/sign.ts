import { ValidationError } from '../errors/index.js';
import { readBody, type WebhookBody } from './body.js';
import { nodeCrypto, nodeHmac } from './node-hmac.js';
import { readSecrets, type WebhookSecrets } from './secrets.js';
import { signedBytes, webHmac } from './web-hmac.js';

export interface SignWebhookOptions {
  /** The body as it will be sent. */
  payload: WebhookBody;
  /** Several secrets make several signatures, of which a receiver needs to know one. */
  secret: WebhookSecrets;
  /** Seconds since 1970. Default: now. */
  timestamp?: number | undefined;
}

/**
 * What the service would send as `Agentchat-Signature`: for tests of your receiver.
 *
 * @throws WebhookVerificationError `missing_secret`; ValidationError when the timestamp is no whole number of seconds.
 *
 * @example
 * const payload = JSON.stringify({ event: 'message.new', timestamp: new Date().toISOString(), data });
 * const headers = { 'Agentchat-Signature': await signWebhook({ payload, secret }) };
 * await fetch(url, { method: 'POST', body: payload, headers });
 */
export async function signWebhook(options: SignWebhookOptions): Promise<string> {
  if (nodeCrypto() !== undefined) return signWebhookSync(options);
  const { timestamp, secrets, body } = read(options);
  const message = signedBytes(`${timestamp}.`, body);
  const digests = secrets.map((secret) => webHmac(new Map(), secret, message));
  return written(timestamp, await Promise.all(digests));
}

/** The same at once, where the runtime can: Node from 20.16, Bun, Deno. @throws ValidationError elsewhere. */
export function signWebhookSync(options: SignWebhookOptions): string {
  const crypto = nodeCrypto();
  if (crypto === undefined) {
    throw new ValidationError('This runtime cannot sign at once: await signWebhook().');
  }
  const { timestamp, secrets, body } = read(options);
  const digests = secrets.map((secret) => nodeHmac(crypto, secret, `${timestamp}.`, body));
  return written(timestamp, digests);
}

function read({ payload, secret, timestamp = Math.floor(Date.now() / 1000) }: SignWebhookOptions) {
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new ValidationError({
      field: 'timestamp',
      message: 'timestamp must be a whole number of seconds since 1970.',
    });
  }
  return { timestamp: String(timestamp), secrets: readSecrets(secret), body: readBody(payload) };
}

function written(timestamp: string, digests: readonly string[]): string {
  return [`t=${timestamp}`, ...digests.map((digest) => `v1=${digest}`)].join(',');
}
