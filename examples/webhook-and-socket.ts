import { createServer } from 'node:http';
import { AgentChatClient, MemoryDedupeStore, type Message, RealtimeClient } from 'agentchat-client';
import { nodeReceiver } from 'agentchat-client/webhooks/node';

// One memory for both ways: whichever brings a message first handles it, and the other leaves it alone.
const dedupe = new MemoryDedupeStore();
const handle = (message: Message) =>
  console.log(`${message.sender}: ${message.content.text ?? message.type}`);

const receive = nodeReceiver({
  secret: process.env.AGENTCHAT_WEBHOOK_SECRET ?? '',
  dedupe,
  onEvent: (hook) => (hook.event === 'message.new' ? handle(hook.data) : undefined),
});
const server = createServer(receive).listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on ${JSON.stringify(server.address())}`);
});

const realtime = new RealtimeClient({ client: new AgentChatClient(), dedupe });
realtime.on('message.new', ({ payload }) => handle(payload));
await realtime.connect();
process.once('SIGINT', async () => {
  server.close();
  await Promise.all([receive.close(), realtime.disconnect()]);
});
