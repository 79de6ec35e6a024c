import { StoreError } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DriverBotStore } from '../../src/stores/bot-store.js';
import type { Change, StoreDriver } from '../../src/stores/driver.js';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';
import { Replicas } from '../../src/stores/replicas/replicas.js';
import { SharedMemory } from '../support/shared-memory.js';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

/** A store of which a test decides what fails. */
class Failing {
  /** The reads and writes of turns, sessions, steps and counters so far, by the first part of their key. */
  readonly calls: string[] = [];
  fails: (call: string, place: number) => boolean = () => false;
  /** Whether what fails has been written all the same. */
  isWritten = false;

  readonly store = new DriverBotStore(this.#driver(), {});

  #driver(): StoreDriver {
    const memory = new MemoryDriver();
    const reach = async <T>(what: string, keys: readonly string[], work: () => Promise<T>): Promise<T> => {
      const call = `${what} ${keys[0]?.split('/')[0] ?? ''}`;
      // Cursors are the connection's own.
      if (/ [co]$/.test(call)) return work();
      this.calls.push(call);
      if (!this.fails(call, this.calls.length)) return work();
      if (this.isWritten) await work();
      throw new StoreError({ engine: 'failing', fault: 'unreachable' });
    };
    return {
      engine: 'failing',
      isShared: false,
      get: (keys) => reach('get', keys, () => memory.get(keys)),
      list: (prefix, after, limit) => reach('list', [prefix], () => memory.list(prefix, after, limit)),
      write: (changes: readonly Change[]) =>
        reach(
          'write',
          changes.map(({ key }) => key),
          () => memory.write(changes),
        ),
      close: async () => {},
    };
  }
}

describe('a store in trouble', () => {
  it.each([
    ['is not written', false],
    ['is written, and its answer lost', true],
  ])(
    'TURN-1, TURN-2: what fails at any one call and %s is done again, and nothing happens twice',
    async (_what, isWritten) => {
      const alice = world.peer('alice');
      const failing = new Failing();
      failing.isWritten = isWritten;
      let charges = 0;
      const under = await world.bot('shop', {
        store: failing.store,
        session: () => ({ count: 0 }),
        turns: { settleMs: 1 },
        guard: { repliesPerPeer: 1_000 },
        think: async (turn) => {
          turn.session.count += 1;
          await turn.step('charge', () => {
            charges += 1;
            return charges;
          });
          await turn.reply('wait');
          return `count ${turn.session.count}`;
        },
      });
      await alice.say('shop', 'm1');
      await until('the first', () => under.turns.length === 1);
      // As many calls as a turn makes; each fails once, in a turn of its own.
      const calls = failing.calls.length;
      for (let place = 1; place <= calls; place += 1) {
        const before = failing.calls.length;
        failing.fails = (_call, at) => at === before + place;
        await alice.say('shop', `m${place + 1} ${'abcdefghijklmnop'[place % 16]?.repeat(9)}`);
        await until(`turn ${place + 1}`, () => under.turns.length === place + 1);
      }
      failing.fails = () => false;
      expect(new Set(under.outcomes)).toEqual(new Set(['answered']));
      expect(charges).toBe(calls + 1);
      expect(alice.said('shop')).toEqual(
        Array.from({ length: calls + 1 }, (_, place) => ['wait', `count ${place + 1}`]).flat(),
      );
    },
    60_000,
  );

  it('waits for the store, says so once and in its health, and goes on by itself', async () => {
    const alice = world.peer('alice');
    const failing = new Failing();
    const under = await world.bot('bot', { store: failing.store, think: () => 'hello' });
    failing.fails = () => true;
    await alice.say('bot', 'hello');
    await until('it is told', () => under.errors.length === 1);
    const asked = failing.calls.length;
    await until('it asks again', () => failing.calls.length > asked + 1);
    expect(under.errors).toHaveLength(1);
    expect(under.bot.health()).toMatchObject({
      ready: false,
      notReadyBecause: expect.stringContaining('failing'),
      store: { ok: false },
    });
    failing.fails = () => false;
    await until('the end of the turn', () => under.turns.length === 1);
    expect(alice.said('bot')).toEqual(['hello']);
    expect(under.bot.health()).toMatchObject({ ready: true, store: { ok: true, error: null } });
    expect(under.outcomes).toEqual(['answered']);
  });

  it('a stop does not wait for it', async () => {
    const alice = world.peer('alice');
    const failing = new Failing();
    const under = await world.bot('bot', { store: failing.store, think: () => 'hello' });
    failing.fails = () => true;
    await alice.say('bot', 'hello');
    await until('it is told', () => under.errors.length === 1);
    await under.bot.stop({ deadlineMs: 50 });
    failing.fails = () => false;
    await under.bot.start();
    await until('an answer', () => alice.said('bot').length === 1);
  });
});

describe('replicas', () => {
  it('REP-2, TURN-2: a turn whose conversation is taken over is answered once, by the new owner, with the steps of the old', async () => {
    const alice = world.peer('alice');
    const shared = new SharedMemory();
    const charged: string[] = [];
    const thinking: string[] = [];
    let stall = true;
    const replica = async (name: string) => {
      const connection = shared.connect();
      const replicas = new Replicas(connection.driver, { name, leaseMs: 1_500, partitions: 4 });
      const under = await world.bot('fleet', {
        store: new DriverBotStore(connection.driver, {}),
        replicas,
        think: async (turn) => {
          const by = await turn.step('charge', () => {
            charged.push(name);
            return name;
          });
          thinking.push(name);
          if (stall) {
            await new Promise<void>((resolve) => turn.signal.addEventListener('abort', () => resolve()));
            await turn.reply(`too late from ${name}`).catch(() => {});
          }
          return `charged by ${by}, answered by ${name}`;
        },
      });
      return { connection, under };
    };
    const first = await replica('one');
    await until('leases', () => first.under.bot.health().replicas?.held === 4);
    await alice.say('fleet', 'go');
    await until('a turn', () => thinking.length === 1);
    // From now on the first one cannot reach the store: it loses its leases, and its turn.
    first.connection.cut = true;
    stall = false;
    const second = await replica('two');
    await until('an answer', () => alice.said('fleet').length === 1, 15_000);
    await until('the turn of the second', () => second.under.turns.length === 1);
    expect(charged).toEqual(['one']);
    expect(alice.said('fleet')).toEqual(['charged by one, answered by two']);
    expect(first.under.outcomes).toEqual(['called off']);
    expect(first.under.errors.filter((error) => error.startsWith('HANDLER_FAILED'))).toEqual([]);
    expect(second.under.outcomes).toEqual(['answered']);
  }, 30_000);
});
