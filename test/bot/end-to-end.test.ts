import type { BotOptions, BudgetEvent } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotUnderTest, BotWorld, type Peer, until } from './bot-world.js';
import { HastyClock } from './hasty-clock.js';

const HOUR = 3_600_000;

let world: BotWorld;
let alice: Peer;
/** What the server was asked for, a line each. */
let requests: string[];
beforeEach(() => open('off'));
afterEach(() => world.close());

async function open(limits: 'off' | 'documented'): Promise<void> {
  requests = [];
  world = await BotWorld.open({ limits, log: (line) => void requests.push(line) });
  alice = world.peer('alice');
}

/** How many requests of this kind there were. */
const asked = (what: string) => requests.filter((line) => line.includes(what)).length;
const sends = () => asked('POST /v1/messages ');
const allHandled = () => world.server.undelivered('bot').length === 0;

/** A bot whose clock runs 60 times as fast: a minute of its waiting is a second. */
function quick(options: BotOptions): Promise<BotUnderTest> {
  const turns = { settleMs: 1_000, ...options.turns };
  return world.bot('bot', { clock: new HastyClock(60), ...options, turns });
}

function budgetsOf({ bot }: BotUnderTest): BudgetEvent[] {
  const events: BudgetEvent[] = [];
  bot.on('budget', (event) => void events.push(event));
  return events;
}

describe('budgets, at the server', () => {
  const once = { turns: 1, windowMs: HOUR };
  const think = () => 'an answer';

  async function asksThrice(options: BotOptions): Promise<string[]> {
    const under = await world.bot('bot', { think, ...options });
    const budgets = budgetsOf(under);
    await alice.say('bot', 'one');
    await until('an answer', () => alice.said('bot').length === 1);
    for (const text of ['two', 'three']) {
      const { length } = budgets;
      await alice.say('bot', text);
      await until(text, () => budgets.length === length + 1 && allHandled());
    }
    return budgets.map(({ action }) => action);
  }

  it('skip: what there is no budget for counts as handled, and nothing is said', async () => {
    expect(await asksThrice({ budgets: { perPeer: once } })).toEqual(['skip', 'skip']);
    expect(alice.said('bot')).toEqual(['an answer']);
    // Three of alice's, and one of the bot's.
    expect(sends()).toBe(4);
  });

  it('say: it is said once, and the rest counts as handled', async () => {
    const budgets = { total: once, onExceeded: { say: 'That is all.' } };
    expect(await asksThrice({ budgets })).toEqual(['say', 'skip']);
    expect(alice.said('bot')).toEqual(['an answer', 'That is all.']);
    expect(sends()).toBe(5);
  });

  it('park: it comes again as soon as there is budget, is answered, and nobody has asked in between', async () => {
    const windowMs = 240_000;
    const under = await quick({
      think,
      budgets: { perConversation: { turns: 1, windowMs }, onExceeded: 'park' },
    });
    const budgets = budgetsOf(under);
    await alice.say('bot', 'one');
    await until('an answer', () => alice.said('bot').length === 1);
    await alice.say('bot', 'two');
    await until('put aside', () => under.bot.health().parked === 1);
    await until('another', () => alice.said('bot').length === 2, 15_000);
    await until('handled', () => allHandled() && under.bot.health().parked === 0);
    expect(budgets).toMatchObject([
      { action: 'park', exceeded: { scope: 'perConversation', what: 'turns' } },
    ]);
    expect(sends()).toBe(4);
    expect(asked('GET /v1/messages/conv_')).toBe(1);
  });
});

describe('turn.history, at the server', () => {
  it('is what was said before the turn, oldest first, as much as was asked for', async () => {
    const seen: string[][] = [];
    await world.bot('bot', {
      think: async (turn) => {
        for (const limit of [30, 2])
          seen.push(
            (await turn.history({ limit })).map(({ sender, content }) => `${sender}: ${content.text}`),
          );
        return `to ${turn.text}`;
      },
    });
    for (const [place, text] of ['one', 'two', 'three'].entries()) {
      await alice.say('bot', text);
      await until(text, () => alice.said('bot').length === place + 1);
    }
    const all = ['alice: one', 'bot: to one', 'alice: two', 'bot: to two'];
    expect(seen).toEqual([[], [], all.slice(0, 2), all.slice(0, 2), all, all.slice(-2)]);
  });
});

