import { type CallOptions, checkOptionNames } from '../http/index.js';
import type { WakeWebhookRequest, WakeWebhookResponse } from '../wire/index.js';
import { isObject } from './answers.js';
import { Methods } from './methods.js';

/** Being woken, for a bot that keeps no socket. */
export abstract class WakeWebhookMethods extends Methods {
  /**
   * Has the service call an address of yours when there is something for your agent: for a bot that runs only then. It
   * replaces the address before it.
   *
   * Whether that call is signed as other webhooks are is not documented. Try to verify it with `secret`, and read what is
   * new through {@link sync} in any case.
   *
   * @throws ValidationError for what is no `https` address, or without a secret.
   * @example await client.setWakeWebhook({ url: 'https://bot.example.com/wake', secret });
   */
  async setWakeWebhook(request: WakeWebhookRequest, options: CallOptions = {}): Promise<WakeWebhookResponse> {
    checkOptionNames(request, ['url', 'secret'], 'setWakeWebhook field');
    const { data } = await this.transport.call('setWakeWebhook', { body: request }, options);
    // The status said that it is done.
    return isObject(data) ? { ...data } : {};
  }

  /** Is woken no longer. Succeeds also when there was no address. */
  async removeWakeWebhook(options: CallOptions = {}): Promise<void> {
    await this.transport.call('removeWakeWebhook', {}, options);
  }
}
