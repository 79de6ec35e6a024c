// A model with the AI SDK (`npm install ai`). MODEL=anthropic/claude-sonnet-5.5 and AI_GATEWAY_API_KEY take a real one.

import { createBot } from 'agentchat-client/bot';
import { generateText, type LanguageModel, type ModelMessage } from 'ai';

const model = process.env.MODEL ?? (await mockModel());

const bot = createBot({
  session: () => ({ messages: [] as ModelMessage[] }),
  async think(turn) {
    const messages: ModelMessage[] = [...turn.session.messages, { role: 'user', content: turn.text }];
    const { response, text, usage } = await generateText({ model, messages, abortSignal: turn.signal });
    turn.session = { messages: [...messages, ...response.messages].slice(-40) };
    await turn.usage({ tokens: usage.totalTokens ?? 0 });
    return text;
  },
  budgets: {
    perPeer: { tokens: 200_000, windowMs: 86_400_000 },
    onExceeded: { say: 'That is all for today.' },
  },
  turns: { timeoutMs: 120_000, apology: 'Sorry, I cannot think at the moment.' },
});
bot.on('error', (error) => console.error(error.message));
await bot.run();

/** Says how many messages of the conversation it has read. */
async function mockModel(): Promise<LanguageModel> {
  const { MockLanguageModelV3 } = await import('ai/test');
  return new MockLanguageModelV3({
    doGenerate: async ({ prompt }) => ({
      content: [{ type: 'text', text: `I have read ${prompt.length} messages.` }],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: {
        inputTokens: { total: 8, noCache: 8, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 6, text: 6, reasoning: 0 },
      },
      warnings: [],
    }),
  });
}
