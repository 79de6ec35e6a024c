import { memoryStore } from 'agentchat-client';
import type { BotOptions, Thinker, Turn } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotUnderTest, BotWorld, type Peer, refusal, until } from './bot-world.js';
import { HastyClock } from './hasty-clock.js';

let world: BotWorld;
let alice: Peer;
beforeEach(async () => {
  world = await BotWorld.open();
  alice = world.peer('alice');
});
afterEach(() => world.close());

const QUICKLY = { timeoutMs: 24_000, settleMs: 1_000 };

/** A bot whose clock runs 60 times as fast. */
async function quick(options: BotOptions): Promise<BotUnderTest> {
  const { turns, ...rest } = options;
  return world.bot('bot', { clock: new HastyClock(60), ...rest, turns: { ...QUICKLY, ...turns } });
}

/** Hostile thinkers. Those that would go on for ever let the loop breathe. */
const HOSTILE: Record<string, Thinker> = {
  'throws at once': () => {
    throw new Error('on purpose');
  },
  rejects: () => Promise.reject(new Error('on purpose')),
  'never settles, and ignores its signal': () => new Promise(() => {}),
  'streams for ever': async function* () {
    for (;;) {
      yield '.';
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  },
  'gives 10 MB': () => 'x'.repeat(10_000_000),
  'breaks off its stream': async function* () {
    yield 'half an ans';
    throw new Error('on purpose');
  },
};

const RUBBISH: Record<string, unknown> = {
  'a number': 7,
  'an object': { text: 'hello' },
  'a list': ['hello'],
  'a stream of objects': (async function* () {
    yield { type: 'text' };
  })(),
};

describe('TURN-4: a failed turn', () => {
  it.each(Object.entries(HOSTILE))(
    'TURN-4: a thinker that %s is tried again, then put aside, and comes back',
    async (_name, think) => {
      let isHostile = true;
      const under = await quick({
        turns: { retries: 1 },
        think: (turn) => (isHostile && turn.text === 'hello' ? think(turn) : 'better now'),
      });
      await alice.say('bot', 'hello');
      await until('put aside', () => under.bot.health().parked === 1);
      expect(under.outcomes).toEqual(['failed', 'failed']);
      expect(alice.said('bot')).toEqual([]);
      isHostile = false;
      await until('it comes back', () => alice.said('bot').length === 1);
      await until('nothing is left', () => under.bot.health().parked + under.bot.health().runningTurns === 0);
    },
  );

  it.each(Object.entries(HOSTILE))(
    'TURN-4: for a thinker that %s one apology is sent, if the author wants one',
    async (_name, think) => {
      const under = await quick({ turns: { retries: 1, apology: 'Sorry.' }, think });
      const { id } = await alice.say('bot', 'hello');
      await until('an apology', () => under.outcomes.includes('apologised'));
      expect(under.outcomes).toEqual(['failed', 'apologised']);
      expect(alice.messagesOf('bot')).toMatchObject([
        { content: { text: 'Sorry.' }, metadata: { reply_to: id, agentchat_depth: 1 } },
      ]);
      await until('handled', () => world.server.undelivered('bot').length === 0);
    },
  );

  it.each(Object.entries(RUBBISH))(
    'TURN-4: %s is no answer, and is not asked for again: the apology follows at once',
    async (_name, rubbish) => {
      const under = await quick({ turns: { apology: 'Sorry.' }, think: () => rubbish as string });
      await alice.say('bot', 'hello');
      await until('an apology', () => under.turns.length === 1);
      expect(under.turns).toMatchObject([{ outcome: 'apologised', error: { code: 'BAD_ANSWER' } }]);
      expect(alice.said('bot')).toEqual(['Sorry.']);
    },
  );

  it('TURN-4: the apology of a turn is one, also when its process dies before it is remembered', async () => {
    const store = memoryStore();
    const { steps } = store;
    const finish = steps.finish.bind(steps);
    let dies = true;
    steps.finish = (...args) => (dies ? new Promise(() => {}) : finish(...args));
    const options = { store, turns: { retries: 0, apology: 'Sorry.' }, think: HOSTILE.rejects };
    const first = await quick(options);
    await alice.say('bot', 'hello');
    await until('an apology', () => alice.said('bot').length === 1);
    await first.bot.stop({ deadlineMs: 0 });
    dies = false;
    const second = await quick(options);
    await until('again', () => second.turns.length === 1);
    expect(alice.said('bot')).toEqual(['Sorry.']);
  });

  it.each<[string, Thinker]>([
    ['null', () => null],
    ['white space', () => ' \n '],
    ['an empty stream', async function* () {}],
    ['what it says it skips', skips],
  ])('TURN-4: %s is silence', async (_name, think) => {
    const under = await quick({ think });
    await alice.say('bot', 'hello');
    await until('an end', () => under.turns.length === 1);
    await until('handled', () => world.server.undelivered('bot').length === 0);
    expect(under.outcomes).toEqual(['silent']);
    expect(alice.said('bot')).toEqual([]);
  });
});

describe('TURN-4: what the service refuses', () => {
  it.each([
    [403, 'BLOCKED'],
    [403, 'INBOX_RESTRICTED'],
    [403, 'AWAITING_REPLY'],
    [404, 'AGENT_NOT_FOUND'],
    [410, 'GROUP_DELETED'],
  ])(
    'TURN-4: %i %s ends the turn: nobody can be answered, and it is not tried again',
    async (status, code) => {
      let sends = 0;
      const client = world.client('bot', (send) => {
        sends = send;
        return refusal(status, code);
      });
      const under = await quick({ client, turns: { apology: 'Sorry.' }, think: () => 'hello' });
      await alice.say('bot', 'hello');
      await until('handled', () => world.server.undelivered('bot').length === 0);
      expect(under.turns).toMatchObject([{ outcome: 'undeliverable', error: { code } }]);
      expect(sends).toBe(1);
    },
  );

  it('TURN-4: a peer that has blocked the bot is not answered, really', async () => {
    const under = await quick({
      think: async () => {
        await alice.client.blockAgent('bot');
        return 'hello';
      },
    });
    await alice.say('bot', 'hello');
    await until('an end', () => under.turns.length === 1);
    expect(under.outcomes).toEqual(['undeliverable']);
  });

  it.each([
    ['the recipient is full', 429, 'RECIPIENT_BACKLOGGED', {}],
    ['the owner has paused the bot', 403, 'AGENT_PAUSED_BY_OWNER', {}],
    ['the bot is suspended', 403, 'SUSPENDED', {}],
    ['the bot is too fast', 429, 'RATE_LIMITED', { 'retry-after': '1' }],
    ['the service is down', 503, 'INTERNAL_ERROR', {}],
  ])(
    'TURN-4: when %s, the turn waits, in no hot loop, and is answered once it may be',
    async (_what, status, code, headers) => {
      const clock = new HastyClock(60);
      const at: number[] = [];
      let isRefused = true;
      const client = world.client('bot', () => {
        at.push(clock.now());
        return isRefused ? refusal(status, code, headers) : undefined;
      });
      let thoughts = 0;
      const under = await quick({
        client,
        clock,
        think: () => {
          thoughts += 1;
          return 'hello';
        },
      });
      await alice.say('bot', 'hello');
      await until('put aside', () => under.bot.health().parked === 1);
      isRefused = false;
      await until('an answer', () => alice.said('bot').length === 1, 20_000);
      expect(thoughts).toBe(1);
      expect(at.length).toBeLessThanOrEqual(6);
      expect(at.slice(1).every((time, place) => time - (at[place] ?? 0) >= 300)).toBe(true);
      await until('handled', () => world.server.undelivered('bot').length === 0);
    },
  );
});

function skips(turn: Turn): string {
  turn.skip();
  return 'never said';
}
