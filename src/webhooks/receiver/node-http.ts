import { type Clock, systemClock } from '../../clock/index.js';
import { WebhookVerificationError } from '../../errors/index.js';
import type { WebhookBody } from '../body.js';
import { SIGNATURE_HEADER } from '../signature.js';
import { utf8 } from '../web-hmac.js';
import type { ReceiverAnswer } from './answer.js';
import { GatheredBytes } from './bytes.js';
import { hangUpLater, linger } from './linger.js';
import type { WebhookCloseOptions, WebhookReceiverOptions } from './options.js';
import { type ReceiverRequest, WebhookReceiver } from './receiver.js';

/** As much of a Node stream as is needed to read a body from it. */
export interface NodeBody {
  /** Whether somebody has had bytes from it. */
  readonly readableDidRead?: boolean | undefined;
  readonly readableEnded?: boolean | undefined;
  readonly destroyed?: boolean | undefined;
  on(event: string, listener: (argument: unknown) => void): unknown;
  removeListener(event: string, listener: (argument: unknown) => void): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** As much of Node's `IncomingMessage` as is needed: frameworks hand on theirs. */
export interface NodeRequest extends NodeBody {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** As much of Node's `ServerResponse` as is needed. */
export interface NodeResponse {
  readonly headersSent: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** A request listener that receives webhooks, and `close` to end it. What `ask` makes of a request goes to the core. */
export function listenerOf<Request extends NodeRequest>(
  options: WebhookReceiverOptions,
  ask: (request: Request) => ReceiverRequest,
): {
  (request: Request, response: NodeResponse): void;
  close(options?: WebhookCloseOptions): Promise<void>;
} {
  const receiver = new WebhookReceiver(options);
  const receive = (request: Request, response: NodeResponse) =>
    void respond(receiver, ask(request), response);
  return Object.assign(receive, { close: (options?: WebhookCloseOptions) => receiver.close(options) });
}

/**
 * What the core asks of a Node request.
 *
 * @param body Where to read the body from, when a framework has put it elsewhere.
 */
export function requestOf(request: NodeRequest, body: NodeBody = request): ReceiverRequest {
  const { method, headers } = request;
  return {
    method,
    contentType: single(headers['content-type']),
    contentEncoding: single(headers['content-encoding']),
    signature: headers[SIGNATURE_HEADER],
    readBody: (mostBytes, signal) => readStream(body, headers, mostBytes, signal),
  };
}

/** Answers, then does what is left to do: also when nobody is there any more to read the answer. Never rejects. */
async function respond(
  receiver: WebhookReceiver,
  request: ReceiverRequest,
  response: NodeResponse,
): Promise<void> {
  const { answer, afterwards } = await receiver.receive(request);
  try {
    write(response, answer);
  } catch (error) {
    receiver.failed('The answer to a webhook could not be sent.', error);
  }
  await afterwards?.();
}

function write(response: NodeResponse, { status, headers, body }: ReceiverAnswer): void {
  // Somebody else has answered meanwhile, such as a middleware with a timeout.
  if (response.headersSent) return;
  response.writeHead(status, { ...headers });
  response.end(body);
}

/**
 * The body as it comes from the socket; null when it is longer.
 *
 * @param headers Of the request that it belongs to.
 */
export function readStream(
  body: NodeBody,
  headers: NodeRequest['headers'],
  mostBytes: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<WebhookBody | null> {
  return new Promise((resolve, reject) => {
    const gathered = new GatheredBytes();
    const settle = (finish: () => void) => {
      body.removeListener('data', onData);
      body.removeListener('end', onEnd);
      body.removeListener('error', onBroken);
      body.removeListener('close', onBroken);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const onData = (chunk: unknown) => {
      // Text, when somebody has called setEncoding.
      const bytes = typeof chunk === 'string' ? utf8(chunk) : (chunk as Uint8Array);
      if (gathered.length + bytes.length > mostBytes) onTooLong();
      else gathered.add(bytes);
    };
    const onEnd = () => settle(() => resolve(gathered.whole));
    const onBroken = () => settle(() => reject(new Error('The body broke off.')));
    const onTooLong = () =>
      settle(() => {
        linger(readOn(body), hangUp, clock).then(() => resolve(null), reject);
      });
    const onAbort = () => {
      hangUpLater(hangUp, clock);
      onBroken();
    };
    const hangUp = () => void body.destroy();
    // An error that comes when nobody waits for it any more would end the process.
    body.on('error', () => {});
    if (body.readableDidRead === true) reject(alreadyRead());
    // What has ended, or broken off, before we came will not say so again.
    else if (body.readableEnded === true) resolve(new Uint8Array(0));
    else if (body.destroyed === true || signal.aborted) onBroken();
    else if (Number(single(headers['content-length'])) > mostBytes) onTooLong();
    else {
      signal.addEventListener('abort', onAbort);
      body.on('data', onData);
      body.on('end', onEnd);
      body.on('error', onBroken);
      body.on('close', onBroken);
      // Somebody may have paused it, to keep the bytes until it was known who reads them.
      body.resume();
    }
  });
}

function readOn(body: NodeBody): Promise<unknown> {
  return new Promise((resolve) => {
    body.on('end', resolve);
    body.on('close', resolve);
    body.resume();
  });
}

function alreadyRead(): WebhookVerificationError {
  return new WebhookVerificationError(
    'body_already_parsed',
    'A body parser has read the webhook before the receiver could. Mount the receiver before it; with Express, app.use(express.json()) may also keep the bytes: express.json({ verify: keepRawBody }).',
  );
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
