import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotWorld, lastingStore, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

describe('a bot', () => {
  it('answers in ten lines', async () => {
    const alice = world.peer('alice');
    await world.bot('echo', { think: (turn) => `You said: ${turn.text}` });
    const { id } = await alice.say('echo', 'hello');
    await until('an answer', () => alice.said('echo').length === 1);
    const [answer] = alice.messagesOf('echo');
    expect(answer).toMatchObject({
      content: { text: 'You said: hello' },
      client_msg_id: `reply_0_${id}`,
      metadata: { reply_to: id, agentchat_depth: 1 },
    });
  });

  it('TURN-1: takes what waits together as one turn, and acknowledges all of it when the turn has succeeded', async () => {
    const alice = world.peer('alice');
    let finish: (text: string) => void = () => {};
    const seen: string[] = [];
    const { bot, turns } = await world.bot('echo', {
      // Longer than two sends may be apart on a busy machine.
      turns: { settleMs: 500 },
      think: (turn) => {
        seen.push(turn.text);
        return new Promise((resolve) => {
          finish = resolve;
        });
      },
    });
    await alice.say('echo', 'one');
    await alice.say('echo', 'two');
    await until('a turn', () => seen.length === 1);
    await alice.say('echo', 'three');
    expect(bot.realtime.counters.handled).toBe(0);
    finish('first');
    await until('another turn', () => seen.length === 2);
    finish('second');
    await until('two turns', () => turns.length === 2);
    expect(seen).toEqual(['one\ntwo', 'three']);
    expect(alice.said('echo')).toEqual(['first', 'second']);
    await until('all handled', () => bot.realtime.counters.handled === 3);
  });

  it('TURN-2: runs the same turn again after a failure, with the results of its steps', async () => {
    const alice = world.peer('alice');
    const charges: string[] = [];
    let fails = true;
    const { bot, outcomes, turns } = await world.bot('shop', {
      store: lastingStore(),
      think: async (turn) => {
        const receipt = await turn.step('charge', ({ key }) => {
          charges.push(key);
          return { receipt: charges.length };
        });
        await turn.reply('working on it');
        if (fails) {
          fails = false;
          throw new Error('on purpose');
        }
        return `receipt ${receipt.receipt}`;
      },
    });
    await alice.say('shop', 'buy');
    await until('the answer', () => alice.said('shop').length === 2);
    expect(charges).toHaveLength(1);
    expect(alice.said('shop')).toEqual(['working on it', 'receipt 1']);
    await until('the end', () => turns.length === 2);
    expect(turns.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
      ['failed', 1],
      ['answered', 2],
    ]);
    expect(outcomes).toBeDefined();
    expect(bot.health()).toMatchObject({ ready: true, lagMs: null, runningTurns: 0, store: { ok: true } });
  });

  it('keeps a session per conversation, written with the end of the turn', async () => {
    const alice = world.peer('alice');
    const store = lastingStore();
    let fails = true;
    const options = {
      store,
      session: () => ({ count: 0 }),
      think: (turn: { session: { count: number } }) => {
        turn.session.count += 1;
        if (turn.session.count === 2 && fails) {
          fails = false;
          throw new Error('after the change');
        }
        return `count ${turn.session.count}`;
      },
    };
    const first = await world.bot('counter', options);
    await alice.say('counter', 'a');
    await until('one', () => alice.said('counter').length === 1);
    await alice.say('counter', 'b');
    await until('two', () => alice.said('counter').length === 2);
    await first.bot.stop();
    await world.bot('counter', options);
    await alice.say('counter', 'c');
    await until('three', () => alice.said('counter').length === 3);
    expect(alice.said('counter')).toEqual(['count 1', 'count 2', 'count 3']);
  });

  it('answers commands and patterns before it thinks, within middleware', async () => {
    const alice = world.peer('alice');
    const { bot } = world.idle('helper', { think: () => 'thought' });
    bot.use(async (turn, next) => {
      await next();
      if (turn.answer !== null) turn.answer += '!';
    });
    bot.command('roll', (_turn, args) => `rolled ${args}`);
    bot.hear('ping', () => 'pong');
    bot.hear(/(\d+) apples/, (turn) => `${turn.match?.[1]} it is`);
    await bot.start();
    for (const [count, text] of ['/roll 6', 'Ping', 'I take 12 apples', 'what?'].entries()) {
      await alice.say('helper', text);
      await until(text, () => alice.said('helper').length === count + 1);
    }
    expect(alice.said('helper')).toEqual(['rolled 6!', 'pong!', '12 it is!', 'thought!']);
  });

  it('interrupts a turn when more comes, and keeps what its steps gave', async () => {
    const alice = world.peer('alice');
    let steps = 0;
    const texts: string[] = [];
    const { outcomes, turns } = await world.bot('eager', {
      turns: { onMore: 'interrupt', settleMs: 20 },
      think: async (turn) => {
        texts.push(turn.text);
        await turn.step('count', () => {
          steps += 1;
          return steps;
        });
        if (turn.messages.length < 2)
          await new Promise((_, reject) => turn.signal.addEventListener('abort', reject));
        return 'done';
      },
    });
    await alice.say('eager', 'one');
    await until('a turn', () => texts.length === 1);
    await alice.say('eager', 'two');
    await until('the answer', () => alice.said('eager').length === 1);
    expect(texts).toEqual(['one', 'one\ntwo']);
    expect(steps).toBe(1);
    await until('the end', () => turns.length === 2);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['interrupted', 'answered']);
    expect(outcomes).toBeDefined();
  });
});
