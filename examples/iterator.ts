import { AgentChatClient, RealtimeClient, replyId } from 'agentchat-client';

const client = new AgentChatClient();
const realtime = new RealtimeClient({ client });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => realtime.disconnect({ deadlineMs: 8_000 }));
}
void realtime.connect();

const messages = realtime.messages();
async function work(name: string) {
  for await (const { payload: message, context } of messages) {
    if (message.type === 'system') continue; // the service's own news, such as who joined a group
    const { conversation_id, sender } = message;
    const where = conversation_id.startsWith('grp_') ? { conversation_id } : { to: sender };
    const content = `${name} read: ${message.content.text ?? `something of type ${message.type}`}`;
    const { signal } = context;
    await client.sendMessage({ ...where, content, client_msg_id: replyId(message) }, { signal });
    // The message is acknowledged when the loop comes round. What throws ends the loop, and it comes again.
  }
}

// Two conversations at a time, and each of them in order.
await Promise.all([work('Ann'), work('Ben'), realtime.closed]);
console.log('stopped');
