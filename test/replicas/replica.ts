// One replica of a bot, in a process of its own: answers each message once, and tells what it is at.
import { AgentChatClient, RealtimeClient, type SharedBotStore } from 'agentchat-client';
import { postgresStore } from 'agentchat-client/stores/postgres';
import { redisStore } from 'agentchat-client/stores/redis';

export interface ReplicaSetup {
  readonly name: string;
  readonly engine: 'postgres' | 'redis';
  readonly storeUrl: string;
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly leaseMs: number;
  /** How long a handler thinks before it answers, at most. */
  readonly thinkMs: number;
}

/** All times are milliseconds since 1970, on the clock of the machine. */
export type ReplicaTold =
  | { readonly kind: 'up' | 'down'; readonly at: number }
  | {
      readonly kind: 'begun' | 'ended' | 'aborted';
      readonly at: number;
      readonly conversation: string;
      readonly id: string;
    }
  | {
      readonly kind: 'partition';
      readonly at: number;
      readonly what: 'taken' | 'leaving' | 'lost';
      readonly partition: number;
    }
  | { readonly kind: 'error'; readonly at: number; readonly code: string; readonly message: string };

const setup: ReplicaSetup = JSON.parse(process.argv[2] ?? '{}');
const tell = (told: ReplicaTold) => process.send?.(told);
const now = () => performance.timeOrigin + performance.now();

const openStore = (): Promise<SharedBotStore> =>
  setup.engine === 'postgres'
    ? postgresStore({ agent: 'bot', connectionString: setup.storeUrl })
    : redisStore({ agent: 'bot', url: setup.storeUrl });

/** A store that is down at the start is waited for, as a supervisor would. */
async function storeAtLast(): Promise<SharedBotStore> {
  for (;;) {
    try {
      return await openStore();
    } catch (error) {
      tell({ kind: 'error', at: now(), code: 'OPENING', message: String(error) });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const store = await storeAtLast();
const replicas = store.replicas({ name: setup.name, leaseMs: setup.leaseMs, partitions: 16 });
const client = new AgentChatClient({ apiKey: setup.apiKey, baseUrl: setup.baseUrl });
const realtime = new RealtimeClient({
  client,
  handle: 'bot',
  replicas,
  reconnectInterval: 100,
  maxReconnectInterval: 500,
});
realtime.onError(({ code, message }) => tell({ kind: 'error', at: now(), code, message }));
realtime.onReplica(({ type, partition }) => tell({ kind: 'partition', at: now(), what: type, partition }));
realtime.on('message.new', async ({ payload }, { signal }) => {
  const { id, conversation_id: conversation, sender, content } = payload;
  tell({ kind: 'begun', at: now(), conversation, id });
  signal.addEventListener('abort', () => tell({ kind: 'aborted', at: now(), conversation, id }));
  try {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * setup.thinkMs));
    signal.throwIfAborted();
    const reply = { to: String(sender), content: { text: `re: ${content.text}` }, client_msg_id: `re-${id}` };
    await client.sendMessage(reply, { signal });
  } finally {
    tell({ kind: 'ended', at: now(), conversation, id });
  }
});

process.once('SIGTERM', async () => {
  await realtime.disconnect();
  await store.close();
  tell({ kind: 'down', at: now() });
  process.exit();
});
process.on('disconnect', () => process.exit());
await realtime.connect();
tell({ kind: 'up', at: now() });
