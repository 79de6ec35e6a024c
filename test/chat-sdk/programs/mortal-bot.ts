// A bot that is made with the Chat SDK, answers in two parts, and dies of kill -9 between them as often as it is told.
import { createMemoryState } from '@chat-adapter/state-memory';
import { createAgentChatAdapter } from 'agentchat-client/chat-sdk';
import { Chat } from 'chat';

export interface MortalBotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** It dies in the turn of this number, after the first part of its answer. `null`: it does not. */
  readonly diesInTurn: number | null;
}

const { baseUrl, apiKey, diesInTurn }: MortalBotSetup = JSON.parse(process.argv[2] ?? '{}');
const chat = new Chat({
  userName: 'bot',
  adapters: { agentchat: createAgentChatAdapter({ baseUrl, apiKey }) },
  state: createMemoryState(),
  concurrency: 'concurrent',
  logger: 'warn',
});
let turns = 0;
chat.onDirectMessage(async (thread, { text }) => {
  turns += 1;
  await thread.post(`${text}, first part`);
  if (turns === diesInTurn) process.kill(process.pid, 'SIGKILL');
  await thread.post(`${text}, second part`);
});
process.once('message', async () => {
  await chat.shutdown();
  process.disconnect?.();
});
await chat.initialize();
