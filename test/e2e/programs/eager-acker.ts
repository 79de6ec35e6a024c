// A bot that handles at once whatever comes, so that its acks are as many as the messages.
import { RealtimeClient } from 'agentchat-client';

export interface EagerAckerSetup {
  readonly baseUrl: string;
  /** Silence after which it pings, and the span after which a peer that takes nothing is given up. */
  readonly pingAfterMs: number;
  readonly lookEveryMs: number;
  readonly pendingAcks: number;
}

export type EagerAckerTold =
  | {
      readonly kind: 'look';
      readonly handled: number;
      /** What was written and not taken yet: now, and the most so far. */
      readonly unsentBytes: number;
      readonly mostUnsentBytes: number;
      readonly pendingAcks: number;
    }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'lost'; readonly code: number };

const MEASURE_EVERY_MS = 10;

const tell = (told: EagerAckerTold) => process.send?.(told);
const { baseUrl, pingAfterMs, lookEveryMs, pendingAcks }: EagerAckerSetup = JSON.parse(
  process.argv[2] ?? '{}',
);
const realtime = new RealtimeClient({
  baseUrl,
  apiKey: 'ac_test',
  pingAfterMs,
  bounds: { pendingAcks },
  handle: 'bot',
});
let handled = 0;
let unsentBytes = 0;
let mostUnsentBytes = 0;
realtime.on('message.new', () => {
  handled += 1;
});
realtime.onError(({ message }) => tell({ kind: 'error', message }));
realtime.onDisconnect(({ code }) => tell({ kind: 'lost', code }));
process.on('disconnect', () => process.exit());
setInterval(() => {
  ({ unsentBytes } = realtime.explain().connection);
  mostUnsentBytes = Math.max(mostUnsentBytes, unsentBytes);
}, MEASURE_EVERY_MS);
setInterval(() => {
  const { pendingAcks: pending } = realtime.explain().totals;
  tell({ kind: 'look', handled, unsentBytes, mostUnsentBytes, pendingAcks: pending });
}, lookEveryMs);
void realtime.connect();
