import type { WebhookBody } from '../body.js';
import { listenerOf, type NodeRequest, type NodeResponse, requestOf } from '../receiver/node-http.js';
import type { WebhookCloseOptions, WebhookReceiverOptions } from '../receiver/options.js';
import type { ReceiverRequest } from '../receiver/receiver.js';
import { utf8 } from '../web-hmac.js';

export type { NodeBody, NodeRequest, NodeResponse } from '../receiver/node-http.js';
export type {
  WebhookCloseOptions,
  WebhookContext,
  WebhookHandler,
  WebhookReceiverOptions,
} from '../receiver/options.js';

/** As much of Express's request as is needed, of version 4 and 5. */
export interface ExpressRequest extends NodeRequest {
  readonly body?: unknown;
  /** The bytes, where `keepRawBody` or the hosting platform has kept them beside the parsed body. */
  readonly rawBody?: unknown;
}

export interface ExpressReceiver {
  (request: ExpressRequest, response: NodeResponse): void;
  /**
   * Takes nothing more in (503); resolves when what is in hand is done, or at the deadline.
   *
   * @throws ValidationError when the deadline is no number of milliseconds.
   */
  close(options?: WebhookCloseOptions): Promise<void>;
}

/**
 * An Express handler that receives webhooks: verified, once each, answered before they are handled. It reads the body by
 * itself, so that it needs no parser; mount it before a global `express.json()`, or let that keep the bytes with
 * {@link keepRawBody}.
 *
 * @throws ValidationError or WebhookVerificationError that names the option which cannot be.
 *
 * @example
 * app.all('/webhooks', expressReceiver({ secret, onEvent: (hook) => console.log(hook.event) }));
 * app.use(express.json());
 */
export function expressReceiver(options: WebhookReceiverOptions): ExpressReceiver {
  return listenerOf(options, receiverRequest);
}

/**
 * For `express.json({ verify: keepRawBody })`: keeps the bytes beside the parsed body, so that a receiver behind it can
 * verify them.
 *
 * @example
 * app.use(express.json({ verify: keepRawBody }));
 * app.all('/webhooks', expressReceiver({ secret, onEvent }));
 */
export function keepRawBody(request: object, _response: unknown, bytes: Uint8Array): void {
  (request as { rawBody?: Uint8Array }).rawBody = bytes;
}

function receiverRequest(request: ExpressRequest): ReceiverRequest {
  const asked = requestOf(request);
  const kept = keptBody(request);
  if (kept === undefined) return asked;
  // The parser that kept the bytes has also decompressed them.
  const readBody = async (mostBytes: number) => (lengthOf(kept) > mostBytes ? null : kept);
  return { ...asked, contentEncoding: undefined, readBody };
}

/** What `keepRawBody`, `express.raw()`, `express.text()` or the hosting platform have left of the body, in this order. */
function keptBody({ rawBody, body }: ExpressRequest): WebhookBody | undefined {
  for (const kept of [rawBody, body]) if (typeof kept === 'string' || ArrayBuffer.isView(kept)) return kept;
  return undefined;
}

/** In bytes. */
function lengthOf(body: WebhookBody): number {
  return typeof body === 'string' ? utf8(body).length : body.byteLength;
}
