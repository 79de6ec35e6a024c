import type { WebhookCloseOptions, WebhookReceiverOptions } from '../receiver/options.js';
import { WebhookReceiver } from '../receiver/receiver.js';
import { readWebBody } from '../receiver/web-body.js';
import { SIGNATURE_HEADER } from '../signature.js';

export type {
  WebhookCloseOptions,
  WebhookContext,
  WebhookHandler,
  WebhookReceiverOptions,
} from '../receiver/options.js';

export interface WebReceiverContext {
  /** Keeps the worker alive until the event is handled: `ctx.waitUntil` of Workers, `after` or `waitUntil` of Next. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

export interface WebReceiver {
  /** @param context What a framework hands over beside the request; used when it has a `waitUntil`. */
  (request: Request, context?: WebReceiverContext | object): Promise<Response>;
  /**
   * Takes nothing more in (503); resolves when what is in hand is done, or at the deadline.
   *
   * @throws ValidationError when the deadline is no number of milliseconds.
   */
  close(options?: WebhookCloseOptions): Promise<void>;
}

/**
 * A web-standard handler that receives webhooks: Hono, Next, Bun, Deno, Workers. Where a worker is put to sleep after its
 * answer, pass `waitUntil`, or choose `respond: 'when-handled'`.
 *
 * @throws ValidationError or WebhookVerificationError that names the option which cannot be.
 *
 * @example
 * const receive = webReceiver({ secret, onEvent: (hook) => console.log(hook.event) });
 * app.post('/webhooks', (c) => receive(c.req.raw)); // Hono
 * export const POST = receive; // Next
 * export default { fetch: (request, env, ctx) => receive(request, { waitUntil: (work) => ctx.waitUntil(work) }) }; // Workers
 */
export function webReceiver(options: WebhookReceiverOptions): WebReceiver {
  const receiver = new WebhookReceiver(options);
  const receive = async (request: Request, context?: WebReceiverContext | object): Promise<Response> => {
    const { method, headers } = request;
    const { answer, afterwards } = await receiver.receive({
      method,
      contentType: headers.get('content-type'),
      contentEncoding: headers.get('content-encoding'),
      signature: headers.get(SIGNATURE_HEADER),
      readBody: (most, signal) => readWebBody(request, most, signal),
    });
    // Begun before the answer has gone out: without waitUntil, some runtimes stop everything as soon as it has.
    const work = afterwards?.();
    try {
      if (work !== undefined) (context as WebReceiverContext | undefined)?.waitUntil?.(work);
    } catch (error) {
      receiver.failed('waitUntil failed, so the handler may be cut short.', error);
    }
    const { status, body } = answer;
    return new Response(body, { status, headers: { ...answer.headers } });
  };
  return Object.assign(receive, { close: (options?: WebhookCloseOptions) => receiver.close(options) });
}
