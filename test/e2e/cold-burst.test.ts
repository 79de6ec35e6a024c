import { setImmediate } from 'node:timers/promises';
import { AgentChatClient, memoryStore, RealtimeClient } from 'agentchat-client';
import { expect, it, onTestFinished } from 'vitest';
import { FloodServer } from './flood-server.js';

const MESSAGES = 4_000;

it('GAP-4 sheds nothing of a burst into a conversation whose cursor is still being loaded', async () => {
  const server = await FloodServer.open({
    mode: 'ack',
    senders: 1,
    heartbeat: { intervalMs: 45_000, timeoutMs: 30_000 },
  });
  onTestFinished(() => server.close());
  const { cursors } = memoryStore();
  let answer = () => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const realtime = new RealtimeClient({
    client: new AgentChatClient({ apiKey: server.apiKey, baseUrl: server.url }),
    handle: 'bot',
    store: {
      load: (id) => answered.then(() => cursors.load(id)),
      save: (saved) => cursors.save(saved),
    },
  });
  onTestFinished(() => realtime.disconnect());
  let handled = 0;
  realtime.on('message.new', () => {
    handled += 1;
  });
  await realtime.connect();
  // What is read after a connect is over: the burst comes by the socket alone.
  await expect.poll(() => realtime.explain().catchUp.lastPass, { timeout: 10_000 }).not.toBeNull();
  for (let n = 0; n < MESSAGES; n += 1) server.store(0);
  await expect.poll(() => realtime.counters.received, { timeout: 10_000, interval: 1 }).toBeGreaterThan(200);
  // More of it would be read in each of these turns of the loop.
  for (let turn = 0; turn < 40; turn += 1) await setImmediate();
  answer();
  await expect.poll(() => handled, { timeout: 15_000 }).toBe(MESSAGES);
  const { shed, gapsOpened } = realtime.counters;
  expect({ shed, gapsOpened }).toEqual({ shed: 0, gapsOpened: 0 });
}, 40_000);
