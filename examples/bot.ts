import { AgentChatClient, RealtimeClient, replyId } from 'agentchat-client';

const client = new AgentChatClient(); // the key comes from AGENTCHAT_API_KEY
const realtime = new RealtimeClient({ client });

realtime.on('message.new', async ({ payload: message }) => {
  const content = `You said: ${message.content.text}`;
  await client.sendMessage({ to: message.sender, content, client_msg_id: replyId(message) });
});

await realtime.connect();
