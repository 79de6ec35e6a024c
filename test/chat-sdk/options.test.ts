import { createMemoryState } from '@chat-adapter/state-memory';
import { AgentChatClient, UnauthorizedError, ValidationError } from 'agentchat-client';
import { createAgentChatAdapter } from 'agentchat-client/chat-sdk';
import { Chat } from 'chat';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../e2e/world.js';
import { ChatWorld } from './kit.js';

describe('createAgentChatAdapter', () => {
  const apiKey = 'ac_live_0123456789abcdef';
  const client = new AgentChatClient({ apiKey, baseUrl: 'http://127.0.0.1:9' });

  it.each([
    [{ nam: 'x' }, /did you mean "name"/],
    [{ apiKey, name: 'a:b' }, /"name" may hold letters/],
    [{ apiKey, name: '' }, /"name"/],
    [{ apiKey: '' }, /apiKey/],
    [{ client, apiKey }, /"apiKey" is that of the client/],
    [{ client, baseUrl: 'http://127.0.0.1' }, /"baseUrl" is that of the client/],
    [{ client: {} }, /must be an AgentChatClient; it has no sendMessage\(\)/],
    [{ apiKey, realtime: { deliverOwn: true } }, /must not answer itself/],
    [{ apiKey, realtime: { concurency: 3 } }, /did you mean "concurrency"/],
  ])('refuses %o', (options, words) => {
    const create = () => createAgentChatAdapter(options as never);
    expect(create).toThrow(ValidationError);
    expect(create).toThrow(words);
  });

  it('opens nothing', () => {
    expect(createAgentChatAdapter({ client }).realtime.state).toBe('idle');
  });

  it('names its threads after itself', () => {
    const adapter = createAgentChatAdapter({ client, name: 'second' });
    for (const id of ['second:alice', 'second:grp_BPF4BzPS9l6zwS9V']) {
      expect(adapter.encodeThreadId(adapter.decodeThreadId(id))).toBe(id);
    }
    expect(adapter.decodeThreadId('second:@Alice')).toEqual({ kind: 'direct', handle: 'alice' });
    for (const id of ['agentchat:alice', 'second', 'second:', 'second:alice:1', '']) {
      expect(() => adapter.decodeThreadId(id)).toThrow(/second:alice or second:grp_/);
    }
    expect(() => adapter.decodeThreadId('second:conv_d6YAy98A4PTqSZZP')).toThrow(/handle of the other side/);
  });

  it('has messages of others parsed, and its own only where they say where they went', async () => {
    const world = await ChatWorld.open();
    try {
      const [alice, me] = [await world.agent('alice'), await world.agent('bot')];
      const bot = world.bot(me);
      await bot.chat.initialize();
      const { message: theirs } = await alice.client.sendMessage({ to: 'bot', content: 'hi' });
      expect(bot.agentchat.parseMessage(theirs)).toMatchObject({ threadId: 'agentchat:alice', text: 'hi' });
      const { message: mine } = await me.client.sendMessage({ to: 'alice', content: 'hi' });
      expect(() => bot.agentchat.parseMessage(mine)).toThrow(/fetchMessages\(threadId\)/);
    } finally {
      await world.close();
    }
  });
});

describe('initialize', () => {
  let world: ChatWorld;
  let me: Agent;
  beforeEach(async () => {
    world = await ChatWorld.open();
    me = await world.agent('bot');
  });
  afterEach(() => world.close());

  it.each(['queue', 'debounce', 'burst'] as const)(
    'refuses a Chat with concurrency %s',
    async (concurrency) => {
      const bot = world.bot(me, { concurrency });
      await expect(bot.chat.initialize()).rejects.toThrow(/concurrency: 'concurrent'/);
      expect(bot.agentchat.realtime.state).toBe('idle');
    },
  );

  it("advises against 'drop', and works with it", async () => {
    const bot = world.bot(me, { concurrency: 'drop' });
    bot.chat.onDirectMessage(async (thread) => {
      await thread.post('Hello');
    });
    await bot.chat.initialize();
    expect(bot.logged).toEqual([expect.stringContaining("concurrency: 'concurrent'")]);
    const alice = await world.agent('alice');
    await alice.client.sendMessage({ to: 'bot', content: '1' });
    await alice.client.sendMessage({ to: 'bot', content: '2' });
    await expect.poll(() => world.textsBy('bot')).toEqual(['Hello', 'Hello']);
  });

  it('knows who it is', async () => {
    const bot = world.bot(me);
    expect(bot.agentchat.userName).toBe('');
    await bot.chat.initialize();
    expect(bot.agentchat).toMatchObject({ userName: 'bot', botUserId: 'bot' });
  });

  it('rejects when the service refuses the key, and leaves nothing running', async () => {
    const agentchat = createAgentChatAdapter({
      apiKey: 'ac_live_0123456789abcdef',
      baseUrl: world.server.url,
    });
    const chat = new Chat({
      userName: 'bot',
      adapters: { agentchat },
      state: createMemoryState(),
      concurrency: 'concurrent',
      logger: 'silent',
    });
    await expect(chat.initialize()).rejects.toThrow(UnauthorizedError);
    expect(agentchat.realtime.state).toBe('idle');
  });

  it('two agents stand in one Chat under two names', async () => {
    const other = await world.agent('other');
    const adapters = {
      first: createAgentChatAdapter({ client: me.client, name: 'first' }),
      second: createAgentChatAdapter({ client: other.client, name: 'second' }),
    };
    const chat = new Chat({
      userName: 'bot',
      adapters,
      state: createMemoryState(),
      concurrency: 'concurrent',
      logger: 'silent',
    });
    chat.onDirectMessage(async (thread, { text }) => {
      await thread.post(`${thread.id} said: ${text}`);
    });
    await chat.initialize();
    const alice = await world.agent('alice');
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    await alice.client.sendMessage({ to: 'other', content: 'ho' });
    await expect.poll(() => [...world.textsBy('bot'), ...world.textsBy('other')]).toHaveLength(2);
    await chat.shutdown();
    expect(world.textsBy('bot')).toEqual(['first:alice said: hi']);
    expect(world.textsBy('other')).toEqual(['second:alice said: ho']);
  });
});
