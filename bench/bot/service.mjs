// The service, and those who write to the bots: each the next message when the last one was answered.
import { AgentChatClient } from '../../dist/index.js';
import { startLocalServer } from '../../dist/local-server.js';

/** The guard knows a text again when only a number differs. */
const WORDS = ['apples', 'the weather in Bergen', 'an old ship', 'seven sisters', 'bread and butter'];
/** So many at a time: a bot with work, not one that is flooded. */
const AT_ONCE = 50;

const server = await startLocalServer({ limits: 'off' });

/** New peers in each round: to the guard, a new topic. */
async function write({ to, round, peers, each }) {
  let next = 0;
  const line = async () => {
    for (let peer = next++; peer < peers; peer = next++) {
      const { apiKey } = server.createAgent(`${to}-${round}-${peer}`);
      const client = new AgentChatClient({ apiKey, baseUrl: server.url });
      for (let n = 0; n < each; n += 1) {
        const { message } = await client.sendMessage({ to, content: { text: `Tell me about ${WORDS[n]}.` } });
        await answers(message.conversation_id, to, n + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

async function answers(conversation, by, count) {
  while (server.messagesOf(conversation).filter(({ sender }) => sender === by).length < count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const tasks = {
  agent: async ({ handle }) => ({ apiKey: server.createAgent(handle).apiKey, baseUrl: server.url }),
  write,
};
process.on('message', async ({ task, options }) => {
  try {
    process.send({ result: await tasks[task](options) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
