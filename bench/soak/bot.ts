// The bot of a soak, in a process of its own: default options, and everything attached that a user attaches. Told
// 'count' and 'stop'. Needs --expose-gc.
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentChatClient, type Counters, type Explanation, RealtimeClient } from 'agentchat-client';
import { Ledger } from './ledger.js';
import { outliveInterrupts } from './outlive-interrupts.js';
import { added, type Resources, resources } from './resources.js';

export interface BotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly sampleEveryMs: number;
}

/** From when a message was stored to when its handler began. Milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the process holds, after a full collection of garbage. */
export interface MemorySample {
  readonly kind: 'memory';
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export interface BotLook {
  readonly kind: 'look';
  readonly state: string;
  readonly handled: number;
  readonly latency: Latency;
}

/** What there is to say when all is over. */
export interface BotCount {
  readonly kind: 'count';
  /** The last seq of each conversation that was handled. */
  readonly through: Readonly<Record<string, number>>;
  readonly latency: Latency;
  readonly handled: number;
  /** Handler calls that were not as promised: how many, and the first of them. */
  readonly faultCount: number;
  readonly faults: readonly string[];
  /** Gaps of which something stayed missing. */
  readonly unrecovered: number;
  /** What `onError` was told, by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly disconnects: number;
  readonly counters: Readonly<Counters>;
  readonly explanation: Explanation;
}

export interface BotStop {
  readonly kind: 'stopped';
  /** What keeps the process alive after `disconnect()`, and did not before there was a client: by kind. */
  readonly left: Resources;
  readonly tookMs: number;
}

export type BotTold = { readonly kind: 'connected' } | MemorySample | BotLook | BotCount | BotStop;

const LOOK_EVERY_MS = 500;
/** What a handler takes, at most: it asks somebody. */
const WORK_MS = 10;

const tell = (told: BotTold, then: () => void = () => undefined) => process.send?.(told, then);
const { baseUrl, apiKey, sampleEveryMs }: BotSetup = JSON.parse(process.argv[2] ?? '{}');
// The channel to whoever started us counts as soon as something listens to it.
outliveInterrupts();
const atFirst = resources();
const ledger = new Ledger();
// Its size does not depend on how much it has seen.
const latency = createHistogram({ figures: 3 });
const errors: Record<string, number> = {};
let unrecovered = 0;
let disconnects = 0;

const client = new AgentChatClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({
  client,
  onSequenceGap: ({ recovered }) => {
    if (!recovered) unrecovered += 1;
  },
});
realtime.on('message.new', async ({ payload: message }) => {
  latency.record(Math.max(1, Date.now() - Date.parse(message.created_at)));
  ledger.begin(message);
  await sleep(message.seq % WORK_MS);
  ledger.end(message);
});
for (const type of ['message.read', 'typing.start', 'presence.update'] as const)
  realtime.on(type, () => undefined);
realtime.onConnect(() => undefined);
realtime.onStateChange(() => undefined);
realtime.onDisconnect(() => {
  disconnects += 1;
});
realtime.onError(({ code }) => {
  errors[code] = (errors[code] ?? 0) + 1;
});
const looking = setInterval(() => tell(look()), LOOK_EVERY_MS);
const sampling = setInterval(() => tell(sample()), sampleEveryMs);
const orders: Readonly<Record<string, () => unknown>> = {
  count: () => tell(count()),
  stop,
};
process.on('message', (order) => orders[String(order)]?.());
await realtime.connect();
tell({ kind: 'connected' });

async function stop(): Promise<void> {
  clearInterval(looking);
  clearInterval(sampling);
  const startedAt = performance.now();
  await realtime.disconnect();
  await realtime.closed;
  const left = added(atFirst, resources());
  // The channel is the last thing that is ours. Whatever else were left would keep the process.
  process.removeAllListeners('disconnect').removeAllListeners('SIGINT');
  tell({ kind: 'stopped', left, tookMs: performance.now() - startedAt }, () => process.disconnect?.());
}

function latencies(): Latency {
  if (latency.count === 0) return { p50: 0, p99: 0, max: 0 };
  return { p50: latency.percentile(50), p99: latency.percentile(99), max: latency.max };
}

function look(): BotLook {
  return { kind: 'look', state: realtime.state, handled: ledger.handled, latency: latencies() };
}

function sample(): MemorySample {
  globalThis.gc?.();
  const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage();
  return { kind: 'memory', heapBytes, rssBytes };
}

function count(): BotCount {
  const { handled, faultCount, faults } = ledger;
  const explanation = realtime.explain();
  return {
    kind: 'count',
    through: ledger.through(),
    latency: latencies(),
    handled,
    faultCount,
    faults,
    unrecovered,
    errors,
    disconnects,
    counters: explanation.counters,
    explanation,
  };
}
