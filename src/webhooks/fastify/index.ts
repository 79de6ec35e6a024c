import type { NodeRequest } from '../receiver/node-http.js';
import { readStream, requestOf } from '../receiver/node-http.js';
import type { WebhookReceiverOptions } from '../receiver/options.js';
import { WebhookReceiver } from '../receiver/receiver.js';

export type { WebhookContext, WebhookHandler, WebhookReceiverOptions } from '../receiver/options.js';

export interface FastifyReceiverOptions extends WebhookReceiverOptions {
  /** Where the webhooks arrive, within the plugin's prefix. Default `/`. */
  path?: string | undefined;
}

interface Reply {
  code(status: number): Reply;
  headers(headers: Record<string, string>): Reply;
  send(body: string): Reply;
  then(sent: () => void, failed: (error: unknown) => void): void;
}

/** As much of Fastify's instance as is needed, of version 4 and 5. */
export interface FastifyApp {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(path: string, handler: (request: { raw: NodeRequest }, reply: Reply) => unknown): unknown;
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
  const { path = '/', prefix: _prefix, logLevel: _logLevel, ...given } = options as WithRegisterOptions;
  const receiver = new WebhookReceiver(given);
  app.removeAllContentTypeParsers();
  // The body stays where it is: the receiver reads it, within its own bound.
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.all(path, async ({ raw }, reply) => {
    const { answer, afterwards } = await receiver.receive(requestOf(raw, (most) => readStream(raw, most)));
    reply
      .code(answer.status)
      .headers({ ...answer.headers })
      .send(answer.body);
    const goOn = () => void afterwards?.();
    reply.then(goOn, goOn);
    return reply;
  });
  app.addHook('onClose', () => receiver.close());
}

/** Fastify hands a plugin what `register` was told for itself, too. */
type WithRegisterOptions = FastifyReceiverOptions & {
  prefix?: unknown;
  logLevel?: unknown;
  logSerializers?: unknown;
};
