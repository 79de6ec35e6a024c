// The stream of a model as an answer. MODEL and AI_GATEWAY_API_KEY take a real one.

import { createBot } from 'agentchat-client/bot';
import { type LanguageModel, streamText } from 'ai';

const model = process.env.MODEL ?? (await mockModel());

const bot = createBot({
  // The whole result, not its `textStream`: that ends without an error where the model fails, and half an answer would be sent.
  think: (turn) => streamText({ model, prompt: turn.text, abortSignal: turn.signal, onError: () => {} }),
});
await bot.run();

/** Fails in the middle of its first answer. */
async function mockModel(): Promise<LanguageModel> {
  const { MockLanguageModelV3, simulateReadableStream } = await import('ai/test');
  const says = ['It is ', 'a stream.'].map((delta) => ({ type: 'text-delta', id: '1', delta }) as const);
  const begin = { type: 'text-start', id: '1' } as const;
  const failure = { type: 'error', error: new Error('the model broke off') } as const;
  const answers = [
    [begin, ...says.slice(0, 1), failure],
    [begin, ...says],
  ];
  return new MockLanguageModelV3({
    doStream: async () => {
      const chunks = answers.length > 1 ? answers.shift() : answers[0];
      return { stream: simulateReadableStream({ chunks: chunks ?? [] }) };
    },
  });
}
