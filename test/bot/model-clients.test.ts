import Anthropic from '@anthropic-ai/sdk';
import type { Thinker } from 'agentchat-client/bot';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type How, ModelEndpoint } from '../support/model-endpoint.js';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
let endpoint: ModelEndpoint;
beforeEach(async () => {
  world = await BotWorld.open();
  endpoint = await ModelEndpoint.open();
});
afterEach(async () => {
  await world.close();
  await endpoint.close();
});

const model = 'stand-in';
// Their own retries would hide a failure.
const account = () => ({ apiKey: 'nobodys', baseURL: endpoint.url, maxRetries: 0 });
const openai = () => new OpenAI(account());
const anthropic = () => new Anthropic(account());
const asked = (text: string) => [{ role: 'user' as const, content: text }];

/** As docs/bot.md has them. */
const FINAL: Record<string, Thinker> = {
  'OpenAI, finalContent()': ({ text, signal }) =>
    openai()
      .chat.completions.stream({ model, messages: asked(text) }, { signal })
      .finalContent(),
  'Anthropic, finalText()': ({ text, signal }) =>
    anthropic()
      .messages.stream({ model, max_tokens: 99, messages: asked(text) }, { signal })
      .finalText(),
};

/** The text of each event, as it comes. */
const MAPPED: Record<string, Thinker> = {
  'OpenAI, chunk by chunk': async function* ({ text, signal }) {
    const given = { model, messages: asked(text), stream: true } as const;
    const stream = await openai().chat.completions.create(given, { signal });
    for await (const { choices } of stream) yield choices[0]?.delta.content ?? '';
  },
  'Anthropic, event by event': async function* ({ text, signal }) {
    const given = { model, max_tokens: 99, messages: asked(text), stream: true } as const;
    const stream = await anthropic().messages.create(given, { signal });
    for await (const event of stream)
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text;
  },
};

const ALL = Object.entries({ ...FINAL, ...MAPPED });
const BROKEN: readonly How[] = ['cut', 'refused'];

describe('the official clients of models as thinkers', () => {
  it.each(ALL)('%s: a stream is an answer', async (_way, think) => {
    const alice = world.peer('alice');
    const under = await world.bot('poet', { think });
    await alice.say('poet', 'talk');
    await until('an answer', () => under.outcomes.length === 1);
    expect(under.outcomes).toEqual(['answered']);
    expect(alice.said('poet')).toEqual(['It is a stream.']);
    expect(endpoint.asked).toEqual([[{ role: 'user', content: 'talk' }]]);
  });

  it.each([
    ...ALL.flatMap(([way, think]) => BROKEN.map((how) => [way, how, think] as const)),
    ...Object.entries(FINAL).map(([way, think]) => [way, 'ended early', think] as const),
  ])(
    'TURN-4 %s: a stream that is %s fails the turn, and half an answer is not sent',
    async (_way, how, think) => {
      const alice = world.peer('alice');
      endpoint.next.push(how);
      const under = await world.bot('poet', { think });
      await alice.say('poet', 'talk');
      await until('an answer', () => under.outcomes.includes('answered'));
      expect(under.outcomes).toEqual(['failed', 'answered']);
      expect(alice.said('poet')).toEqual(['It is a stream.']);
      expect(endpoint.asked.length).toBe(2);
    },
  );

  it.each(ALL)('TURN-4 %s: the end of a turn that takes too long ends the request', async (_way, think) => {
    const alice = world.peer('alice');
    endpoint.next.push('hanging');
    const under = await world.bot('poet', { think, turns: { timeoutMs: 300 } });
    await alice.say('poet', 'talk');
    await until('its end', () => endpoint.brokenOff === 1);
    await until('an answer', () => under.outcomes.includes('answered'));
    expect(under.turns).toMatchObject([
      { outcome: 'failed', error: { code: 'TURN_TIMEOUT' } },
      { outcome: 'answered' },
    ]);
    expect(alice.said('poet')).toEqual(['It is a stream.']);
    expect(endpoint.brokenOff).toBe(1);
  });

  it('a stream of events is no answer, and the error says what to return', async () => {
    const alice = world.peer('alice');
    const under = await world.bot('poet', {
      think: ({ text }) =>
        openai().chat.completions.stream({
          model,
          messages: asked(text),
        }) as unknown as AsyncIterable<string>,
    });
    await alice.say('poet', 'talk');
    await until('an end', () => under.turns.length === 1);
    expect(under.turns).toMatchObject([{ outcome: 'failed', error: { code: 'BAD_ANSWER' } }]);
    expect(String(under.turns[0]?.error)).toContain('stream.finalContent()');
    await until('nobody reads on', () => endpoint.asked.length === 1);
  });
});
