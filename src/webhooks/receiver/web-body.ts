import { WebhookVerificationError } from '../../errors/index.js';
import { joined } from './bytes.js';

/** The body of a web-standard request; null when it is longer, in which case the rest is not read. */
export async function readWebBody(
  request: Request,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  if (request.bodyUsed || request.body?.locked === true) {
    throw new WebhookVerificationError(
      'body_already_parsed',
      'The body of the webhook was read before the receiver could: pass the request on untouched, or a request.clone().',
    );
  }
  if (Number(request.headers.get('content-length')) > mostBytes) return null;
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  // Not waited for: a sender may take its time to hear of it.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  try {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw new Error('The body took too long.');
      if (done) return joined(chunks, length);
      length += value.length;
      if (length > mostBytes) {
        stop();
        return null;
      }
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
