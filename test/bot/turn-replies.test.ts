import { memoryStore } from 'agentchat-client';
import type { BotOptions, Turn } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

const LONG = 'x'.repeat(40_000);
const CUT = new TypeError('fetch failed');

describe('TURN-2: answers', () => {
  it.each([
    ['a part that never reached the service', 2, false],
    ['a part whose answer was lost', 2, true],
    ['a first part whose answer was lost', 1, true],
  ])(
    'TURN-2: %s: the rest of the same answer is sent, whatever the thinker would say now',
    async (_what, broken, isStored) => {
      const alice = world.peer('alice');
      let thoughts = 0;
      const client = world.client('teller', async (send, pass) => {
        if (send !== broken) return undefined;
        if (isStored) await pass();
        throw CUT;
      });
      const { outcomes } = await settledOutcomes(
        'teller',
        {
          client,
          think: () => {
            thoughts += 1;
            return `${thoughts} ${LONG}`;
          },
        },
        () => alice.say('teller', 'tell me'),
      );
      expect(outcomes).toEqual(['failed', 'answered']);
      expect(thoughts).toBe(1);
      const parts = alice.said('teller');
      expect(parts).toHaveLength(2);
      expect(parts.join('').replace(/\s/g, '')).toBe(`1${LONG}`);
    },
  );

  it('TURN-2: a thinker that sends less of it the second time still gives its answer', async () => {
    const alice = world.peer('alice');
    let runs = 0;
    const { outcomes } = await settledOutcomes(
      'wavering',
      {
        think: async (turn) => {
          runs += 1;
          if (runs === 1) {
            await turn.reply('a moment');
            throw new Error('on purpose');
          }
          return 'the answer';
        },
      },
      () => alice.say('wavering', 'well?'),
    );
    expect(outcomes).toEqual(['failed', 'answered']);
    expect(alice.said('wavering')).toEqual(['a moment', 'the answer']);
  });

  it('TURN-2: a crash between two parts: the next process sends the rest of the same answer', async () => {
    const alice = world.peer('alice');
    const store = memoryStore();
    let hangs = true;
    const client = world.client('teller', (send) =>
      send === 2 && hangs ? new Promise<Response>(() => {}) : undefined,
    );
    const first = await world.bot('teller', { client, store, think: () => `first ${LONG}` });
    await alice.say('teller', 'tell me');
    await until('one part', () => alice.said('teller').length === 1);
    await first.bot.stop({ deadlineMs: 0 });
    hangs = false;
    const second = await world.bot('teller', { store, think: () => `second ${LONG}` });
    await until('the turn', () => second.turns.length === 1);
    expect(alice.said('teller').join('').replace(/\s/g, '')).toBe(`first${LONG}`);
  });

  it('TURN-2: several replies, to third parties and groups, are sent once each, in order, when the turn runs again', async () => {
    const alice = world.peer('alice');
    const bob = world.peer('bob');
    const group = await world.group(alice, [bob.client, world.client('clerk')]);
    await settledOutcomes(
      'clerk',
      {
        think: async (turn: Turn) => {
          await turn.reply(`one, try ${turn.attempt}`);
          await turn.send('bob', `for you, try ${turn.attempt}`);
          await turn.send(group, `for all, try ${turn.attempt}`);
          await turn.reply(`two, try ${turn.attempt}`);
          if (turn.attempt === 1) throw new Error('on purpose');
          return 'three';
        },
      },
      () => alice.say('clerk', 'go'),
    );
    expect(bob.said('clerk')).toEqual([
      'one, try 1',
      'for you, try 1',
      'for all, try 1',
      'two, try 1',
      'three',
    ]);
  });

  it('TURN-2: replies that nobody awaits are sent in order, before the turn ends', async () => {
    const alice = world.peer('alice');
    await settledOutcomes(
      'hasty',
      {
        think: (turn: Turn) => {
          void turn.reply('one');
          void turn.reply(`two ${LONG}`);
          void turn.reply('three');
          return 'four';
        },
      },
      () => alice.say('hasty', 'go'),
    );
    expect(alice.said('hasty').map((text) => text.slice(0, 5).trim())).toEqual([
      'one',
      'two x',
      'xxxxx',
      'three',
      'four',
    ]);
  });

  it('TURN-2: one that nobody awaits and that fails, fails the turn, early or late, and never the process', async () => {
    const alice = world.peer('alice');
    const client = world.client('hasty', (send) => {
      if (send === 1) throw CUT;
      return undefined;
    });
    let goOn: () => void = () => {};
    const { outcomes } = await settledOutcomes(
      'hasty',
      {
        client,
        think: async (turn: Turn) => {
          void turn.reply('one');
          if (turn.attempt === 1) {
            // By now it has failed.
            setTimeout(() => goOn(), 50);
            await new Promise<void>((resolve) => {
              goOn = resolve;
            });
          }
          return 'two';
        },
      },
      () => alice.say('hasty', 'go'),
    );
    expect(outcomes).toEqual(['failed', 'answered']);
    expect(alice.said('hasty')).toEqual(['one', 'two']);
  });

  it('TURN-2: one whose failure the thinker has seen does not fail the turn', async () => {
    const alice = world.peer('alice');
    const { outcomes } = await settledOutcomes(
      'clerk',
      {
        think: async (turn: Turn) => {
          const isSent = await turn.send('nobody-of-that-name', 'hello').then(
            () => true,
            () => false,
          );
          return isSent ? 'sent' : 'there is nobody of that name';
        },
      },
      () => alice.say('clerk', 'go'),
    );
    expect(outcomes).toEqual(['answered']);
    expect(alice.said('clerk')).toEqual(['there is nobody of that name']);
  });

  it('TURN-2: after the end of its turn a reply, a send and a step reject with TURN_ENDED; one that nobody awaits is told', async () => {
    const alice = world.peer('alice');
    let kept: Turn | undefined;
    const under = await world.bot('late', {
      think: (turn) => {
        kept = turn;
        return 'done';
      },
    });
    await alice.say('late', 'go');
    await until('the end', () => under.turns.length === 1);
    const turn = kept as Turn;
    const late = [turn.reply('late'), turn.send('alice', 'late'), turn.step('late', () => 1)];
    const reason = { code: 'TURN_ENDED', message: expect.stringContaining('sendMessage') };
    expect(await Promise.allSettled(late)).toMatchObject([{ reason }, { reason }, { reason }]);
    expect(under.errors).toEqual([]);
    void turn.reply('late, and nobody listens');
    await until('it is told', () => under.errors.length === 1);
    expect(under.errors[0]).toContain('TURN_ENDED');
    expect(alice.said('late')).toEqual(['done']);
  });

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['a list', ['a']],
    ['a text that is none', { text: 7 }],
    ['metadata that are none', { text: 'a', metadata: [] }],
    ['a circle', { data: circle() }],
  ])('TURN-2: a reply of %s rejects, and never throws at once', async (_what, content) => {
    const alice = world.peer('alice');
    let thrown: unknown;
    let rejected: unknown;
    await settledOutcomes(
      'odd',
      {
        think: async (turn: Turn) => {
          try {
            await turn.reply(content as never).catch((error: unknown) => {
              rejected = error;
            });
          } catch (error) {
            thrown = error;
          }
          return 'done';
        },
      },
      () => alice.say('odd', 'go'),
    );
    expect(thrown).toBeUndefined();
    expect(rejected).toMatchObject({ name: 'ValidationError' });
    expect(alice.said('odd')).toEqual(['done']);
  });
});

