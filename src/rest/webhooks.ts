import { type CallOptions, checkFilled, checkOptionNames, type HttpTransport } from '../http/index.js';
import type { CreateWebhookRequest, WebhookConfig, WebhookListResult } from '../wire/index.js';
import { expectField, isObject, unexpected } from './expect.js';
import { rowsOf } from './pages.js';

/** Registers an address. */
export async function createWebhook(
  transport: HttpTransport,
  request: CreateWebhookRequest,
  options: CallOptions,
): Promise<WebhookConfig> {
  checkOptionNames(request, ['url', 'events', 'secret'], 'createWebhook field');
  const response = await transport.call('createWebhook', { body: request }, options);
  return expectField<WebhookConfig>(response, 'createWebhook', 'id');
}

/** Reads the webhooks. @throws ProtocolError for an answer that is no list. */
export async function listWebhooks(
  transport: HttpTransport,
  options: CallOptions,
): Promise<WebhookListResult> {
  const response = await transport.call('listWebhooks', {}, options);
  const { data } = response as { data: unknown };
  const webhooks = rowsOf(data, 'webhooks') as WebhookConfig[] | undefined;
  if (webhooks === undefined) throw unexpected(response, 'listWebhooks', 'a list of webhooks');
  return isObject(data) ? { ...data, webhooks } : { webhooks };
}

/** Reads one webhook. */
export async function getWebhook(
  transport: HttpTransport,
  webhookId: string,
  options: CallOptions,
): Promise<WebhookConfig> {
  checkFilled(webhookId, 'webhookId');
  const params = { webhook_id: webhookId };
  const response = await transport.call('getWebhook', { params }, options);
  return expectField<WebhookConfig>(response, 'getWebhook', 'id');
}
