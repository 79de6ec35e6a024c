// Bots all of whose callbacks misbehave, each bot in a way of its own. Tells what they handled all the same, and
// whether anything escaped into the process.
import { AgentChatClient, MemoryStore, RealtimeClient } from 'agentchat-client';
import {
  type HostileBotSetup,
  type HostileBotTold,
  type Kind,
  misbehaveBy,
  type Way,
} from '../misbehaviour.js';

const tell = (told: HostileBotTold) => process.send?.(told);
const { baseUrl, bots, cursed }: HostileBotSetup = JSON.parse(process.argv[2] ?? '{}');
for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(event, (reason: unknown) => tell({ kind: 'escaped', what: `${event}: ${inWords(reason)}` }));
}
// What onError listeners do not take is written here, and there will be much of it.
console.error = () => undefined;

const stops = bots.map(({ way, apiKey }) => start(way, apiKey));
process.once('message', async () => {
  await Promise.all(stops.map((stop) => stop()));
  process.disconnect?.();
});

function start(way: Way, key: string): () => Promise<void> {
  const misbehaved: Partial<Record<Kind, number>> = {};
  /** Misbehaves. The type is a lie, as it is in the programs of those who do this without knowing. */
  const misbehave = (kind: Kind): never => {
    misbehaved[kind] = (misbehaved[kind] ?? 0) + 1;
    return misbehaveBy(way) as never;
  };
  const always = (kind: Kind) => () => misbehave(kind);
  /** Misbehaves the first two times. */
  const twice = <T>(kind: Kind, result: () => T) => {
    return (): T => ((misbehaved[kind] ?? 0) < 2 ? misbehave(kind) : result());
  };

  const client = new AgentChatClient({
    apiKey: twice('apiKey of AgentChatClient', () => key),
    baseUrl,
    retry: { maxRetries: 2, baseDelayMs: 1, maxDelayMs: 5 },
    hooks: {
      onRequest: always('onRequest'),
      onResponse: always('onResponse'),
      onError: always('hooks.onError'),
      onRetry: always('onRetry'),
    },
  });
  client.onSent(always('onSent'));
  const memory = new MemoryStore();
  const realtime = new RealtimeClient({
    apiKey: twice('apiKey of RealtimeClient', () => key),
    baseUrl,
    client,
    store: {
      load: (id) => twice('store.load', () => memory.load(id))(),
      save: (cursors) => twice('store.save', () => memory.save(cursors))(),
    },
    reconnectInterval: 20,
    maxReconnectInterval: 50,
    gapFillWindowMs: 50,
    // A reconcile could close the gap that onSequenceGap is to be told of.
    reconcileIntervalMs: 0,
    handlerRetry: { retries: 1, minDelayMs: 1, maxDelayMs: 1 },
    onSequenceGap: always('onSequenceGap'),
    onDeadLetter: always('onDeadLetter'),
  });
  realtime.onError(always('onError'));
  realtime.onConnect(always('onConnect'));
  realtime.onDisconnect(always('onDisconnect'));
  realtime.onStateChange(always('onStateChange'));
  for (const type of ['message.read', 'typing.start'] as const) {
    realtime.on(type, always(`on(${type})`));
    realtime.on(type, () => tell({ kind: 'heard', way, type }));
  }
  // Each message fails once in one handler, and the other one must not be called again for that.
  realtime.on('message.new', ({ payload: { content } }, { attempt }) =>
    attempt === 1 || content.text === cursed ? misbehave('on(message.new)') : undefined,
  );
  realtime.on('message.new', async ({ payload }) => {
    await client.sendMessage({ to: payload.sender, content: 'seen', client_msg_id: payload.id });
    tell({ kind: 'handled', way, conversation: payload.conversation_id, seq: payload.seq });
  });
  realtime.onConnect(() => tell({ kind: 'connected', way }));
  void realtime.connect();
  return async () => {
    const { state, counters } = realtime;
    tell({ kind: 'report', way, state, counters: { ...counters }, misbehaved });
    await realtime.disconnect();
    tell({ kind: 'stopped', way });
  };
}

function inWords(reason: unknown): string {
  try {
    return reason instanceof Error ? String(reason.stack) : String(reason);
  } catch {
    return 'something that cannot be printed';
  }
}
