// A bot that takes its time for each message until it is told to hurry. Measures its memory. Needs --expose-gc.
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentChatClient, type Counters, RealtimeClient } from 'agentchat-client';

export interface SlowConsumerSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** What one handler call takes until "fast" is said. */
  readonly handlerMs: number;
  readonly reconcileIntervalMs: number;
}

export interface Look {
  readonly kind: 'look';
  /** After a full collection of garbage. */
  readonly heapBytes: number;
  readonly handled: number;
  /** The last seq that was handled, by conversation. */
  readonly through: Readonly<Record<string, number>>;
  /** Messages that did not follow on the one before. */
  readonly outOfOrder: number;
  readonly counters: Counters;
}

export type SlowConsumerTold =
  | Look
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'error'; readonly message: string };

const LOOK_EVERY_MS = 250;

const tell = (told: SlowConsumerTold) => process.send?.(told);
const setup: SlowConsumerSetup = JSON.parse(process.argv[2] ?? '{}');
const { baseUrl, apiKey, reconcileIntervalMs } = setup;
let { handlerMs } = setup;
let handled = 0;
let outOfOrder = 0;
const through: Record<string, number> = {};
const client = new AgentChatClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({ apiKey, baseUrl, client, reconcileIntervalMs });
realtime.on('message.new', ({ payload: { conversation_id, seq } }) => {
  const done = () => {
    if (seq !== (through[conversation_id] ?? 0) + 1) outOfOrder += 1;
    through[conversation_id] = seq;
    handled += 1;
  };
  if (handlerMs === 0) return done();
  return sleep(handlerMs).then(done);
});
realtime.onStateChange((state) => tell({ kind: 'state', state }));
realtime.onError(({ message }) => tell({ kind: 'error', message }));
// Whoever started it has gone.
process.on('disconnect', () => process.exit());
process.on('message', () => {
  handlerMs = 0;
});
setInterval(() => {
  globalThis.gc?.();
  const { heapUsed: heapBytes } = process.memoryUsage();
  tell({ kind: 'look', heapBytes, handled, through, outOfOrder, counters: { ...realtime.counters } });
}, LOOK_EVERY_MS);
void realtime.connect();
