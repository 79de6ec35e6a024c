// One contender in a process of its own: answers so many messages, and says what it took.

import { createBot } from '../../dist/bot.js';
import { AgentChatClient, memoryStore, RealtimeClient, replyId } from '../../dist/index.js';

const { name, apiKey, baseUrl } = JSON.parse(process.argv[2]);
const client = new AgentChatClient({ apiKey, baseUrl });
const store = memoryStore();
let answered = () => {};

const contenders = {
  async bare() {
    const realtime = new RealtimeClient({ client, store });
    realtime.on('message.new', async ({ payload: message }, { signal }) => {
      const content = { text: `You said: ${message.content.text}` };
      const client_msg_id = replyId(message);
      await client.sendMessage({ to: message.sender, content, client_msg_id }, { signal });
      answered();
    });
    await realtime.connect();
    return () => realtime.disconnect();
  },
  bot: () => kit({ guard: false }),
  guarded: () => kit({}),
};

async function kit(options) {
  const bot = createBot({ client, store, ...options, think: (turn) => `You said: ${turn.text}` });
  bot.on('turn', ({ outcome, messages }) => {
    if (outcome === 'answered') for (const _ of messages) answered();
  });
  await bot.start();
  return () => bot.stop();
}

const stop = await contenders[name]();

/** From now until so many are answered: time that passed, and time that this process worked. */
function answer({ count }) {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  return new Promise((resolve) => {
    let left = count;
    answered = () => {
      left -= 1;
      if (left > 0) return;
      const { user, system } = process.cpuUsage(before);
      resolve({ cpuMs: (user + system) / 1_000, wallMs: performance.now() - startedAt });
    };
  });
}

const tasks = { answer, stop };
process.on('message', async ({ task, options }) => {
  try {
    process.send({ result: await tasks[task](options) });
    // By itself: only so is a profile written.
    if (task === 'stop') process.disconnect();
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
