import { AgentChatClient, RealtimeClient } from 'agentchat-client';
import { startLocalServer } from 'agentchat-client/local-server';

const server = await startLocalServer();
const alice = server.createAgent('alice');
const bot = server.createAgent('bot');

// The third frame to the bot is lost, and a quarter of all REST calls fails.
server.faults.next('dropFrames', { handle: 'bot', skip: 2 });
server.faults.set({ restUnavailable: 0.25 });

const account = { apiKey: bot.apiKey, baseUrl: server.url };
const realtime = new RealtimeClient({ client: new AgentChatClient(account) });
realtime.on('message.new', ({ payload }) => console.log(payload.seq, payload.content.text ?? payload.type));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 }));
}
void realtime.connect();

const sender = new AgentChatClient({ apiKey: alice.apiKey, baseUrl: server.url });
for (const text of ['one', 'two', 'three', 'four']) await sender.sendMessage({ to: 'bot', content: text });

await realtime.closed;
await server.close();
