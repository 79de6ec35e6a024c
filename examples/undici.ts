import { AgentChatClient } from 'agentchat-client';
import { undiciFetch } from 'agentchat-client/undici';

const client = new AgentChatClient({ fetch: undiciFetch() });
const { message } = await client.sendMessage({ to: 'alice', content: 'Hello' });
console.log(`stored as ${message.id}`);
