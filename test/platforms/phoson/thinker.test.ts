import { memoryStore } from 'agentchat-client';
import { createBot } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors/index.js';
import {
  type ConversationStore,
  PhosonClient,
  type PhosonThinkerOptions,
  phosonThinker,
  type ThoughtEvent,
} from '../../../src/platforms/phoson/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { replies } from '../support/turn-script.js';
import { describeThinker } from '../thinker-conformance.js';
import { PhosonStandIn } from './stand-in.js';

const apiKey = 'pk_123456';

describeThinker('phoson', async () => {
  const standIn = await PhosonStandIn.start({ apiKey });
  const client = new PhosonClient({ apiKey, baseUrl: standIn.url });
  return {
    think: (store) => phosonThinker({ client, agentId: 'agt_1', store }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.asked,
    rooms: () => standIn.requests.map(({ path }) => path).filter((path) => path.endsWith('/stream')),
    close: () => standIn.close(),
  };
});

describe('phosonThinker', () => {
  let standIn: PhosonStandIn;
  let client: PhosonClient;
  beforeEach(async () => {
    standIn = await PhosonStandIn.start();
    client = new PhosonClient({ apiKey, baseUrl: standIn.url });
  });
  afterEach(() => standIn.close());

  const thinkerOf = (options: Partial<PhosonThinkerOptions> = {}) =>
    phosonThinker({ client, agentId: 'agt_1', ...options });

  async function all(events: AsyncIterable<ThoughtEvent>): Promise<ThoughtEvent[]> {
    const found: ThoughtEvent[] = [];
    for await (const event of events) found.push(event);
    return found;
  }

  const calls = () => standIn.requests.map(({ method, path }) => `${method} ${path}`);

  it('fits createBot', () => {
    expect(createBot({ apiKey: 'ac_live_123456', think: thinkerOf() })).toBeDefined();
    expect(thinkerOf().capabilities).toEqual({
      reasoning: true,
      toolEvents: true,
      usage: false,
      multiMessage: false,
      serverHistory: true,
    });
  });

  it('makes a conversation on first use, by the key, and hands the reply options on', async () => {
    const thinker = thinkerOf({ title: 'AgentChat', options: { model: 'gpt-4o', temperature: 0 } });
    await all(thinker.respond('hi', { conversationKey: 'key/1', hints: { temperature: 1 } }));
    await all(thinker.respond('more', { conversationKey: 'key/1' }));
    expect(calls()).toEqual([
      'POST /conversations',
      'POST /conversations/conv_2/messages/stream',
      'POST /conversations/conv_2/messages/stream',
    ]);
    expect(standIn.requests.map(({ body }) => body)).toEqual([
      { agent_id: 'agt_1', thread_id: 'key/1', title: 'AgentChat' },
      { content: 'hi', model: 'gpt-4o', temperature: 1 },
      { content: 'more', model: 'gpt-4o', temperature: 0 },
    ]);
  });

  it('maps each event', async () => {
    const write = (event: unknown) => `data: ${JSON.stringify(event)}\n\n`;
    const frames = [
      { type: 'reasoning', content: 'Hm' },
      { type: 'tool_start', tool: 'search', input: { q: 1 }, tool_call_id: 'c1' },
      { type: 'tool_end', tool: 'search', result: 'found', tool_call_id: 'c1' },
      { type: 'token', content: 'Hi' },
      { type: 'run_done', content: 'Hi!', run_id: 'r1' },
    ];
    const stub = new PhosonClient({
      apiKey,
      baseUrl: standIn.url,
      fetch: async (url, init) =>
        String(url).endsWith('/stream')
          ? new Response(frames.map(write).join(''), { headers: { 'content-type': 'text/event-stream' } })
          : fetch(url, init),
    });
    const events = await all(thinkerOf({ client: stub }).respond('hi', { conversationKey: 'a' }));
    expect(events).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'tool_start', tool: 'search', input: { q: 1 }, callId: 'c1' },
      { type: 'tool_end', tool: 'search', result: 'found', callId: 'c1' },
      { type: 'token', text: 'Hi' },
      { type: 'done', text: 'Hi!', remoteId: 'conv_2', runId: 'r1', raw: frames[4] },
    ]);
  });

  it('makes another conversation when Phoson has lost it, once, and asks again, once', async () => {
    const thinker = thinkerOf();
    await all(thinker.respond('one', { conversationKey: 'a' }));
    standIn.forget();
    const events = await all(thinker.respond('two', { conversationKey: 'a' }));
    expect(events.at(-1)).toMatchObject({ type: 'done', text: 'two', remoteId: 'conv_3' });
    expect(calls().slice(2)).toEqual([
      'POST /conversations/conv_2/messages/stream',
      'POST /conversations',
      'POST /conversations/conv_3/messages/stream',
    ]);
    standIn.script.push({ refuse: 404 }, { refuse: 404 });
    expect(await all(thinker.respond('three', { conversationKey: 'a' }))).toMatchObject([
      { type: 'error', error: { kind: 'not_found', status: 404 } },
    ]);
    expect(standIn.asked.filter((text) => text === 'three')).toHaveLength(2);
  });

  it('does not take a missing agent for a lost conversation', async () => {
    const events = await all(thinkerOf({ agentId: 'agt_9' }).respond('hi', { conversationKey: 'a' }));
    expect(events).toMatchObject([
      { type: 'error', error: { kind: 'not_found', detail: 'Agent not found' } },
    ]);
    expect(calls()).toEqual(['POST /conversations']);
  });

  it('keeps ids among the values of a bot’s store, apart for each agent, or in a store of the user’s', async () => {
    const store = memoryStore();
    await all(thinkerOf({ store }).respond('hi', { conversationKey: 'a' }));
    expect(await store.values.get('phoson/agt_1/a')).toMatchObject({ value: 'conv_2' });
    await all(thinkerOf({ store }).respond('hi', { conversationKey: 'a' }));
    expect(standIn.conversations).toHaveLength(1);
    // What somebody else wrote there is no id.
    await store.values.set('phoson/agt_1/a', { id: 7 });
    await all(thinkerOf({ store }).respond('hi', { conversationKey: 'a' }));
    expect(standIn.conversations).toHaveLength(2);
    const ids = new Map<string, string>([['a', 'conv_2']]);
    const own: ConversationStore = {
      // Nothing, where a store ought to give null.
      get: async (key) => ids.get(key) as never,
      set: async (key, id) => void ids.set(key, id),
      delete: async (key) => void ids.delete(key),
    };
    await all(thinkerOf({ store: own }).respond('hi', { conversationKey: 'a' }));
    expect(standIn.conversations).toHaveLength(2);
    await all(thinkerOf({ store: own }).respond('hi', { conversationKey: 'b' }));
    expect(ids.get('b')).toBe('conv_4');
  });

  it('tells a store that fails as an error, and asks nobody', async () => {
    const failing: ConversationStore = {
      get: () => Promise.reject(new StoreError({ engine: 'Own', fault: 'unreachable' })),
      set: async () => {},
      delete: async () => {},
    };
    const events = await all(thinkerOf({ store: failing }).respond('hi', { conversationKey: 'a' }));
    expect(events).toMatchObject([
      { type: 'error', error: { platform: 'phoson', kind: 'unavailable', retryable: true, status: null } },
    ]);
    expect(standIn.requests).toEqual([]);
  });

  it('takes hints that cannot be for an error of validation', async () => {
    const clock = new VirtualClock();
    const thinker = thinkerOf({ clock });
    // Nothing is repeated: no pause is waited for.
    const events = await all(thinker.respond('hi', { conversationKey: 'a', hints: { maxTokens: 1 } }));
    expect(events).toMatchObject([{ type: 'error', error: { kind: 'validation' } }]);
    expect(standIn.asked).toEqual([]);
  });

  it('takes a bare end mark for the end of what was said', async () => {
    const stub = new PhosonClient({
      apiKey,
      baseUrl: standIn.url,
      fetch: async (url, init) =>
        String(url).endsWith('/stream')
          ? new Response('data: {"type":"token","content":"Hi"}\n\ndata: [DONE]\n\n', {
              headers: { 'content-type': 'text/event-stream' },
            })
          : fetch(url, init),
    });
    const events = await all(thinkerOf({ client: stub }).respond('hi', { conversationKey: 'a' }));
    expect(events.at(-1)).toEqual({ type: 'done', text: 'Hi', remoteId: 'conv_2' });
  });

  it('counts nothing against a budget where the platform does not say what it cost', async () => {
    standIn.script.push(replies('Hi'));
    let used = 0;
    const text = await thinkerOf()({
      text: 'hi',
      sender: 'alice',
      conversation: { id: 'conv' },
      signal: new AbortController().signal,
      step: (_name, work) => work({ signal: new AbortController().signal }),
      usage: async ({ tokens }) => {
        used += tokens;
      },
    });
    expect([text, used]).toEqual(['Hi', 0]);
  });

  it.each([
    ['no client', { client: undefined }, 'client'],
    ['a client of something else', { client: {} }, 'client'],
    ['no agent', { agentId: '' }, 'agentId'],
    ['a store', { store: {} }, 'store'],
    ['an unknown option', { model: 'x' }, 'model'],
    ['an unknown reply option', { options: { maxTokens: 1 } }, 'maxTokens'],
    ['an empty title', { title: '' }, 'title'],
  ])('refuses %s', (_name, options, field) => {
    expect(() => thinkerOf(options as never)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });
});
