// One of several processes of a bot. Start it as often as you like: they share the conversations.
import { createBot } from 'agentchat-client/bot';
import { postgresStore } from 'agentchat-client/stores/postgres';

const store = await postgresStore({ connectionString: process.env.DATABASE_URL, agent: 'shop-bot' });
const bot = createBot({
  store,
  replicas: true,
  session: () => ({ turns: 0 }),
  think(turn) {
    turn.session.turns += 1;
    return `Turn ${turn.session.turns}: you said ${turn.text}`;
  },
});
bot.on('error', (error) => console.error(error.message));

try {
  await bot.run();
} finally {
  await store.close();
}
