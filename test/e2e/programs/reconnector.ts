// A bot whose sessions end as soon as they begin. Measures what its reconnects leave behind. Needs --expose-gc.
import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AgentChatClient, MemoryStore, RealtimeClient, type RealtimeSource } from 'agentchat-client';

export interface ReconnectorSetup {
  readonly apiKey: string;
  readonly socketUrl: string;
  readonly restUrl: string;
  /** The sessions at whose beginning to measure; the last one ends it. */
  readonly sampleAt: readonly number[];
}

/** What there is at one moment. */
export interface Sample {
  readonly session: number;
  /** After a full collection of garbage. */
  readonly heapBytes: number;
  /** What keeps the process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners on the signal of `connect()`, on `process`, and on the platform's network events. */
  readonly listeners: { readonly signal: number; readonly process: number; readonly network: number };
}

export type ReconnectorTold =
  | { readonly kind: 'sample'; readonly sample: Sample }
  | {
      readonly kind: 'stopped';
      readonly handled: number;
      readonly outOfOrder: number;
      readonly errors: readonly string[];
      readonly warnings: readonly string[];
      readonly left: Pick<Sample, 'resources' | 'listeners'>;
    };

const tell = (told: ReconnectorTold) => process.send?.(told);
const { apiKey, socketUrl, restUrl, sampleAt }: ReconnectorSetup = JSON.parse(process.argv[2] ?? '{}');
const warnings: string[] = [];
const errors: string[] = [];
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));

// The network events that a browser has.
const network = new EventTarget();
Object.assign(globalThis, {
  addEventListener: network.addEventListener.bind(network),
  removeEventListener: network.removeEventListener.bind(network),
});
const { signal } = new AbortController();

// The socket goes to a service of its own. A client that is passed as it is would lend its address, so its methods are.
const rest = new AgentChatClient({ apiKey, baseUrl: restUrl });
const client: RealtimeSource = {
  getMessages: rest.getMessages.bind(rest),
  sync: rest.sync.bind(rest),
  syncAck: rest.syncAck.bind(rest),
  listConversations: rest.listConversations.bind(rest),
  getMe: rest.getMe.bind(rest),
};

const realtime = new RealtimeClient({
  apiKey,
  baseUrl: socketUrl,
  client,
  store: new MemoryStore(),
  reconnectInterval: 1,
  maxReconnectInterval: 1,
});
let session = 0;
let handled = 0;
let newest = 0;
let outOfOrder = 0;
realtime.on('message.new', async ({ payload: { seq } }) => {
  if (seq !== newest + 1) outOfOrder += 1;
  newest = seq;
  await Promise.resolve();
  handled += 1;
});
realtime.onError(({ message }) => errors.push(message));
// Somebody who asks again each time, with a signal that lives as long as the program.
const offDisconnect = realtime.onDisconnect(() => void realtime.connect({ signal }));
realtime.onConnect(() => {
  session += 1;
  if (sampleAt.includes(session)) void measure();
});
void realtime.connect({ signal });

async function measure(): Promise<void> {
  // Whoever has waited for this connection hears of it first.
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  tell({ kind: 'sample', sample: sample() });
  if (session === sampleAt.at(-1)) await stop();
}

function sample(): Sample {
  globalThis.gc?.();
  return { session, heapBytes: process.memoryUsage().heapUsed, ...left() };
}

function left(): Pick<Sample, 'resources' | 'listeners'> {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    resources,
    listeners: {
      signal: getEventListeners(signal, 'abort').length,
      process: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
      network: ['online', 'offline'].flatMap((name) => getEventListeners(network, name)).length,
    },
  };
}

async function stop(): Promise<void> {
  offDisconnect();
  await realtime.disconnect();
  // The socket of a request that was called off closes with the next turns of the loop.
  for (let turn = 0; turn < 100 && left().resources.TCPSocketWrap !== undefined; turn += 1) await nextTurn();
  tell({ kind: 'stopped', handled, outOfOrder, errors, warnings, left: left() });
}
