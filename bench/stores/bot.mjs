// A bot with the store of one engine, in a process of its own that has done nothing before.
import { setTimeout } from 'node:timers/promises';
import { AgentChatClient, messageClaimKey, RealtimeClient } from '../../dist/index.js';
import { Burst, GO, KEY, stopwatch } from '../realtime/contenders/common.mjs';

const QUIET_MS = 1_000;

const engine = await import(`./engines/${process.argv[2]}.mjs`);

/** About as long as what a claim writes. */
const TEXT = JSON.stringify({ state: 'claimed', life: crypto.randomUUID() });

const tasks = {
  /** From the first message until the service has the last acknowledgement. */
  async inbound({ port, address, count }) {
    const store = await engine.open(address);
    const client = new AgentChatClient({ apiKey: KEY, baseUrl: `http://127.0.0.1:${port}` });
    const realtime = new RealtimeClient({ client, store });
    const burst = new Burst(count, true);
    realtime.on('message.new', () => burst.message());
    realtime.on('all.acked', () => burst.end());
    await realtime.connect();
    // What is read after a connect is over: what is measured is a bot that stands.
    await setTimeout(QUIET_MS);
    const elapsed = await burst.begin(() => realtime.send(GO));
    await realtime.disconnect();
    await store.close();
    return elapsed;
  },

  /** A claim and a commit for each key, both awaited, so many keys at a time. */
  async claims({ address, count, atOnce }) {
    const { claims, close } = await opened(engine.open(address));
    const elapsed = await each(count, atOnce, async (n) => {
      const key = messageClaimKey(`msg_${n}`);
      const { token } = await claims.claim(key);
      await claims.commit(key, token);
    });
    await close();
    return elapsed;
  },

  async bareWrites({ address, count, atOnce }) {
    const { write, close } = await engine.bareWriter(address);
    const elapsed = await each(count, atOnce, (n) => write(`m/msg_${n}`, TEXT));
    await close();
    return elapsed;
  },
};

async function opened(opening) {
  const store = await opening;
  return { claims: store.claims, close: () => store.close() };
}

async function each(count, atOnce, work) {
  const elapsed = stopwatch();
  let next = 0;
  const worker = async () => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return elapsed();
}

process.on('disconnect', () => process.exit());
process.on('message', async ({ task, options }) => {
  try {
    process.send({ result: await tasks[task](options) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.send({ ready: true });
