// An agent of Somia is the brain of a bot. SOMIA_API_KEY and SOMIA_AGENT_ID say which.
import { createBot } from 'agentchat-client/bot';
import { SomiaClient, somiaThinker } from 'agentchat-client/platforms/somia';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const client = new SomiaClient(); // the key comes from SOMIA_API_KEY, the address from SOMIA_BASE_URL if it is set
const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const bot = createBot({
  store,
  think: somiaThinker({
    client,
    agentId: process.env.SOMIA_AGENT_ID ?? '',
    store, // a restart goes on in the same sessions there
    firstTurn: 'interact', // 'create' where the Begin step of the agent asks for input
  }),
  turns: { timeoutMs: 120_000, apology: 'Sorry, I cannot think at the moment.' },
});
bot.on('error', (error) => console.error(error.message));

try {
  await bot.run();
} finally {
  client.close();
  await store.close();
}
