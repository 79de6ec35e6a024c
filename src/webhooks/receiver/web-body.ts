import { type Clock, systemClock } from '../../clock/index.js';
import { WebhookVerificationError } from '../../errors/index.js';
import { GatheredBytes } from './bytes.js';
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
  if (!(Number(request.headers.get('content-length')) > mostBytes)) {
    // We do not wait any more, or its sender is gone, where the runtime says so.
    const ends = endOf([signal, request.signal as AbortSignal | undefined]);
    try {
      // One race, not one per chunk: what has lost a race is kept until the other side settles.
      const body = await Promise.race([gather(reader, mostBytes), ends.reached]);
      if (body !== null) return body;
    } catch (error) {
      hangUpLater(hangUp, clock);
      throw error;
    } finally {
      ends.forget();
    }
  }
  await linger(readOn(reader, clock), hangUp, clock);
  return null;
}

/** Null when there are more bytes than that. */
async function gather(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  mostBytes: number,
): Promise<Uint8Array | null> {
  const gathered = new GatheredBytes();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return gathered.whole;
    if (gathered.length + value.length > mostBytes) return null;
    gathered.add(value);
  }
}

/** Rejects when one of the signals aborts. */
function endOf(signals: readonly (AbortSignal | undefined)[]): {
  readonly reached: Promise<never>;
  forget(): void;
} {
  let onAbort = () => {};
  const reached = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Error('Nobody waits for the body any more.'));
  });
  for (const signal of signals) {
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
  }
  return {
    reached,
    forget() {
      for (const signal of signals) signal?.removeEventListener('abort', onAbort);
    },
  };
}

async function readOn(reader: ReadableStreamDefaultReader<unknown>, clock: Clock): Promise<void> {
  while (!(await reader.read()).done) {
    // A stream that always has more would let no timer run.
    await new Promise<void>((resolve) => clock.setTimer(resolve, 0));
  }
}
