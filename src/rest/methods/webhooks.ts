import { type CallOptions, checkFilled } from '../../http/index.js';
import type { CreateWebhookRequest, WebhookConfig, WebhookListResult } from '../../wire/index.js';
import { removal } from '../absent.js';
import { createWebhook, getWebhook, listWebhooks } from '../webhooks.js';
import { AttachmentMethods } from './attachments.js';

/** Where events are delivered to. */
export abstract class WebhookMethods extends AttachmentMethods {
  /**
   * Has events delivered to an address of yours. Receive them with `agentchat-client/webhooks`.
   *
   * Not repeated by itself after a failure, unless you pass an `idempotencyKey`.
   *
   * @returns The webhook; with a `secret` when the service has chosen one. It is not shown again: store it.
   * @throws ValidationError for what is no http(s) address, or no event.
   * @example
   * const { id, secret } = await client.createWebhook({ url: 'https://bot.example.com/hook', events: ['message.new'] });
   */
  createWebhook(request: CreateWebhookRequest, options: CallOptions = {}): Promise<WebhookConfig> {
    return createWebhook(this.transport, request, options);
  }

  /** Your webhooks, without their secrets. @throws ProtocolError for an answer that is no list. */
  listWebhooks(options: CallOptions = {}): Promise<WebhookListResult> {
    return listWebhooks(this.transport, options);
  }

  /** One of your webhooks, without its secret. @throws NotFoundError */
  getWebhook(webhookId: string, options: CallOptions = {}): Promise<WebhookConfig> {
    return getWebhook(this.transport, webhookId, options);
  }

  /** Ends a webhook. What is under way may still arrive. @throws NotFoundError */
  async deleteWebhook(webhookId: string, options: CallOptions = {}): Promise<void> {
    checkFilled(webhookId, 'webhookId');
    const params = { webhook_id: webhookId };
    await removal(this.transport.call('deleteWebhook', { params }, options));
  }
}
