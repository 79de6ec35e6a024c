// An agent of Sonzai is the brain of a bot, and may speak first. SONZAI_API_KEY and SONZAI_AGENT_ID say which.
import { createBot } from 'agentchat-client/bot';
import { Sonzai, SonzaiNotifications, sonzaiThinker } from 'agentchat-client/platforms/sonzai';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const client = new Sonzai(); // the key comes from SONZAI_API_KEY
const agentId = process.env.SONZAI_AGENT_ID ?? '';
const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const bot = createBot({
  store,
  think: sonzaiThinker({ client, agentId, store }),
  turns: { timeoutMs: 120_000, apology: 'Sorry, I cannot think at the moment.' },
});
bot.on('error', (error) => console.error(error.message));

// What the agent says without having been asked: each of it is sent once, also when this process dies in between.
const notifications = new SonzaiNotifications({
  client,
  agentId,
  store,
  send: (to, text, { key }) => bot.client.sendMessage({ to, content: text, client_msg_id: key }),
  everyMs: Number(process.env.NOTIFICATIONS_EVERY_MS ?? 30_000),
});

try {
  notifications.start();
  await bot.run();
} finally {
  await notifications.stop();
  client.close();
  await store.close();
}
