import { WebhookVerificationError } from '../errors/index.js';
import type { WebhookPayload } from '../wire/index.js';
import { nodeCrypto, verifyInNode } from './node-hmac.js';
import { readRequest, type VerifiedWebhook, type VerifyWebhookOptions } from './request.js';
import { verifyInWeb, type WebKeys } from './web-hmac.js';

/**
 * Verifies a webhook and returns its event.
 *
 * @throws WebhookVerificationError; its `reason` says why. Answer 400 and do nothing else.
 *
 * @example
 * const hook = await verifyWebhook({
 *   payload: rawBody,
 *   signature: request.headers['agentchat-signature'],
 *   secret: process.env.AGENTCHAT_WEBHOOK_SECRET ?? '',
 * });
 * if (hook.event === 'message.new') console.log(hook.data.sender);
 */
export async function verifyWebhook(options: VerifyWebhookOptions): Promise<WebhookPayload> {
  const crypto = nodeCrypto();
  if (crypto !== undefined) return verifyInNode(crypto, readRequest(options)).payload;
  return (await verifyInWeb(new Map(), readRequest(options))).payload;
}

/**
 * The same at once, where the runtime can: Node from 20.16, Bun, Deno.
 *
 * @throws WebhookVerificationError, also with the reason `needs_promise` where it cannot be done at once.
 */
export function verifyWebhookSync(options: VerifyWebhookOptions): WebhookPayload {
  const crypto = nodeCrypto();
  if (crypto === undefined) throw needsPromise();
  return verifyInNode(crypto, readRequest(options)).payload;
}

/**
 * Verifies a webhook and says with which of several secrets it was signed, and when.
 *
 * @param keys Web Crypto's keys, where that is used: keep the map, and each secret is prepared once.
 * @throws what {@link verifyWebhook} throws.
 *
 * @example
 * const { payload, secretIndex } = await identifyWebhook({ payload: rawBody, signature, secret: [fresh, old] });
 * if (secretIndex === 1) console.log('the old secret is still in use');
 */
export async function identifyWebhook(
  options: VerifyWebhookOptions,
  keys: WebKeys = new Map(),
): Promise<VerifiedWebhook> {
  const crypto = nodeCrypto();
  const candidate = readRequest(options);
  return crypto === undefined ? verifyInWeb(keys, candidate) : verifyInNode(crypto, candidate);
}

function needsPromise(): WebhookVerificationError {
  return new WebhookVerificationError(
    'needs_promise',
    'This runtime cannot verify at once: await verifyWebhook().',
  );
}
