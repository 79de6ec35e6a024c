// One of several processes of a bot. Start it as often as you like: they share the conversations.
import { AgentChatClient, RealtimeClient, replyId } from 'agentchat-client';
import { postgresStore } from 'agentchat-client/stores/postgres';

const client = new AgentChatClient();
const store = await postgresStore({ connectionString: process.env.DATABASE_URL, agent: 'shop-bot' });
const realtime = new RealtimeClient({ client, replicas: store.replicas() });

realtime.on('message.new', async ({ payload: message }, { signal }) => {
  if (message.type === 'system') return;
  const { conversation_id, sender } = message;
  const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
  const content = { text: `You said: ${message.content.text}` };
  await client.sendMessage({ ...where, content, client_msg_id: replyId(message) }, { signal });
});
realtime.onError((error) => console.error(error.message));

for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => realtime.disconnect());
void realtime.connect();
await realtime.closed;
await store.close();