describe('TURN-4: what befalls a conversation in the middle of a turn', () => {
  /** Runs a turn in which this happens before the bot answers. */
  async function turnIn(place: 'group' | 'direct', happens: (group: string) => Promise<unknown>) {
    const group = place === 'direct' ? '' : await world.group(alice, [world.client('bot')]);
    const before = { sends: 0 };
    const under = await world.bot('bot', {
      answer: { groups: 'always' },
      turns: { apology: 'Sorry.' },
      think: async (turn) => {
        await happens(group);
        before.sends = sends();
        return `to ${turn.text}`;
      },
    });
    await alice.say(place === 'direct' ? 'bot' : group, 'hello');
    await until('an end', () => under.turns.length === 1);
    // A hot loop would have asked often by then.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return { under, sent: sends() - before.sends };
  }

  it.each([
    ['the group is deleted', 'group', (group: string) => alice.client.deleteGroup(group), 'GROUP_DELETED'],
    [
      'the bot is removed from the group',
      'group',
      (group: string) => alice.client.removeGroupMember(group, 'bot'),
      /./,
    ],
    ['the peer blocks the bot', 'direct', () => alice.client.blockAgent('bot'), 'BLOCKED'],
  ] as const)('TURN-4: %s: the turn is over, after one try', async (_what, place, happens, code) => {
    const { under, sent } = await turnIn(place, happens);
    expect(under.turns).toMatchObject([
      { outcome: 'undeliverable', error: { code: expect.stringMatching(code) } },
    ]);
    expect(sent).toBe(1);
    expect(alice.said('bot')).toEqual([]);
    expect(world.server.undelivered('bot')).toEqual([]);
    expect(under.bot.health()).toMatchObject({ parked: 0, runningTurns: 0, waiting: 0 });
  });

  it('TURN-4: the owner pauses the bot: the turn is put aside, and sends its answer when the pause is over', async () => {
    let thoughts = 0;
    const under = await quick({
      think: () => {
        thoughts += 1;
        world.server.pause('bot', 'send');
        return 'hello';
      },
    });
    await alice.say('bot', 'hello');
    await until('put aside', () => under.bot.health().parked === 1);
    // Two minutes of the bot's.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const tries = sends() - 1;
    world.server.pause('bot', 'none');
    await until('an answer', () => alice.said('bot').length === 1);
    await until('handled', allHandled);
    expect(tries).toBeLessThanOrEqual(3);
    expect([thoughts, alice.said('bot')]).toEqual([1, ['hello']]);
  });
});

describe('TURN-4: a stranger who has not answered yet', () => {
  beforeEach(async () => {
    await world.close();
    await open('documented');
  });

  it('TURN-4: a second message to one fails the turn, which comes again later, and ends when the stranger has answered', async () => {
    const stranger = world.peer('stranger');
    const under = await quick({
      answer: { direct: ({ sender }) => sender === 'alice' },
      think: async (turn) => {
        await turn.send('stranger', 'first');
        await turn.send('stranger', 'second');
        return 'told';
      },
    });
    await alice.say('bot', 'tell the stranger');
    await until('put aside', () => under.bot.health().parked === 1);
    expect(under.turns).toMatchObject([{ outcome: 'failed', error: { code: 'AWAITING_REPLY' } }]);
    // A minute and a half of the bot's: it was tried once more, and what was sent before is sent again under its id.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(stranger.said('bot')).toEqual(['first']);
    expect(sends()).toBeLessThanOrEqual(5);
    await stranger.say('bot', 'go on');
    await until('an answer', () => alice.said('bot').includes('told'), 15_000);
    expect(stranger.said('bot')).toEqual(['first', 'second', 'told']);
    await until('handled', allHandled);
  }, 30_000);

  it('TURN-4: and a turn that catches the error goes on without', async () => {
    const under = await quick({
      think: async (turn) => {
        await turn.send('stranger', 'first');
        const code = await turn.send('stranger', 'second').then(
          () => 'sent',
          (error) => error.code,
        );
        return `second: ${code}`;
      },
    });
    world.peer('stranger');
    await alice.say('bot', 'tell the stranger');
    await until('an answer', () => alice.said('bot').length > 0);
    await until('handled', allHandled);
    expect(under.outcomes).toEqual(['answered']);
    expect(alice.said('bot')).toEqual(['first', 'second: AWAITING_REPLY']);
  });
});
