import { memoryStore } from 'agentchat-client';
import { createBot } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Sonzai,
  type SonzaiThinkerOptions,
  sonzaiThinker,
  type ThoughtEvent,
} from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { describeThinker } from '../thinker-conformance.js';
import { DONE, Recorder, say } from './recorder.js';
import { type Scripted, ScriptedFetch } from './scripted-fetch.js';
import { SonzaiStandIn } from './stand-in.js';

const apiKey = 'sk-123456';

describeThinker('sonzai', async () => {
  const standIn = await SonzaiStandIn.start({ apiKey });
  const client = new Sonzai({ apiKey, baseUrl: standIn.url });
  return {
    think: (store) => sonzaiThinker({ client, agentId: 'luna', store }),
    script: (...turns) => void standIn.script.push(...turns),
    asked: () => standIn.asked,
    rooms: () => standIn.chats.map(({ session_id }) => String(session_id)),
    close: () => standIn.close(),
  };
});

async function all(events: AsyncIterable<ThoughtEvent>): Promise<ThoughtEvent[]> {
  const found: ThoughtEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

describe('sonzaiThinker', () => {
  let platform: Recorder;
  let client: Sonzai;
  beforeEach(async () => {
    platform = await Recorder.start();
    client = new Sonzai({ apiKey, baseUrl: platform.url });
  });
  afterEach(() => platform.close());

  const thinkerOf = (options: Partial<SonzaiThinkerOptions> = {}) =>
    sonzaiThinker({ client, agentId: 'luna', ...options });

  it('fits createBot', () => {
    expect(createBot({ apiKey: 'ac_live_123456', think: thinkerOf() })).toBeDefined();
    expect(thinkerOf().capabilities).toEqual({
      reasoning: false,
      toolEvents: true,
      usage: true,
      multiMessage: true,
      serverHistory: true,
    });
  });

  it('asks in the session of the conversation, for the person', async () => {
    platform.script({ frames: [DONE] });
    const thinker = thinkerOf({ chat: { model: 'm', provider: 'p', temperature: 0 } });
    const hints = { temperature: 1 };
    await all(thinker.respond('hi', { conversationKey: 'c/1', userId: 'alice', userName: 'Alice', hints }));
    await all(thinker.respond('hi', { conversationKey: 'c/1' }));
    const messages = [{ role: 'user', content: 'hi' }];
    expect(platform.heard.map(({ body }) => body)).toEqual([
      {
        messages,
        user_id: 'alice',
        user_display_name: 'Alice',
        session_id: 'c/1',
        model: 'm',
        provider: 'p',
        temperature: 1,
      },
      // Nobody else's memories for somebody who has no name.
      { messages, user_id: 'c/1', session_id: 'c/1', model: 'm', provider: 'p', temperature: 0 },
    ]);
  });

  it('maps each event', async () => {
    const external_tool_calls = [{ id: 'c1', name: 'pay', parameters: {} }];
    const completion = { finish_reason: 'stop', full_content: 'Hello!\n\nBye', external_tool_calls };
    const frames = [
      { type: 'context_ready' },
      { type: 'phase', phase: 'planning' },
      { type: 'phase', phase: 'tool_call', tool: 'web_search' },
      { type: 'phase', phase: 'tool_call', tool: 'web_search' },
      { type: 'phase', phase: 'tool_call', tool: 'calendar' },
      { type: 'phase', phase: 'composing' },
      say('Hel'),
      say('Hello', { replacement: true }),
      say('Anew', { replacement: true }),
      say('Anew!', { replacement: true }),
      { type: 'phase', phase: 'tool_call', tool: 'mail' },
      { type: 'message_boundary', message_index: 1 },
      say('Bye'),
      completion,
      { type: 'side_effects', data: {} },
      { usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } },
      DONE,
    ];
    platform.script({ frames, headers: { 'x-session-id': 's1' } });
    expect(await all(thinkerOf().respond('hi', { conversationKey: 'a' }))).toEqual([
      { type: 'tool_start', tool: 'web_search' },
      { type: 'tool_end', tool: 'web_search' },
      { type: 'tool_start', tool: 'calendar' },
      { type: 'tool_end', tool: 'calendar' },
      { type: 'token', text: 'Hel' },
      { type: 'token', text: 'lo' },
      // What was written anew cannot be taken back: the end has it right.
      { type: 'token', text: '!' },
      { type: 'tool_start', tool: 'mail' },
      { type: 'tool_end', tool: 'mail' },
      { type: 'token', text: 'Bye', messageIndex: 1 },
      {
        type: 'done',
        text: 'Hello!\n\nBye',
        remoteId: 's1',
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
        tokens: 5,
        externalToolCalls: external_tool_calls,
        raw: { ...completion, kind: 'complete' },
      },
    ]);
  });

  it.each([
    ['no client', { client: undefined }, 'client'],
    ['a client of something else', { client: {} }, 'client'],
    ['no agent', { agentId: '' }, 'agentId'],
    ['a store', { store: {} }, 'store'],
    ['an unknown option', { model: 'x' }, 'model'],
    ['chat fields that it says itself', { chat: { user_id: 'x' } }, 'chat.user_id'],
    ['chat fields that are none', { chat: [] }, 'chat'],
    ['longTurns', { longTurns: 'yes' }, 'longTurns'],
  ])('refuses %s', (_name, options, field) => {
    expect(() => thinkerOf(options as never)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });
});

describe('sonzaiThinker with longTurns', () => {
  const QUEUED = { status: 202, json: { processing_id: 'p1', status: 'queued' } };
  const running = (response: string | null, more = {}) => ({
    json: { status: 'running', response, ...more },
  });
  const complete = (response: string) => ({ json: { status: 'complete', response } });

  function rig(answers: readonly Scripted[], options: Partial<SonzaiThinkerOptions> = {}) {
    const clock = new VirtualClock();
    const script = new ScriptedFetch(clock, ...answers);
    const client = new Sonzai({
      apiKey,
      baseUrl: 'http://sonzai.test',
      fetch: script.fetch,
      clock,
      maxRetries: 0,
    });
    const thinker = sonzaiThinker({ client, agentId: 'luna', longTurns: true, clock, ...options });
    const respond = (text: string) => all(thinker.respond(text, { conversationKey: 'c' }));
    return { clock, script, thinker, respond };
  }

  it('gives what is new of the reply at each look, and the whole at the end', async () => {
    const { clock, script, respond } = rig([
      QUEUED,
      running(null, { phase: 'tool_call', tool: 'web_search' }),
      running('Hel', { phase: 'composing' }),
      running('Help is'),
      running('Hello'),
      complete('Hello there'),
    ]);
    const reading = respond('hi');
    await clock.advance(60_000);
    expect(await reading).toEqual([
      { type: 'tool_start', tool: 'web_search' },
      { type: 'tool_end', tool: 'web_search' },
      { type: 'token', text: 'Hel' },
      { type: 'token', text: 'p is' },
      { type: 'token', text: ' there' },
      {
        type: 'done',
        text: 'Hello there',
        remoteId: 'c',
        raw: { status: 'complete', response: 'Hello there' },
      },
    ]);
    expect(script.times).toEqual([0, 0, 1_000, 3_000, 7_000, 12_000]);
  });

  it('is an error when the chat failed, and when it takes too long', async () => {
    const failed = rig([QUEUED, { json: { status: 'failed', error: 'no credit' } }]);
    expect(await failed.respond('hi')).toMatchObject([{ type: 'error', error: { kind: 'server' } }]);
    const endless = rig([QUEUED, running('Hel')]);
    const reading = endless.respond('hi');
    await endless.clock.advance(700_000);
    expect((await reading).at(-1)).toMatchObject({ type: 'error', error: { kind: 'timeout' } });
  });

  it('does not ask anew when only the look at the chat was refused', async () => {
    const { clock, script, respond } = rig([QUEUED, { status: 503, json: { error: 'busy' } }]);
    const reading = respond('hi');
    await clock.advance(60_000);
    expect(await reading).toMatchObject([
      { type: 'error', error: { kind: 'unavailable', retryable: true, status: null } },
    ]);
    expect(script.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(1);
  });

  it('asks anew when the chat itself was refused', async () => {
    const { clock, script, respond } = rig([{ status: 503 }, QUEUED, complete('Hello')]);
    const reading = respond('hi');
    await clock.advance(60_000);
    expect((await reading).at(-1)).toMatchObject({ type: 'done', text: 'Hello' });
    expect(script.asked.filter((asked) => asked.startsWith('POST'))).toHaveLength(2);
  });

  it('waits after a crash for the chat that is under way, for the same text only', async () => {
    const store = memoryStore();
    const first = rig([QUEUED, running('Hel')], { store });
    const abandoned = first.thinker.respond('hi', { conversationKey: 'c' });
    expect(await abandoned.next()).toMatchObject({ value: { type: 'token', text: 'Hel' } });
    await abandoned.return?.();

    const second = rig([running('Hel'), complete('Hello')], { store });
    expect((await second.respond('hi')).at(-1)).toMatchObject({ type: 'done', text: 'Hello' });
    expect(second.script.asked).toEqual(Array(2).fill('GET /agents/luna/chat/result/p1'));

    const third = rig([QUEUED, complete('Again')], { store });
    expect((await third.respond('hi')).at(-1)).toMatchObject({ text: 'Again' });
    expect(third.script.asked[0]).toBe('POST /agents/luna/chat/async');
  });

  it('asks anew when the platform has lost the chat, or was asked something else', async () => {
    const store = memoryStore();
    await store.values.set('sonzai/luna/c', 'p0\nhi');
    const lost = rig([{ status: 404 }, QUEUED, complete('Hello')], { store });
    expect((await lost.respond('hi')).at(-1)).toMatchObject({ text: 'Hello' });
    expect(lost.script.asked.slice(0, 2)).toEqual([
      'GET /agents/luna/chat/result/p0',
      'POST /agents/luna/chat/async',
    ]);
    await store.values.set('sonzai/luna/c', 'p0\nhi');
    const other = rig([QUEUED, complete('Hello')], { store });
    await other.respond('something else');
    expect(other.script.asked[0]).toBe('POST /agents/luna/chat/async');
  });
});
