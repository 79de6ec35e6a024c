import { type Clock, systemClock } from '../../clock/index.js';
import { WebhookVerificationError } from '../../errors/index.js';
import { joined } from './bytes.js';
import { hangUpLater, linger } from './linger.js';

/** The body of a web-standard request; null when it is longer. */
export async function readWebBody(
  request: Request,
  mostBytes: number,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<Uint8Array | null> {
  if (request.bodyUsed || request.body?.locked === true) {
    throw new WebhookVerificationError(
      'body_already_parsed',
      'The body of the webhook was read before the receiver could: pass the request on untouched, or a request.clone().',
    );
  }
  if (request.body === null) return new Uint8Array(0);
  const reader = request.body.getReader();
  // On Node, to cancel cuts the connection: never before the answer.
  const hangUp = () => void reader.cancel().catch(() => {});
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => {
      hangUpLater(hangUp, clock);
      reject(new Error('The body took too long.'));
    });
  });
  // It may come when nobody waits for it.
  aborted.catch(() => {});
  const chunks: Uint8Array[] = [];
  let length = 0;
  let tooLong = Number(request.headers.get('content-length')) > mostBytes;
  while (!tooLong) {
    const { done, value } = await Promise.race([reader.read(), aborted]);
    if (done) return joined(chunks, length);
    length += value.length;
    tooLong = length > mostBytes;
    chunks.push(value);
  }
  await linger(readOn(reader, clock), hangUp, clock);
  return null;
}

async function readOn(reader: ReadableStreamDefaultReader<unknown>, clock: Clock): Promise<void> {
  while (!(await reader.read()).done) {
    // A stream that always has more would let no timer run.
    await new Promise<void>((resolve) => clock.setTimer(resolve, 0));
  }
}
