// One of two processes of a bot that share no store: the service says which of them answers a message.
import { AgentChatClient, RealtimeClient, replyId, serviceClaims } from 'agentchat-client';

const client = new AgentChatClient();
// A name of its own for each process, which a restart keeps: bot-0, bot-1.
const dedupe = serviceClaims(client, { holder: process.env.BOT_NAME });
const realtime = new RealtimeClient({ client, dedupe });

realtime.on('message.new', async ({ payload: message }) => {
  if (message.type === 'system') return;
  const { conversation_id, sender } = message;
  const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
  const content = `You said: ${message.content.text}`;
  await client.sendMessage({ ...where, content, client_msg_id: replyId(message) });
});
realtime.onError((error) => console.error(error.message));

for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => realtime.disconnect());
void realtime.connect();
await realtime.closed;
