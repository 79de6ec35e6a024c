import { type NodeBody, type NodeRequest, requestOf } from '../receiver/node-http.js';
import type { WebhookReceiverOptions } from '../receiver/options.js';
import { WebhookReceiver } from '../receiver/receiver.js';

export type { NodeBody, NodeRequest } from '../receiver/node-http.js';
export type { WebhookContext, WebhookHandler, WebhookReceiverOptions } from '../receiver/options.js';

export interface FastifyReceiverOptions extends WebhookReceiverOptions {
  /** Where the webhooks arrive, within the plugin's prefix. Default `/`. */
  path?: string | undefined;
}

/** As much of Fastify's request as is needed. */
export interface FastifyWebhookRequest {
  readonly raw: NodeRequest;
  /** What the plugin's own parser leaves: the body as a stream, or nothing when there is none. */
  readonly body: unknown;
}

/** As much of Fastify's reply as is needed. */
export interface FastifyWebhookReply {
  readonly sent: boolean;
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: string): unknown;
  then(sent: () => void, failed: (error: Error) => void): void;
}

/** As much of Fastify's instance as is needed, of version 4 and 5. */
export interface FastifyApp {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, body: NodeBody, done: (error: null, body: NodeBody) => void) => void,
  ): unknown;
  all(
    path: string,
    handler: (request: FastifyWebhookRequest, reply: FastifyWebhookReply) => Promise<unknown>,
  ): unknown;
  addHook(name: 'onClose', hook: () => Promise<void>): unknown;
}

/**
 * A Fastify plugin that receives webhooks: verified, once each, answered before they are handled. It has body parsers of
 * its own; your other routes keep theirs. Register it as it is: wrapped by `fastify-plugin` it would take them over.
 *
 * @throws ValidationError or WebhookVerificationError that names the option which cannot be, when the app gets ready.
 *
 * @example
 * app.register(fastifyReceiver, { path: '/webhooks', secret, onEvent: (hook) => console.log(hook.event) });
 */
export async function fastifyReceiver(app: FastifyApp, options: FastifyReceiverOptions): Promise<void> {
  const { path = '/', ...given } = withoutRegisterOptions(options);
  const receiver = new WebhookReceiver(given);
  app.removeAllContentTypeParsers();
  // The body stays unread, as the hooks of the app have left it: the receiver reads it, within its own bound.
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));
  app.all(path, async (request, reply) => {
    const body = (request.body ?? request.raw) as NodeBody;
    const { answer, afterwards } = await receiver.receive(requestOf(request.raw, body));
    const goOn = () => void afterwards?.();
    try {
      // Unless a timeout of the app has answered meanwhile.
      if (!reply.sent) {
        reply.code(answer.status);
        reply.headers({ ...answer.headers });
        reply.send(answer.body);
      }
    } catch (error) {
      receiver.failed('The answer to a webhook could not be sent.', error);
      goOn();
      throw error;
    }
    reply.then(goOn, goOn);
    return reply;
  });
  app.addHook('onClose', () => receiver.close());
}

/** Fastify hands a plugin what `register` was told for itself, too. */
function withoutRegisterOptions(options: FastifyReceiverOptions): FastifyReceiverOptions {
  const { prefix, logLevel, logSerializers, ...given } = options as FastifyReceiverOptions &
    Record<'prefix' | 'logLevel' | 'logSerializers', unknown>;
  return given;
}
