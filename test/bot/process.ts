// A bot as a process of its own, for process.test.ts. Says each turn on stdout.
import { setTimeout } from 'node:timers/promises';
import { createBot } from 'agentchat-client/bot';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const [baseUrl, apiKey, path = '', delayMs = '0', deadlineMs = '5000'] = process.argv.slice(2);
const bot = createBot({
  apiKey,
  baseUrl,
  store: await lmdbStore({ path }),
  turns: { settleMs: 20 },
  think: async (turn) => {
    console.log(`turn ${turn.text}`);
    await turn.reply(`working on ${turn.text}`);
    console.log(`replied ${turn.text}`);
    // Node waits for a timer that nobody clears before it exits.
    await setTimeout(Number(delayMs), undefined, { signal: turn.signal });
    return `done with ${turn.text}`;
  },
});
await bot.run({ deadlineMs: Number(deadlineMs) });
await bot.store.close();
