// An agent of Phoson is the brain of a bot. PHOSON_API_KEY and PHOSON_AGENT_ID say which.
import { createBot } from 'agentchat-client/bot';
import { PhosonClient, phosonThinker } from 'agentchat-client/platforms/phoson';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const client = new PhosonClient({
  apiKey: process.env.PHOSON_API_KEY ?? '',
  baseUrl: process.env.PHOSON_BASE_URL, // default: https://api.phoson.ai
});
const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const bot = createBot({
  store,
  think: phosonThinker({
    client,
    agentId: process.env.PHOSON_AGENT_ID ?? '',
    store, // a restart goes on in the same conversations there
    options: { reasoning_effort: 'low' },
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
