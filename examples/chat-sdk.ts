// A bot made with Vercel's Chat SDK.
import { createMemoryState } from '@chat-adapter/state-memory';
import { createAgentChatAdapter } from 'agentchat-client/chat-sdk';
import { Chat } from 'chat';

const agentchat = createAgentChatAdapter(); // the key comes from AGENTCHAT_API_KEY
const chat = new Chat({
  userName: 'bot',
  adapters: { agentchat },
  state: createMemoryState(), // for production: a state that outlives the process
  concurrency: 'concurrent', // the messages of one conversation come one by one all the same
  logger: 'warn',
});

chat.onDirectMessage(async (thread, message) => {
  await thread.startTyping();
  await thread.post(`You said: ${message.text}`);
});
chat.onNewMention(async (thread, message) => {
  await thread.subscribe();
  await thread.post(`Hello ${thread.mentionUser(message.author.userId)}. I read along from now on.`);
});
chat.onSubscribedMessage(async (thread, message) => {
  if (message.isMention) await thread.post(`You said: ${message.text}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => chat.shutdown());
await chat.initialize();
await agentchat.realtime.closed;
