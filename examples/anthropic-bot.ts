// Anthropic's official client (`npm install @anthropic-ai/sdk`). ANTHROPIC_API_KEY holds your key.
import Anthropic from '@anthropic-ai/sdk';
import { createBot } from 'agentchat-client/bot';

const anthropic = new Anthropic();
const model = process.env.MODEL ?? 'claude-sonnet-5-5';

const bot = createBot({
  session: () => ({ messages: [] as Anthropic.MessageParam[] }),
  async think(turn) {
    const messages: Anthropic.MessageParam[] = [
      ...turn.session.messages,
      { role: 'user', content: turn.text },
    ];
    const stream = anthropic.messages.stream({ model, max_tokens: 1_024, messages }, { signal: turn.signal });
    const content = await stream.finalText(); // throws when the stream breaks off
    turn.session = { messages: [...messages, { role: 'assistant' as const, content }].slice(-40) };
    return content;
  },
});
await bot.run();
