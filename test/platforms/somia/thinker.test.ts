import { memoryStore } from 'agentchat-client';
import { createBot } from 'agentchat-client/bot';
import { afterEach, describe, expect, it } from 'vitest';
import {
  BadRequestError,
  SomiaClient,
  type SomiaThinkerOptions,
  somiaThinker,
} from '../../../src/platforms/somia/index.js';
import { all } from '../support/all.js';
import { describeThinker } from '../thinker-conformance.js';
import { SomiaStandIn, type SomiaStandInOptions } from './stand-in.js';

const apiKey = 'somia_123456';

describeThinker('somia', async () => {
  const standIn = await SomiaStandIn.start({ apiKey });
  const client = new SomiaClient({ apiKey, baseUrl: standIn.url });
  return {
    think: (store) => somiaThinker({ client, agentId: 7, store }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.turns.map(({ body }) => String(body.input_data)),
    rooms: () => standIn.turns.map(({ path }) => path),
    close: () => standIn.close(),
  };
});

describe('somiaThinker', () => {
  let standIn: SomiaStandIn;
  let client: SomiaClient;
  afterEach(() => standIn.close());

  async function start(options: SomiaStandInOptions = {}): Promise<void> {
    standIn = await SomiaStandIn.start(options);
    client = new SomiaClient({ apiKey, baseUrl: `${standIn.url}/api` });
  }

  const thinkerOf = (options: Partial<SomiaThinkerOptions> = {}) =>
    somiaThinker({ client, agentId: 7, ...options });
  const calls = () => standIn.requests.map(({ path }) => path.slice('/api/v1/external/agent/'.length));

  it('fits createBot', async () => {
    await start();
    expect(createBot({ apiKey: 'ac_live_123456', think: thinkerOf() })).toBeDefined();
    expect(thinkerOf().capabilities).toEqual({
      reasoning: false,
      toolEvents: false,
      usage: false,
      multiMessage: false,
      serverHistory: true,
    });
  });

  it('makes a session without input, and says the text in it; hands options and the person on', async () => {
    await start();
    const thinker = thinkerOf({ options: { environment: 'staging', test: true } });
    const ask = { conversationKey: 'a', userId: 'alice', hints: { test: false } };
    expect(await all(thinker.respond('hi you', ask))).toEqual([
      { type: 'token', text: 'hi ' },
      { type: 'token', text: 'you' },
      {
        type: 'done',
        text: 'hi you',
        remoteId: 'session-1',
        finished: false,
        raw: expect.objectContaining({ type: 'end', session_id: 'session-1' }),
      },
    ]);
    await all(thinker.respond('more', { conversationKey: 'a' }));
    expect(calls()).toEqual(['7/session', '7/session/session-1', '7/session/session-1']);
    const shared = { environment: 'staging', end_user_id: 'alice', test: false };
    expect(standIn.requests.map(({ body }) => body)).toEqual([
      { ...shared, pipeline_version: 'production', stream: false },
      { ...shared, input_data: 'hi you', stream: true },
      { environment: 'staging', test: true, input_data: 'more', stream: true },
    ]);
  });

  it.each(['interact', 'create'] as const)(
    'streams what it streams, whatever a hint says: %s',
    async (firstTurn) => {
      await start({ asksForInput: firstTurn === 'create' });
      const thinker = thinkerOf({ firstTurn });
      const ask = { conversationKey: 'a', hints: { stream: true } };
      expect((await all(thinker.respond('hi', ask))).at(-1)).toMatchObject({ type: 'done', text: 'hi' });
      expect((await all(thinker.respond('more', ask))).at(-1)).toMatchObject({ type: 'done', text: 'more' });
    },
  );

  it('with firstTurn create begins with the text, and takes the reply of that', async () => {
    await start({ asksForInput: true });
    const thinker = thinkerOf({ firstTurn: 'create' });
    expect(await all(thinker.respond('hi', { conversationKey: 'a' }))).toEqual([
      { type: 'token', text: 'hi' },
      {
        type: 'done',
        text: 'hi',
        remoteId: 'session-1',
        finished: false,
        raw: expect.objectContaining({ session_id: 'session-1', message: 'hi' }),
      },
    ]);
    await all(thinker.respond('more', { conversationKey: 'a' }));
    expect(calls()).toEqual(['7/session', '7/session/session-1']);
    expect(standIn.requests[0]?.body).toMatchObject({ input_data: 'hi', stream: false });
  });

  it('says what to do when the agent wants input to begin with', async () => {
    await start({ asksForInput: true });
    const [event] = await all(thinkerOf().respond('hi', { conversationKey: 'a' }));
    const error = event?.type === 'error' ? event.error : undefined;
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ kind: 'validation', status: 422, requestId: 'req_1', outcome: 'rejected' });
    expect(error?.message).toContain('The Begin step needs "query"');
    expect(error?.message).toContain("pass firstTurn: 'create'");
    expect(calls()).toEqual(['7/session']);
  });

  it.each(['interact', 'create'] as const)(
    'forgets a session that is finished, and begins another: %s',
    async (firstTurn) => {
      await start({ asksForInput: firstTurn === 'create', isLast: (text) => text === 'bye' });
      const store = memoryStore();
      const thinker = thinkerOf({ firstTurn, store });
      const say = async (text: string) => (await all(thinker.respond(text, { conversationKey: 'a' }))).at(-1);
      expect(await say('bye')).toMatchObject({ type: 'done', finished: true, remoteId: 'session-1' });
      expect(await store.values.get('somia/7/a')).toBeNull();
      expect(await say('hi')).toMatchObject({ type: 'done', finished: false, remoteId: 'session-2' });
      expect(await say('bye')).toMatchObject({ type: 'done', finished: true, remoteId: 'session-2' });
      expect(await say('hi')).toMatchObject({ type: 'done', remoteId: 'session-3' });
    },
  );

  it.each(['interact', 'create'] as const)(
    'makes another session when Somia has lost it, once, and asks again, once: %s',
    async (firstTurn) => {
      await start({ asksForInput: firstTurn === 'create' });
      const thinker = thinkerOf({ firstTurn });
      await all(thinker.respond('one', { conversationKey: 'a' }));
      standIn.forget();
      const before = calls().length;
      const events = await all(thinker.respond('two', { conversationKey: 'a' }));
      expect(events.at(-1)).toMatchObject({ type: 'done', text: 'two', remoteId: 'session-2' });
      const retried = firstTurn === 'create' ? [] : ['7/session/session-2'];
      expect(calls().slice(before)).toEqual(['7/session/session-1', '7/session', ...retried]);
    },
  );

  it('repeats what was refused as often as `retry` says: the client does not repeat it besides', async () => {
    await start();
    const refused = Array.from({ length: 9 }, () => ({ refuse: 503 }));
    standIn.script.push(...refused);
    const thinker = thinkerOf({ retry: { maxRetries: 1, baseDelayMs: 1, maxDelayMs: 1 } });
    expect(await all(thinker.respond('hi', { conversationKey: 'a' }))).toMatchObject([
      { type: 'error', error: { kind: 'unavailable', status: 503 } },
    ]);
    expect(calls()).toEqual(['7/session', '7/session/session-1', '7/session/session-1']);
  });

  it('gives up when the new session is lost too', async () => {
    await start();
    const thinker = thinkerOf();
    await all(thinker.respond('one', { conversationKey: 'a' }));
    standIn.script.push({ refuse: 404 }, { refuse: 404 });
    expect(await all(thinker.respond('two', { conversationKey: 'a' }))).toMatchObject([
      { type: 'error', error: { kind: 'not_found', status: 404 } },
    ]);
    expect(standIn.turns).toHaveLength(3);
  });

  it('does not take a missing agent for a lost session', async () => {
    await start();
    const events = await all(thinkerOf({ agentId: 9 }).respond('hi', { conversationKey: 'a' }));
    expect(events).toMatchObject([{ type: 'error', error: { kind: 'not_found' } }]);
    expect(calls()).toEqual(['9/session']);
  });

  it('keeps ids among the values of a bot’s store, apart for each agent', async () => {
    await start();
    const store = memoryStore();
    await all(thinkerOf({ store }).respond('hi', { conversationKey: 'a' }));
    expect(await store.values.get('somia/7/a')).toMatchObject({ value: 'session-1' });
    await all(thinkerOf({ store, agentId: '7' }).respond('hi', { conversationKey: 'a' }));
    expect(standIn.sessions).toHaveLength(1);
  });

  it('takes the reply that only the end holds, for an agent that says nothing in pieces', async () => {
    await start();
    const whole = 'event: end\ndata: {"message":"All at once"}\n\n';
    const stub = new SomiaClient({
      apiKey,
      baseUrl: standIn.url,
      fetch: async (url, init) =>
        String(url).endsWith('/session')
          ? fetch(url, init)
          : new Response(whole, { headers: { 'content-type': 'text/event-stream' } }),
    });
    const events = await all(thinkerOf({ client: stub }).respond('hi', { conversationKey: 'a' }));
    expect(events).toMatchObject([{ type: 'done', text: 'All at once', remoteId: 'session-1' }]);
  });

  it('takes hints that cannot be for an error of validation', async () => {
    await start();
    const hints = { maxTokens: 1 };
    expect(await all(thinkerOf().respond('hi', { conversationKey: 'a', hints }))).toMatchObject([
      { type: 'error', error: { kind: 'validation' } },
    ]);
    expect(standIn.requests).toEqual([]);
  });

  it.each([
    ['no client', { client: undefined }, 'client'],
    ['a client of something else', { client: {} }, 'client'],
    ['no agent', { agentId: '' }, 'agentId'],
    ['an agent that is no number', { agentId: Number.NaN }, 'agentId'],
    ['a first turn', { firstTurn: 'run' }, 'firstTurn'],
    ['a store', { store: {} }, 'store'],
    ['an unknown option', { title: 'x' }, 'title'],
    ['an unknown option of calls', { options: { input_data: 'x' } }, 'input_data'],
  ])('refuses %s', async (_name, options, field) => {
    await start();
    expect(() => thinkerOf(options as never)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });
});
