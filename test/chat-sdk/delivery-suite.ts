import { createMemoryState } from '@chat-adapter/state-memory';
import { replyId } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Agent } from '../e2e/world.js';
import { type Bot, ChatWorld, gate } from './kit.js';

/** What is promised of messages, whichever version of the Chat SDK handles them. */
export function deliverySuite(version: string): void {
  describe(`messages to handlers of the Chat SDK, ${version}`, () => {
    let world: ChatWorld;
    let alice: Agent;
    let me: Agent;
    beforeEach(async () => {
      world = await ChatWorld.open();
      alice = await world.agent('alice');
      me = await world.agent('bot');
    });
    afterEach(() => world.close());

    const send = (content: string) => alice.client.sendMessage({ to: 'bot', content });
    const undelivered = () => world.server.undelivered('bot').map(({ content }) => content.text);
    const echo = (bot: Bot) =>
      bot.chat.onDirectMessage(async (thread, message) => {
        await thread.post(`You said: ${message.text}`);
      });

    it('ACK-1 are acknowledged when the handlers have succeeded, and not before', async () => {
      const bot = world.bot(me);
      const [begun, go] = [gate(), gate()];
      bot.chat.onDirectMessage(async () => {
        begun.open();
        await go.opened;
      });
      await bot.chat.initialize();
      await send('hi');
      await begun.opened;
      // Whatever was to be acknowledged before has been by the time that this is answered.
      await bot.agentchat.client.getMe();
      expect(undelivered()).toEqual(['hi']);
      go.open();
      await expect.poll(undelivered).toEqual([]);
      expect(bot.logged).toEqual([]);
    });

    it('ORD-1 come one by one, in order', async () => {
      const bot = world.bot(me);
      const log: string[] = [];
      bot.chat.onDirectMessage(async (_thread, message) => {
        log.push(`begin ${message.text}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${message.text}`);
      });
      await bot.chat.initialize();
      for (const text of ['1', '2', '3']) await send(text);
      await expect.poll(undelivered).toEqual([]);
      expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
    });

    it('HND-1 come again when a handler has failed, and what it said before is not said twice', async () => {
      const bot = world.bot(me);
      const attempts: string[] = [];
      bot.chat.onDirectMessage(async (thread, message) => {
        attempts.push(message.text);
        await thread.post(`first, attempt ${attempts.length}`);
        if (attempts.length < 3) throw new Error('the model is down');
        await thread.post('second');
      });
      await bot.chat.initialize();
      const { message } = await send('hi');
      await expect.poll(undelivered).toEqual([]);
      expect(attempts).toEqual(['hi', 'hi', 'hi']);
      expect(world.textsBy('bot')).toEqual(['first, attempt 1', 'second']);
      expect(world.saidBy('bot').map((said) => said.client_msg_id)).toEqual([
        replyId(message),
        replyId(message, 1),
      ]);
      expect(bot.logged).toContainEqual(expect.stringContaining('the model is down'));
    });

    it('HND-2 are not tried again at once when the service has refused what the handler does', async () => {
      const bot = world.bot(me);
      const calls: string[] = [];
      bot.chat.onDirectMessage(async (thread, { text }) => {
        calls.push(text);
        await bot.chat.thread(text === 'bad' ? 'agentchat:nobody-here' : thread.id).post('Hello');
      });
      await bot.chat.initialize();
      await send('bad');
      await send('good');
      await expect.poll(() => world.textsBy('bot')).toEqual(['Hello']);
      expect(calls).toEqual(['bad', 'good']);
      expect(undelivered()).toContain('bad');
    });

    it('come again after the process has ended in the middle of a turn, although the SDK remembers them', async () => {
      // The SDK's memory outlives the process, as Redis does.
      const state = createMemoryState();
      const first = world.bot(me, { state });
      const begun = gate();
      first.chat.onDirectMessage(async (thread) => {
        await thread.post('from the first life');
        begun.open();
        await new Promise(() => {});
      });
      await first.chat.initialize();
      const { message } = await send('hi');
      await begun.opened;
      await first.agentchat.realtime.disconnect({ deadlineMs: 0 });
      expect(undelivered()).toEqual(['hi']);

      const second = world.bot(me, { state });
      const seen: string[] = [];
      second.chat.onDirectMessage(async (thread, { text }) => {
        seen.push(text);
        await thread.post('from the second life');
      });
      await second.chat.initialize();
      await expect.poll(undelivered).toEqual([]);
      expect(seen).toEqual(['hi']);
      expect(world.textsBy('bot')).toEqual(['from the first life']);
      expect(world.saidBy('bot').map((said) => said.client_msg_id)).toEqual([replyId(message)]);
    });

    it('that came while no bot was there are handled when it is back, in order and once', async () => {
      await send('1');
      await send('2');
      const bot = world.bot(me);
      echo(bot);
      await bot.chat.initialize();
      await expect.poll(undelivered).toEqual([]);
      await bot.chat.shutdown();
      await send('3');
      const next = world.bot(me);
      echo(next);
      await next.chat.initialize();
      await expect.poll(undelivered).toEqual([]);
      expect(world.textsBy('bot')).toEqual(['You said: 1', 'You said: 2', 'You said: 3']);
    });

    it('survive a restart of the server in the middle of a turn', async () => {
      const bot = world.bot(me);
      const [begun, go] = [gate(), gate()];
      bot.chat.onDirectMessage(async (thread, { text }) => {
        begun.open();
        await go.opened;
        await thread.post(`You said: ${text}`);
      });
      await bot.chat.initialize();
      await send('1');
      await send('2');
      await begun.opened;
      await world.server.restart({ abrupt: true, downMs: 50 });
      go.open();
      await send('3');
      await expect.poll(undelivered, { timeout: 10_000 }).toEqual([]);
      expect(world.textsBy('bot')).toEqual(['You said: 1', 'You said: 2', 'You said: 3']);
    });

    it('GAP-5 of its own are never handled', async () => {
      const bot = world.bot(me);
      const seen: string[] = [];
      bot.chat.onDirectMessage(async (thread, { text, author }) => {
        seen.push(`${author.userId}: ${text}`);
        await thread.post('one');
        await thread.post('two');
      });
      bot.chat.onNewMessage(/.*/, async (_thread, { text, author }) => {
        seen.push(`${author.userId}: ${text}`);
      });
      const groupId = await world.group(alice, me);
      await bot.chat.initialize();
      await send('hi');
      await bot.chat.thread(`agentchat:${groupId}`).post('to all');
      await alice.client.sendMessage({ conversation_id: groupId, content: 'thanks' });
      await expect.poll(undelivered).toEqual([]);
      expect(seen.sort()).toEqual(['alice: hi', 'alice: thanks']);
    });

    it('STOP-1 a stop lets the turn finish, acknowledges it, and leaves nothing running', async () => {
      const bot = world.bot(me);
      const [begun, go] = [gate(), gate()];
      bot.chat.onDirectMessage(async (thread) => {
        begun.open();
        await go.opened;
        await thread.post('done');
      });
      await bot.chat.initialize();
      await send('hi');
      await begun.opened;
      const stopped = bot.chat.shutdown();
      go.open();
      await stopped;
      await bot.agentchat.realtime.closed;
      expect(world.textsBy('bot')).toEqual(['done']);
      expect(undelivered()).toEqual([]);
      expect(world.server.connections('bot')).toBe(0);
      expect(bot.agentchat.realtime.state).toBe('idle');
    });

    it('go on after a stop and another initialize()', async () => {
      const bot = world.bot(me);
      echo(bot);
      await bot.chat.initialize();
      await bot.chat.shutdown();
      await send('hi');
      await bot.chat.initialize();
      await expect.poll(undelivered).toEqual([]);
      expect(world.textsBy('bot')).toEqual(['You said: hi']);
    });
  });
}
