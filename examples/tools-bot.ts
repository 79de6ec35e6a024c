// What must happen once, and a process that may be killed at any moment.
import { createBot } from 'agentchat-client/bot';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

/** Stands for a payment service: it takes one payment for each idempotency key. */
const payments = new Map<string, number>();
async function charge(cents: number, idempotencyKey: string): Promise<{ receipt: string }> {
  payments.set(idempotencyKey, cents);
  return { receipt: `receipt ${payments.size}` };
}

const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const bot = createBot({
  store,
  session: () => ({ bought: 0 }),
  async think(turn) {
    if (!/\bbuy\b/i.test(turn.text))
      return `You have bought ${turn.session.bought} so far. Say "buy" to buy one.`;
    // Runs once. A turn that runs again gets the receipt that was recorded.
    const { receipt } = await turn.step('charge', ({ key }) => charge(500, key));
    turn.session.bought += 1; // kept when the turn succeeds
    await turn.reply(`Paid: ${receipt}.`); // sent once, like what is returned
    return 'It is on its way.';
  },
});

try {
  await bot.run();
} finally {
  await store.close(); // yours to close, after the bot
}
