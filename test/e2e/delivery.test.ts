import { replyId } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, burst, type Mode, World } from './world.js';

/** The main promises on real sockets, with services that negotiate acknowledgements and with those that do not. */
describe.each<Mode>(['ack', 'legacy'])('end to end, %s mode', (mode) => {
  let world: World;
  let bot: Agent;
  let senders: Agent[];
  beforeEach(async () => {
    world = await World.open(mode);
    bot = await world.agent('bot');
    senders = await world.agents('sender', 4);
  });
  afterEach(() => world.close());

  it('ORD-1 hands every message to its handler once and in order', async () => {
    const listener = await world.listen(bot);
    await burst(senders, 'bot', 50);
    await listener.untilAllHandled(200);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('ORD-1 starts the next handler of a conversation when the last has settled, and others meanwhile', async () => {
    const busy = new Map<string, number>();
    let overlaps = 0;
    let most = 0;
    const listener = await world.listen(bot, {}, async ({ conversation_id }) => {
      if (busy.has(conversation_id)) overlaps += 1;
      busy.set(conversation_id, 1);
      most = Math.max(most, busy.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy.delete(conversation_id);
    });
    await burst(senders, 'bot', 10);
    await listener.untilAllHandled(40);
    expect(overlaps).toBe(0);
    expect(most).toBeGreaterThan(1);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('ORD-3 finds the first messages of new conversations when their frames are lost', async () => {
    const listener = await world.listen(bot);
    world.server.faults.next('dropFrames', { count: 4, handle: 'bot' });
    await Promise.all(senders.map(({ client }) => client.sendMessage({ to: 'bot', content: 'first' })));
    await burst(senders, 'bot', 3);
    await listener.untilAllHandled(16);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('CATCH-1 finds the last messages when their frames are lost and nothing follows', async () => {
    const listener = await world.listen(bot);
    await burst(senders, 'bot', 5);
    await listener.untilAllHandled(20);
    world.server.faults.next('dropFrames', { count: 4, handle: 'bot' });
    await Promise.all(senders.map(({ client }) => client.sendMessage({ to: 'bot', content: 'last' })));
    await listener.untilAllHandled(24);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.realtime.counters.reconciled).toBeGreaterThan(0);
  });

  it('GAP-2 fills a gap that is wider than several pages of history', async () => {
    const [sender] = senders;
    if (sender === undefined) throw new Error('no sender');
    const listener = await world.listen(bot);
    await burst([sender], 'bot', 1);
    await listener.untilAllHandled(1);
    world.server.faults.next('dropFrames', { count: 450, handle: 'bot' });
    for (let number = 0; number < 9; number += 1) {
      const sends = Array.from({ length: 50 }, () =>
        sender.client.sendMessage({ to: 'bot', content: 'lost' }),
      );
      await Promise.all(sends);
    }
    await sender.client.sendMessage({ to: 'bot', content: 'not lost' });
    await listener.untilAllHandled(452);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('GAP-3 recovers gaps while frames are dropped, repeated, swapped and delayed, and REST fails', async () => {
    const listener = await world.listen(bot);
    world.server.faults.set({
      dropFrames: 0.1,
      duplicateFrames: 0.1,
      reorderFrames: 0.15,
      delayFrames: { rate: 0.2, minMs: 1, maxMs: 40 },
      restUnavailable: 0.1,
      restCut: 0.05,
      only: 'bot',
    });
    await burst(senders, 'bot', 60);
    await listener.untilAllHandled(240);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.realtime.counters).toMatchObject({ gapsUnfilled: 0, missing: 0 });
    expect(listener.realtime.counters.gapsOpened).toBeGreaterThan(0);
  });

  it('ACK-1 skips a repeated frame', async () => {
    const listener = await world.listen(bot);
    world.server.faults.set({ duplicateFrames: 1 });
    await burst(senders, 'bot', 10);
    await listener.untilAllHandled(40);
    expect(listener.faultsFound()).toEqual([]);
    // At least: rows that a look has read count as received too.
    await expect.poll(() => listener.realtime.counters.received).toBeGreaterThanOrEqual(80);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('RCN-1 goes on where it was when connections are cut in the middle of a burst', async () => {
    const listener = await world.listen(bot);
    const sending = burst(senders, 'bot', 60);
    for (const reached of [30, 90, 150]) {
      await listener.untilAllHandled(reached);
      world.server.faults.cut('bot');
    }
    await sending;
    await listener.untilAllHandled(240);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.realtime.counters.reconnects).toBeGreaterThan(0);
  });

  it('RCN-1 goes on where it was when the server restarts', async () => {
    const listener = await world.listen(bot);
    const sending = burst(senders, 'bot', 40);
    await listener.untilAllHandled(40);
    await world.server.restart({ downMs: 200 });
    await sending;
    await listener.untilAllHandled(160);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('CATCH-1 drains what was sent while it was shut out', async () => {
    const listener = await world.listen(bot);
    await burst(senders, 'bot', 5);
    await listener.untilAllHandled(20);
    world.server.faults.shutOut('bot', true);
    await listener.until(() => !listener.realtime.isConnected);
    for (const { client } of senders) {
      for (let number = 0; number < 30; number += 1)
        await client.sendMessage({ to: 'bot', content: 'meanwhile' });
    }
    world.server.faults.shutOut('bot', false);
    await listener.untilAllHandled(140);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('LIVE-1 notices a connection that went silent, and loses nothing', async () => {
    const listener = await world.listen(bot, { pingAfterMs: 300 });
    await burst(senders, 'bot', 5);
    await listener.untilAllHandled(20);
    world.server.faults.halfOpen('bot');
    for (const { client } of senders) await client.sendMessage({ to: 'bot', content: 'into the void' });
    await listener.untilAllHandled(24);
    await listener.until(() => listener.realtime.counters.reconnects > 0 && listener.realtime.isConnected);
    expect(listener.faultsFound()).toEqual([]);
  });

  it('HND-1 runs a failed handler again, in its place', async () => {
    const listener = await world.listen(
      bot,
      { handlerRetry: { retries: 3, minDelayMs: 10, maxDelayMs: 20 } },
      ({ seq }, begunBefore) => {
        if (seq % 5 === 0 && begunBefore < 2) throw new Error('not yet');
      },
    );
    await burst(senders, 'bot', 12);
    await listener.untilAllHandled(48);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.begun.length).toBeGreaterThan(48);
  });

  it('GAP-5 counts its own messages, and does not hand them to its handlers', async () => {
    const listener = await world.listen(bot, {}, (message) =>
      bot.client.sendMessage({ to: message.sender, content: 'answer', client_msg_id: replyId(message) }),
    );
    await burst(senders, 'bot', 20);
    await listener.untilAllHandled(80);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.handled.filter(({ sender }) => sender === 'bot')).toEqual([]);
    const answers = world.server.allMessages().filter(({ sender }) => sender === 'bot');
    expect(answers).toHaveLength(80);
    expect(listener.realtime.counters.missing).toBe(0);
  });

  it('answers once when the turn runs again after a crash', async () => {
    const [sender] = senders;
    if (sender === undefined) throw new Error('no sender');
    const { message } = await sender.client.sendMessage({ to: 'bot', content: 'hi' });
    for (let life = 0; life < 3; life += 1) {
      await bot.client.sendMessage({
        to: sender.handle,
        content: `life ${life}`,
        client_msg_id: replyId(message),
      });
    }
    const answers = world.server.messagesOf(message.conversation_id).filter(({ sender: by }) => by === 'bot');
    expect(answers.map(({ content }) => content.text)).toEqual(['life 0']);
  });

  it('STOP-1 finishes what it began, acknowledges it, and stops', async () => {
    const listener = await world.listen(bot, {}, () => new Promise((resolve) => setTimeout(resolve, 20)));
    await burst(senders, 'bot', 1);
    await listener.until(() => listener.begun.length === 4);
    await listener.realtime.disconnect();
    expect(listener.handled).toHaveLength(listener.begun.length);
    expect(world.server.undelivered('bot')).toEqual([]);
    await burst(senders.slice(0, 1), 'bot', 2);
    expect(listener.begun).toHaveLength(4);
    expect(listener.realtime.state).toBe('idle');
  });
});

describe('end to end, only with acknowledgements', () => {
  let world: World;
  let bot: Agent;
  let senders: Agent[];
  beforeEach(async () => {
    world = await World.open('ack');
    bot = await world.agent('bot');
    senders = await world.agents('sender', 2);
  });
  afterEach(() => world.close());

  it('ACK-1 leaves what was not handled to the next life of the bot', async () => {
    const first = await world.listen(bot, { handlerRetry: { retries: 0 } }, ({ seq }) => {
      if (seq > 2) throw new Error('this life is cursed');
    });
    await burst(senders, 'bot', 5);
    await first.until(() => first.begun.length >= 6);
    await first.realtime.disconnect();
    expect(world.server.undelivered('bot')).toHaveLength(6);

    const second = await world.listen(bot);
    await second.untilAllHandled(6);
    expect(second.handled.map(({ seq }) => seq).sort()).toEqual([3, 3, 4, 4, 5, 5]);
    await expect.poll(() => world.server.undelivered('bot').length).toBe(0);
  });

  it('ACK-1 acknowledges everything that was handled, whatever happened to the frames', async () => {
    const listener = await world.listen(bot);
    world.server.faults.set({ dropFrames: 0.2, duplicateFrames: 0.2, reorderFrames: 0.2, only: 'bot' });
    await burst(senders, 'bot', 40);
    await listener.untilAllHandled(80);
    world.server.faults.clear();
    await expect.poll(() => world.server.undelivered('bot').length, { timeout: 10_000 }).toBe(0);
    expect(listener.faultsFound()).toEqual([]);
  });
});
