// One replica of a bot, in a process of its own: answers each message once, and tells what it is at.
import {
  AgentChatClient,
  type Counters,
  RealtimeClient,
  type RealtimeOptions,
  type ReplicaEvent,
  type SharedBotStore,
} from 'agentchat-client';
import { postgresStore } from 'agentchat-client/stores/postgres';
import { redisStore } from 'agentchat-client/stores/redis';
import type { StoreName } from '../servers/store-servers.js';

export interface ReplicaSetup {
  readonly name: string;
  readonly store: ReplicaStore;
  readonly baseUrl: string;
  /** Of the agent. */
  readonly handle: string;
  readonly apiKey: string;
  readonly leaseMs: number;
  /** How long a handler thinks before it answers, at most. */
  readonly thinkMs: number;
  /** Of the client, besides how soon it reconnects. */
  readonly tuning?: RealtimeOptions;
}

export interface ReplicaStore {
  readonly engine: StoreName;
  /** A variable stands for an address with a password: everybody on a machine sees the arguments of its programs. */
  readonly address: { readonly url: string } | { readonly variable: string };
  /** Whose memory it is. */
  readonly agent: string;
}

/** A message that a handler is called for. */
export interface ReplicaCall {
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
  readonly partition: number;
}

/** All times are milliseconds since 1970, on the clock of the machine. */
export type ReplicaTold =
  | { readonly kind: 'up' | 'down'; readonly at: number }
  | {
      readonly kind: 'begun' | 'finished' | 'failed' | 'aborted';
      readonly at: number;
      readonly call: ReplicaCall;
    }
  | { readonly kind: 'partition'; readonly at: number; readonly event: ReplicaEvent }
  /** What a bot's owner would be told, in words. */
  | { readonly kind: 'reported'; readonly at: number; readonly words: string }
  | { readonly kind: 'counters'; readonly at: number; readonly counters: Counters }
  /** The store could not be opened: it is tried again. */
  | { readonly kind: 'not opened'; readonly at: number; readonly message: string };

const COUNTERS_EVERY_MS = 250;

const setup: ReplicaSetup = JSON.parse(process.argv[2] ?? '{}');
const tell = (told: ReplicaTold) => process.send?.(told);
const now = () => performance.timeOrigin + performance.now();

function openStore(): Promise<SharedBotStore> {
  const { engine, address, agent } = setup.store;
  const url = 'url' in address ? address.url : process.env[address.variable];
  return engine === 'postgres' ? postgresStore({ agent, connectionString: url }) : redisStore({ agent, url });
}

/** A store that is down at the start is waited for, as a supervisor would. */
async function storeAtLast(): Promise<SharedBotStore> {
  for (;;) {
    try {
      return await openStore();
    } catch (error) {
      tell({
        kind: 'not opened',
        at: now(),
        message: error instanceof Error ? error.message : String(error),
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

// Ctrl-C is for the program that started it.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const store = await storeAtLast();
const replicas = store.replicas({ name: setup.name, leaseMs: setup.leaseMs, partitions: 16 });
const report = (words: string) => tell({ kind: 'reported', at: now(), words });
const client = new AgentChatClient({ apiKey: setup.apiKey, baseUrl: setup.baseUrl });
const realtime = new RealtimeClient({
  client,
  handle: setup.handle,
  replicas,
  reconnectInterval: 100,
  maxReconnectInterval: 500,
  onSequenceGap: (gap) => report(JSON.stringify(gap)),
  ...setup.tuning,
});
realtime.onError(({ code, message }) => report(`${code}: ${message}`));
realtime.onReplica((event) => tell({ kind: 'partition', at: now(), event }));
realtime.on('message.new', async ({ payload }, { signal, late }) => {
  const { id, conversation_id: conversation, sender, seq, content } = payload;
  if (late) report(`late: ${conversation} ${seq}`);
  const call = { id, conversation, seq, partition: replicas.partitionOf(conversation) };
  tell({ kind: 'begun', at: now(), call });
  signal.addEventListener('abort', () => tell({ kind: 'aborted', at: now(), call }));
  try {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * setup.thinkMs));
    signal.throwIfAborted();
    const reply = {
      to: String(sender),
      content: { text: `re: ${content.text}` },
      metadata: { reply_to: id },
      client_msg_id: `re-${id}`,
    };
    await client.sendMessage(reply, { signal });
    tell({ kind: 'finished', at: now(), call });
  } catch (error) {
    tell({ kind: 'failed', at: now(), call });
    throw error;
  }
});

const tellCounters = () => tell({ kind: 'counters', at: now(), counters: { ...realtime.counters } });
setInterval(tellCounters, COUNTERS_EVERY_MS).unref();

process.once('SIGTERM', async () => {
  await realtime.disconnect();
  tellCounters();
  await store.close();
  tell({ kind: 'down', at: now() });
  process.exit();
});
realtime.connect().then(
  () => tell({ kind: 'up', at: now() }),
  () => undefined, // It was told to stop before it was up.
);
