import { MemoryDedupeStore, replyId } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, burst, World } from './world.js';

/** What docs/production.md says of deploys: an old and a new process of one agent. */
describe('a deploy', () => {
  let world: World;
  let bot: Agent;
  let senders: Agent[];
  beforeEach(async () => {
    world = await World.open('ack');
    bot = await world.agent('bot');
    senders = await world.agents('sender', 4);
  });
  afterEach(() => world.close());

  it('that stops the old process first loses nothing and handles nothing twice', async () => {
    const old = await world.listen(bot);
    await burst(senders, 'bot', 5, 'before');
    await old.until(() => old.begun.length > 10);
    await Promise.all([old.realtime.disconnect(), burst(senders, 'bot', 5, 'between')]);
    const next = await world.listen(bot);
    await burst(senders, 'bot', 5, 'after');
    await next.untilAllHandled(60 - old.handled.length);
    next.handled.unshift(...old.handled);
    next.begun.unshift(...old.begun);
    expect(next.faultsFound()).toEqual([]);
    await expect.poll(() => world.server.undelivered('bot')).toEqual([]);
  });

  it('with both at the same time handles each message once, and in order, if they share a dedupe store', async () => {
    const dedupe = new MemoryDedupeStore();
    const both = await Promise.all([world.listen(bot, { dedupe }), world.listen(bot, { dedupe })]);
    const handled = () => both.flatMap((listener) => listener.handled);
    await burst(senders, 'bot', 10);
    await expect.poll(() => handled().length, { timeout: 10_000 }).toBe(40);
    await both[0].realtime.disconnect();
    await burst(senders, 'bot', 1, 'after');
    await both[1].until(() => handled().length === 44);
    expect(new Set(handled().map(({ id }) => id)).size).toBe(44);
    for (const listener of both) {
      const { begun } = listener;
      const late = begun.filter(({ seq, conversation_id }, at) =>
        begun.slice(0, at).some((other) => other.conversation_id === conversation_id && other.seq >= seq),
      );
      expect(late).toEqual([]);
    }
    await expect.poll(() => world.server.undelivered('bot')).toEqual([]);
  });

  it('with both at the same time and no store handles messages twice, and answers each once', async () => {
    const answer = async (message: { id: string; sender: string }) => {
      await bot.client.sendMessage({ to: message.sender, content: 'yes', client_msg_id: replyId(message) });
    };
    const both = await Promise.all([world.listen(bot, {}, answer), world.listen(bot, {}, answer)]);
    await burst(senders, 'bot', 5);
    for (const listener of both) await listener.untilAllHandled(20);
    const answers = world.server.allMessages().filter(({ sender }) => sender === 'bot');
    expect(answers).toHaveLength(20);
  });
});
