import { generateText, type LanguageModel, streamText } from 'ai';
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

type Says = readonly (string | Error)[];

/** A model that says this the first time it is asked, and that the next time. */
function model(...answers: Says[]): LanguageModel {
  const left = [...answers];
  return new MockLanguageModelV3({
    doStream: async () => {
      const says = (left.length > 1 ? left.shift() : left[0]) ?? [];
      const chunks = says.map((delta) =>
        typeof delta === 'string'
          ? ({ type: 'text-delta', id: '1', delta } as const)
          : ({ type: 'error', error: delta } as const),
      );
      return {
        stream: simulateReadableStream({ chunks: [{ type: 'text-start', id: '1' } as const, ...chunks] }),
      };
    },
    doGenerate: async () => ({
      content: [{ type: 'text', text: String(left[0]?.[0]) }],
      finishReason: { unified: 'stop', raw: undefined },
      usage: {
        inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
        outputTokens: { total: 1, text: 1, reasoning: 0 },
      },
      warnings: [],
    }),
  });
}

describe('the AI SDK as a thinker', () => {
  it('streamText: its result as it is', async () => {
    const alice = world.peer('alice');
    const talks = model(['It is ', 'a stream.']);
    await world.bot('poet', { think: (turn) => streamText({ model: talks, prompt: turn.text }) });
    await alice.say('poet', 'talk');
    await until('an answer', () => alice.said('poet').length === 1);
    expect(alice.said('poet')).toEqual(['It is a stream.']);
  });

  it('streamText: its textStream', async () => {
    const alice = world.peer('alice');
    const talks = model(['It is ', 'a stream.']);
    await world.bot('poet', { think: (turn) => streamText({ model: talks, prompt: turn.text }).textStream });
    await alice.say('poet', 'talk');
    await until('an answer', () => alice.said('poet').length === 1);
    expect(alice.said('poet')).toEqual(['It is a stream.']);
  });

  it('TURN-4: a model that breaks off fails the turn: half an answer is not sent', async () => {
    const alice = world.peer('alice');
    const breaks = model(['Half ', new Error('the model broke off')], ['A whole answer.']);
    const { outcomes, turns } = await (async () => {
      const under = await world.bot('poet', {
        think: (turn) => streamText({ model: breaks, prompt: turn.text, onError: () => {} }),
      });
      await alice.say('poet', 'talk');
      await until('an answer', () => alice.said('poet').length === 1);
      return { outcomes: under.outcomes, turns: under.turns };
    })();
    expect(alice.said('poet')).toEqual(['A whole answer.']);
    expect(outcomes[0]).toBe('failed');
    expect(turns[0]?.error).toMatchObject({ message: 'the model broke off' });
  });

  it('generateText: its text', async () => {
    const alice = world.peer('alice');
    const talks = model(['At once.']);
    await world.bot('poet', {
      think: async (turn) => (await generateText({ model: talks, prompt: turn.text })).text,
    });
    await alice.say('poet', 'talk');
    await until('an answer', () => alice.said('poet').length === 1);
    expect(alice.said('poet')).toEqual(['At once.']);
  });
});
