// A bot that calls: write "call me" to it. What it thinks in text, it says in the call.
import { createServer } from 'node:http';
import { createBot } from 'agentchat-client/bot';
import {
  Agent,
  AgentClient,
  Area,
  CustomLLM,
  chatCompletions,
  FengmingSTT,
  MiniMaxTTS,
  nodeCompletions,
  voiceCommands,
} from 'agentchat-client/platforms/agora';
import { lmdbStore } from 'agentchat-client/stores/lmdb';

const env = (name: string) => process.env[name] ?? '';
const think = ({ text }: { text: string }) => `You said: ${text}`; // yours, or a thinker of another platform

// The brain of the voice agent: the platform asks it over HTTPS, at BRAIN_URL.
const brain = chatCompletions(think, { apiKey: env('BRAIN_KEY') });
const server = createServer(nodeCompletions(brain));

const client = new AgentClient({
  area: Area.CN,
  appId: env('AGORA_APP_ID'),
  appCertificate: env('AGORA_APP_CERTIFICATE'),
  baseUrl: process.env.AGORA_BASE_URL, // default: the hosts of the area
});
const agent = new Agent({ greeting: 'Hello!', failureMessage: 'Sorry, I cannot think at the moment.' })
  .withStt(new FengmingSTT({ language: 'en-US' }))
  .withTts(new MiniMaxTTS({ key: env('MINIMAX_KEY'), voiceId: 'female-shaonv' }));

const store = await lmdbStore({ path: process.env.STORE_PATH ?? './bot-data' });
const bot = createBot({ store, think });
const voice = voiceCommands({
  bot,
  client,
  agent: ({ conversationId, caller }) =>
    agent.withLlm(
      new CustomLLM({
        url: `${env('BRAIN_URL')}?conversation=${encodeURIComponent(conversationId)}`,
        apiKey: env('BRAIN_KEY'),
        model: 'my-bot',
        params: { user: caller },
      }),
    ),
});
bot.on('error', (error) => console.error(error.message));

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST);
server.on('listening', () => console.log('the brain listens at', server.address()));
try {
  const calls = await voice.reconcile(); // those of before a restart
  console.log(`${calls.length} calls go on`);
  await bot.run();
} finally {
  server.close();
  client.close();
  await store.close();
}
