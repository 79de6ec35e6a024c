import { type CallOptions, checkFilled, checkOptionNames } from '../http/index.js';
import type { CreateWebhookRequest, WebhookConfig, WebhookListResult } from '../wire/index.js';
import { removal } from './absent.js';
import { expectObject, isObject, unexpected } from './answers.js';
import { Methods } from './methods.js';
import { rowsOf } from './pages.js';

/** Where events are delivered to. */
export abstract class WebhookMethods extends Methods {
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
  async createWebhook(request: CreateWebhookRequest, options: CallOptions = {}): Promise<WebhookConfig> {
    checkOptionNames(request, ['url', 'events', 'secret'], 'createWebhook field');
    const response = await this.transport.call('createWebhook', { body: request }, options);
    return expectObject<WebhookConfig>(response, 'createWebhook');
  }

  /** Your webhooks, without their secrets. @throws ProtocolError for an answer that is no list. */
  async listWebhooks(options: CallOptions = {}): Promise<WebhookListResult> {
    const response = await this.transport.call('listWebhooks', {}, options);
    const { data } = response as { data: unknown };
    const webhooks = rowsOf(data, 'webhooks') as WebhookConfig[] | undefined;
    if (webhooks === undefined) throw unexpected(response, 'listWebhooks', 'a list of webhooks');
    return isObject(data) ? { ...data, webhooks } : { webhooks };
  }

  /** One of your webhooks, without its secret. @throws NotFoundError */
  async getWebhook(webhookId: string, options: CallOptions = {}): Promise<WebhookConfig> {
    const params = webhookParams(webhookId);
    const response = await this.transport.call('getWebhook', { params }, options);
    return expectObject<WebhookConfig>(response, 'getWebhook');
  }

  /** Ends a webhook. What is under way may still arrive. @throws NotFoundError */
  async deleteWebhook(webhookId: string, options: CallOptions = {}): Promise<void> {
    const params = webhookParams(webhookId);
    await removal(this.transport.call('deleteWebhook', { params }, options));
  }
}

function webhookParams(webhookId: unknown): { webhook_id: string } {
  checkFilled(webhookId, 'webhookId');
  return { webhook_id: webhookId };
}