describe('TURN-2: steps', () => {
  it('TURN-2: steps of the same name at the same time are one', async () => {
    const alice = world.peer('alice');
    let ran = 0;
    await settledOutcomes(
      'shop',
      {
        think: async (turn: Turn) => {
          const charge = () =>
            turn.step('charge', async () => {
              ran += 1;
              await null;
              return ran;
            });
          const results = await Promise.all([charge(), charge(), charge()]);
          return `${results} ${await charge()}`;
        },
      },
      () => alice.say('shop', 'go'),
    );
    expect(alice.said('shop')).toEqual(['1,1,1 1']);
  });

  it('TURN-2: what a step throws is not remembered, and what is no JSON is refused by its name', async () => {
    const alice = world.peer('alice');
    const seen: string[] = [];
    await settledOutcomes(
      'shop',
      {
        think: async (turn: Turn) => {
          await turn
            .step('flaky', () => Promise.reject(new Error('once')))
            .catch(({ message }) => seen.push(message));
          seen.push(await turn.step('flaky', () => 'twice'));
          await turn.step('big', () => 7n as never).catch(({ message }) => seen.push(message));
          seen.push(String(await turn.step('nothing', () => undefined)));
          await turn.step('', () => 1).catch(({ message }) => seen.push(message));
          return 'done';
        },
      },
      () => alice.say('shop', 'go'),
    );
    expect(seen).toEqual([
      'once',
      'twice',
      expect.stringContaining('The result of the step "big" must be JSON'),
      'null',
      expect.stringContaining('A step has a name'),
    ]);
  });

  it('TURN-2: a step that outlives its run is joined by the next, and known to it from then on', async () => {
    const alice = world.peer('alice');
    let ran = 0;
    let finish: (receipt: string) => void = () => {};
    const keys: string[] = [];
    const { outcomes } = await settledOutcomes(
      'shop',
      {
        turns: { timeoutMs: 300 },
        think: async (turn: Turn) => {
          const charge = () =>
            turn.step('charge', ({ key }) => {
              ran += 1;
              keys.push(key);
              return new Promise<string>((resolve) => {
                finish = resolve;
              });
            });
          if (turn.attempt > 1) setTimeout(() => finish('receipt'), 30);
          return `${await charge()} ${await charge()}`;
        },
      },
      () => alice.say('shop', 'go'),
    );
    expect(outcomes).toEqual(['failed', 'answered']);
    expect(alice.said('shop')).toEqual(['receipt receipt']);
    expect([ran, keys.length]).toEqual([1, 1]);
  });

  it('TURN-2: a step that outlives its run and ends before the next run asks for it is not done again', async () => {
    const alice = world.peer('alice');
    let ran = 0;
    let finish: (receipt: string) => void = () => {};
    await settledOutcomes(
      'shop',
      {
        turns: { timeoutMs: 300 },
        think: async (turn: Turn) => {
          if (turn.attempt > 1) {
            finish('receipt');
            await new Promise((resolve) => setImmediate(resolve));
            await new Promise((resolve) => setImmediate(resolve));
          }
          return turn.step('charge', () => {
            ran += 1;
            return new Promise<string>((resolve) => {
              finish = resolve;
            });
          });
        },
      },
      () => alice.say('shop', 'go'),
    );
    expect(alice.said('shop')).toEqual(['receipt']);
    expect(ran).toBe(1);
  });

  it('TURN-2: a run that was given up begins no step, and does not finish the turn that another run has by now', async () => {
    const alice = world.peer('alice');
    const late: unknown[] = [];
    let release: () => void = () => {};
    const idle = world.idle<{ count: number }>('zombie', {
      turns: { timeoutMs: 300 },
      session: () => ({ count: 0 }),
      think: async (turn) => {
        turn.session.count += 1;
        release();
        // The first run wakes up now, and has nothing to wait for.
        await new Promise((resolve) => setTimeout(resolve, 50));
        return `count ${turn.session.count}`;
      },
    });
    idle.bot.use(async (turn, next) => {
      if (turn.attempt > 1 || turn.text !== 'one') return next();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      await turn.step('late', () => 1).catch(({ code }) => late.push(code));
    });
    await idle.bot.start();
    await alice.say('zombie', 'one');
    await until('the answer', () => alice.said('zombie').length === 1);
    await alice.say('zombie', 'two');
    await until('another', () => alice.said('zombie').length === 2);
    expect(late).toEqual(['TURN_ENDED']);
    expect(alice.said('zombie')).toEqual(['count 1', 'count 2']);
  });
});

/** Runs a bot for one message, until a turn of it has succeeded. */
async function settledOutcomes(
  handle: string,
  options: BotOptions,
  say: () => Promise<unknown>,
): Promise<{ readonly outcomes: string[] }> {
  const under = await world.bot(handle, options);
  await say();
  await until('a turn that succeeds', () => under.outcomes.some((outcome) => outcome !== 'failed'));
  return { outcomes: under.outcomes };
}

function circle(): unknown {
  const round: Record<string, unknown> = {};
  round.round = round;
  return round;
}
