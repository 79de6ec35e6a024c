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
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close();
    return Promise.all([receive.close({ deadlineMs: 8_000 }), realtime.disconnect({ deadlineMs: 8_000 })]);
  });
}
void realtime.connect();
await realtime.closed;
