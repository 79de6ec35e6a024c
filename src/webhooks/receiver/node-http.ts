import type { WebhookBody } from '../body.js';
import { SIGNATURE_HEADER } from '../signature.js';
import type { ReceiverAnswer } from './answer.js';
import { joined } from './bytes.js';
import type { ReceiverRequest, WebhookReceiver } from './receiver.js';

/** As much of Node's `IncomingMessage` as is needed: frameworks hand on theirs. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  on(event: string, listener: (argument: never) => void): unknown;
  removeListener(event: string, listener: (argument: never) => void): unknown;
  resume(): unknown;
}

/** As much of Node's `ServerResponse` as is needed. */
export interface NodeResponse {
  readonly headersSent: boolean;
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/** What the core asks of a Node request. */
export function requestOf(
  { method, headers }: NodeRequest,
  readBody: ReceiverRequest['readBody'],
): ReceiverRequest {
  return {
    method,
    contentType: single(headers['content-type']),
    contentEncoding: single(headers['content-encoding']),
    signature: headers[SIGNATURE_HEADER],
    readBody,
  };
}

/** Answers, then does what is left to do: also when nobody is there any more to read the answer. */
export async function respond(
  receiver: WebhookReceiver,
  request: ReceiverRequest,
  response: NodeResponse,
): Promise<void> {
  const { answer, afterwards } = await receiver.receive(request);
  try {
    write(response, answer);
  } finally {
    await afterwards?.();
  }
}

function write(response: NodeResponse, { status, headers, body }: ReceiverAnswer): void {
  // Somebody else has answered meanwhile, such as a middleware with a timeout.
  if (response.headersSent) return;
  response.writeHead(status, { ...headers });
  response.end(body);
}

/** The body as it comes from the socket; null when it is longer. What is too long is read on, and thrown away. */
export function readStream(request: NodeRequest, mostBytes: number): Promise<WebhookBody | null> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const settle = (finish: () => void) => {
      request.removeListener('data', onData);
      request.removeListener('end', onEnd);
      request.removeListener('error', onBroken);
      request.removeListener('close', onBroken);
      finish();
    };
    const onData = (chunk: Uint8Array) => {
      length += chunk.length;
      if (length <= mostBytes) chunks.push(chunk);
      else tooLong();
    };
    const onEnd = () => settle(() => resolve(joined(chunks, length)));
    const onBroken = () => settle(() => reject(new Error('The body broke off.')));
    const tooLong = () =>
      settle(() => {
        request.on('error', () => {});
        request.resume();
        resolve(null);
      });
    if (Number(single(request.headers['content-length'])) > mostBytes) {
      tooLong();
      return;
    }
    request.on('data', onData);
    request.on('end', onEnd);
    request.on('error', onBroken);
    request.on('close', onBroken);
  });
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
