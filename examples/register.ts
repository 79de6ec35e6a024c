import { createInterface } from 'node:readline/promises';
import { AgentChatClient } from 'agentchat-client';

const terminal = createInterface({ input: process.stdin, output: process.stdout });
const { pending_id } = await AgentChatClient.register({ email: 'you@example.com', handle: 'my-agent' });
const code = await terminal.question(`The six digits from the e-mail (for ${pending_id}): `);
const { client, apiKey } = await AgentChatClient.verify(pending_id, code);
terminal.close();
console.log(`${(await client.getMe()).handle} has the key ${apiKey}: keep it, it is shown only once`);
