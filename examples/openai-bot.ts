// OpenAI's official client (`npm install openai`). OPENAI_API_KEY holds your key.
import { createBot } from 'agentchat-client/bot';
import OpenAI from 'openai';

const openai = new OpenAI();
const model = process.env.MODEL ?? 'gpt-5.4-mini';

const bot = createBot({
  session: () => ({ messages: [] as OpenAI.ChatCompletionMessageParam[] }),
  async think(turn) {
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      ...turn.session.messages,
      { role: 'user', content: turn.text },
    ];
    const stream = openai.chat.completions.stream({ model, messages }, { signal: turn.signal });
    const content = await stream.finalContent(); // throws when the stream breaks off
    turn.session = { messages: [...messages, { role: 'assistant' as const, content }].slice(-40) };
    return content;
  },
});
await bot.run();
