import { listenerOf, type NodeRequest, type NodeResponse, requestOf } from '../receiver/node-http.js';
import type { WebhookCloseOptions, WebhookReceiverOptions } from '../receiver/options.js';

export type { NodeBody, NodeRequest, NodeResponse } from '../receiver/node-http.js';
export type {
  WebhookCloseOptions,
  WebhookContext,
  WebhookHandler,
  WebhookReceiverOptions,
} from '../receiver/options.js';

export interface NodeReceiver {
  (request: NodeRequest, response: NodeResponse): void;
  /**
   * Takes nothing more in (503); resolves when what is in hand is done, or at the deadline.
   *
   * @throws ValidationError when the deadline is no number of milliseconds.
   */
  close(options?: WebhookCloseOptions): Promise<void>;
}

/**
 * A request listener for `node:http` that receives webhooks: verified, once each, answered before they are handled.
 *
 * @throws ValidationError or WebhookVerificationError that names the option which cannot be.
 *
 * @example
 * const receive = nodeReceiver({ secret, onEvent: (hook) => console.log(hook.event) });
 * createServer((request, response) => {
 *   if (request.url === '/webhooks') receive(request, response);
 *   else response.writeHead(404).end();
 * }).listen(3000);
 */
export function nodeReceiver(options: WebhookReceiverOptions): NodeReceiver {
  return listenerOf(options, requestOf);
}
