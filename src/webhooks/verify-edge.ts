import type { WebhookPayload } from '../wire/index.js';
import { readRequest, type VerifiedWebhook, type VerifyWebhookOptions } from './request.js';
import { verifyInWeb, type WebKeys } from './web-hmac.js';

// What verify.ts offers, for bundles of browsers and workers: without the half that only Node can run.

export async function verifyWebhook(options: VerifyWebhookOptions): Promise<WebhookPayload> {
  return (await verifyInWeb(new Map(), readRequest(options))).payload;
}

export async function identifyWebhook(
  options: VerifyWebhookOptions,
  keys: WebKeys = new Map(),
): Promise<VerifiedWebhook> {
  return verifyInWeb(keys, readRequest(options));
}
