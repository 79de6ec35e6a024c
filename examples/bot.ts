import { AgentChatClient, RealtimeClient, replyId } from 'agentchat-client';

const client = new AgentChatClient(); // the key comes from AGENTCHAT_API_KEY
const realtime = new RealtimeClient({ client });

realtime.on('message.new', async ({ payload: message }) => {
  if (message.type === 'system') return; // the service's own news, such as who joined a group
  const { conversation_id, sender } = message;
  const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
  const content = `You said: ${message.content.text ?? `something of type ${message.type}`}`;
  await client.sendMessage({ ...where, content, client_msg_id: replyId(message) });
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 })); // before a supervisor loses its patience
}
void realtime.connect();
await realtime.closed; // throws when it is over for good: the process ends with 1, and a supervisor starts it again
