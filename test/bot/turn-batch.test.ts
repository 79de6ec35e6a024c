import { memoryStore } from 'agentchat-client';
import type { Turn } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotStore, StepStore } from '../../src/stores/index.js';
import { BotWorld, until } from './bot-world.js';
import { HastyClock } from './hasty-clock.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

/** A thinker that is told from outside when it has thought. */
class Slow {
  readonly seen: { readonly key: string; readonly text: string }[] = [];
  #finish: (text: string | null) => void = () => {};

  readonly think = (turn: Turn): Promise<string | null> => {
    this.seen.push({ key: turn.key, text: turn.text });
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  };

  finish(text: string | null): void {
    this.#finish(text);
  }
}

function withSteps(store: BotStore, changes: (steps: StepStore) => Partial<StepStore>): BotStore {
  const { steps } = store;
  const bound = new Proxy(steps, {
    get: (target, name) => {
      const own = changes(steps)[name as keyof StepStore];
      return own ?? (target[name as keyof StepStore] as (...args: never[]) => unknown).bind(target);
    },
  });
  return new Proxy(store, { get: (target, name) => (name === 'steps' ? bound : Reflect.get(target, name)) });
}

describe('TURN-1', () => {
  it('TURN-1: after a crash the frozen batch runs again as it was, under its key, although more waits by then', async () => {
    const alice = world.peer('alice');
    const store = memoryStore();
    const before = new Slow();
    const first = await world.bot('echo', { store, think: before.think });
    await alice.say('echo', 'one');
    await until('a turn', () => before.seen.length === 1);
    await first.bot.stop({ deadlineMs: 0 });
    await alice.say('echo', 'two');
    await alice.say('echo', 'three');
    const texts: string[] = [];
    const keys: string[] = [];
    await world.bot('echo', {
      store,
      think: (turn) => {
        texts.push(turn.text);
        keys.push(turn.key);
        return `to: ${turn.text}`;
      },
    });
    await until('all answers', () => alice.said('echo').length === 2);
    expect(texts).toEqual(['one', 'two\nthree']);
    expect(keys[0]).toBe(before.seen[0]?.key);
    expect(alice.said('echo')).toEqual(['to: one', 'to: two\nthree']);
  });

  it('TURN-1: messages of a finished turn that come again are not answered again', async () => {
    const alice = world.peer('alice');
    const store = memoryStore();
    let isFinished = false;
    const dying = withSteps(store, (steps) => ({
      finish: async (...args) => {
        await steps.finish(...args);
        isFinished = true;
        // The process dies before it acknowledges.
        await new Promise(() => {});
      },
    }));
    const first = await world.bot('echo', { store: dying, think: (turn) => `first: ${turn.text}` });
    await alice.say('echo', 'one');
    await until('the end of the turn', () => isFinished);
    await first.bot.stop({ deadlineMs: 0 });
    const texts: string[] = [];
    const second = await world.bot('echo', {
      store,
      think: (turn) => {
        texts.push(turn.text);
        return `second: ${turn.text}`;
      },
    });
    await alice.say('echo', 'two');
    await until('both answers', () => alice.said('echo').length === 2);
    expect(texts).toEqual(['two']);
    expect(alice.said('echo')).toEqual(['first: one', 'second: two']);
    await until('nothing waits', () => world.server.undelivered('echo').length === 0);
    expect(second.errors).toEqual([]);
  });

  it('TURN-1: a turn that is put aside lets the conversation go on, and comes back whole, under its key', async () => {
    const alice = world.peer('alice');
    const clock = new HastyClock(120);
    const ran: string[] = [];
    let isBroken = true;
    const { bot } = world.idle('echo', {
      clock,
      turns: { retries: 0, settleMs: 12_000, maxWaitMs: 120_000 },
      think: (turn) => {
        ran.push(`${turn.key === turn.messages[0]?.id} ${turn.text}${turn.late ? ' late' : ''}`);
        if (isBroken && turn.text.includes('bad')) throw new Error('on purpose');
        return `to: ${turn.text}`;
      },
    });
    await alice.say('echo', 'bad');
    await alice.say('echo', 'worse');
    await bot.start();
    await until('put aside', () => bot.health().parked === 2);
    await alice.say('echo', 'good');
    await until('the next answer', () => alice.said('echo').length === 1);
    isBroken = false;
    await until('the late answer', () => alice.said('echo').length === 2);
    expect(alice.said('echo')).toEqual(['to: good', 'to: bad\nworse']);
    expect(ran).toEqual(['true bad\nworse', 'true good', 'true bad\nworse late']);
    await until(
      'nothing waits',
      () => world.server.undelivered('echo').length === 0 && bot.health().parked === 0,
    );
  });

  it('TURN-1: a turn that was put aside after its answer was recorded leaves alone what later turns wrote into the session', async () => {
    const alice = world.peer('alice');
    const clock = new HastyClock(120);
    let isCut = true;
    const client = world.client('count', () => {
      if (isCut) throw new TypeError('fetch failed');
      return undefined;
    });
    const { bot } = await world.bot<{ seen: string[] }>('count', {
      clock,
      client,
      session: () => ({ seen: [] }),
      turns: { retries: 0, settleMs: 12_000, maxWaitMs: 120_000 },
      think: (turn) => {
        turn.session.seen.push(turn.text);
        return turn.session.seen.join(' ');
      },
    });
    await alice.say('count', 'a');
    await until('put aside', () => bot.health().parked === 1);
    isCut = false;
    await alice.say('count', 'b');
    await until('two answers', () => alice.said('count').length === 2);
    await alice.say('count', 'c');
    await until('three answers', () => alice.said('count').length === 3);
    expect(alice.said('count')).toEqual(['b', 'a', 'b c']);
  });

  it('TURN-1: the batch in the store may have been written by anybody', async () => {
    const alice = world.peer('alice');
    const store = memoryStore();
    const slow = new Slow();
    const first = await world.bot('echo', { store, think: slow.think });
    const { id, conversation_id } = await alice.say('echo', 'one');
    await until('a turn', () => slow.seen.length === 1);
    await first.bot.stop({ deadlineMs: 0 });
    for (const [place, batch] of [[], 'text', [null], [{ id: 7 }]].entries()) {
      await store.steps.widen(conversation_id, { key: id, messages: [id] }, batch);
      const bot = new Slow();
      const { bot: next } = await world.bot('echo', { store, think: bot.think });
      await until('it runs', () => bot.seen.length === 1);
      expect(bot.seen).toEqual([{ key: id, text: 'one' }]);
      if (place < 3) await next.stop({ deadlineMs: 0 });
      else bot.finish('done');
    }
    await until('the answer', () => alice.said('echo').length === 1);
  });

  it('TURN-1: answers whoever asked, not whoever wrote last', async () => {
    const alice = world.peer('alice');
    const bob = world.peer('bob');
    const group = await world.group(alice, [bob.client, world.client('helper')]);
    const senders: string[] = [];
    await world.bot('helper', {
      turns: { settleMs: 150 },
      think: (turn) => {
        senders.push(turn.sender);
        return 'here';
      },
    });
    await until('joined', () => world.server.connections('helper') === 1);
    const asked = await alice.say(group, '@helper are you there?');
    await bob.say(group, 'I am not asking');
    await until('an answer', () => alice.said('helper').length === 1);
    expect(senders).toEqual(['alice']);
    expect(alice.messagesOf('helper')[0]?.metadata).toMatchObject({ reply_to: asked.id });
  });
});

describe('TURN-1: interrupted turns', () => {
  const interrupting = { onMore: 'interrupt', settleMs: 20 } as const;

  /** Waits until it is called off, unless it sees what it waits for. */
  function waitsFor(text: string, seen: string[]) {
    return async (turn: Turn) => {
      seen.push(turn.text);
      if (turn.text.includes(text)) return `done: ${turn.text}`;
      return new Promise<string>((_, reject) => turn.signal.addEventListener('abort', reject));
    };
  }

  it('TURN-1: after a crash in an interrupted turn its batch runs as it was frozen, then the rest', async () => {
    const alice = world.peer('alice');
    const store = memoryStore();
    const seen: string[] = [];
    const first = await world.bot('eager', { store, turns: interrupting, think: waitsFor('never', seen) });
    await alice.say('eager', 'one');
    await until('a turn', () => seen.length === 1);
    await alice.say('eager', 'two');
    await until('interrupted', () => seen.length === 2);
    await alice.say('eager', 'three');
    await until('interrupted again', () => seen.length === 3);
    await first.bot.stop({ deadlineMs: 0 });
    await alice.say('eager', 'four');
    const after: string[] = [];
    await world.bot('eager', { store, turns: interrupting, think: (turn) => void after.push(turn.text) });
    await until('all', () => after.length === 2);
    expect(after).toEqual(['one\ntwo\nthree', 'four']);
  });

  it('TURN-1: a turn that is full is not interrupted any more', async () => {
    const alice = world.peer('alice');
    const seen: string[] = [];
    const under = await world.bot('eager', {
      turns: { ...interrupting, maxMessages: 2, retries: 0, timeoutMs: 700 },
      think: waitsFor('never', seen),
    });
    await alice.say('eager', '1');
    await until('a turn', () => seen.length === 1);
    await alice.say('eager', '2');
    await until('a wider one', () => seen.length === 2);
    await alice.say('eager', '3');
    await until('it takes too long', () => under.outcomes.length === 2);
    expect(seen.slice(0, 2)).toEqual(['1', '1\n2']);
    expect(under.outcomes).toEqual(['interrupted', 'failed']);
  });

  it('TURN-1: a turn that has said something is not interrupted, on its next try neither', async () => {
    const alice = world.peer('alice');
    const seen: string[] = [];
    let goOn: () => void = () => {};
    const under = await world.bot('eager', {
      turns: interrupting,
      think: async (turn) => {
        seen.push(turn.text);
        await turn.reply('working on it');
        if (seen.length > 2) return null;
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
        if (turn.attempt === 1) throw new Error('on purpose');
        return 'done';
      },
    });
    await alice.say('eager', 'one');
    await until('a reply', () => alice.said('eager').length === 1 && seen.length === 1);
    await alice.say('eager', 'two');
    await until('more waits', () => under.bot.health().waiting === 1);
    goOn();
    await until('the next try', () => seen.length === 2);
    await alice.say('eager', 'three');
    await until('still more waits', () => under.bot.health().waiting === 2);
    goOn();
    await until('both turns', () => under.outcomes.length === 3);
    expect(seen).toEqual(['one', 'one', 'two\nthree']);
    expect(under.outcomes).toEqual(['failed', 'answered', 'answered']);
    expect(alice.said('eager')).toEqual(['working on it', 'done', 'working on it']);
  });

  it('TURN-1: a turn whose answer is recorded is not interrupted: what came meanwhile is answered for itself', async () => {
    const alice = world.peer('alice');
    let send: () => void = () => {};
    let recorded = false;
    const store = withSteps(memoryStore(), (steps) => ({
      record: async (...args) => {
        const result = await steps.record(...args);
        if (!recorded) {
          recorded = true;
          await new Promise<void>((resolve) => {
            send = resolve;
          });
        }
        return result;
      },
    }));
    const under = await world.bot('eager', {
      store,
      turns: interrupting,
      think: (turn) => `to: ${turn.text}`,
    });
    await alice.say('eager', 'one');
    await until('the answer is recorded', () => recorded);
    await alice.say('eager', 'two');
    await until('more waits', () => under.bot.health().waiting === 1);
    send();
    await until('both', () => under.outcomes.length === 2);
    expect(alice.said('eager')).toEqual(['to: one', 'to: two']);
    expect(under.outcomes).toEqual(['answered', 'answered']);
  });

  it('TURN-1: a command neither interrupts nor is interrupted: it is a turn of its own', async () => {
    const alice = world.peer('alice');
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const at = (turn: Turn) => {
      begun.push(turn.text);
      return new Promise<string>((resolve) => ends.push(() => resolve(`to: ${turn.text}`)));
    };
    const idle = world.idle('eager', { turns: interrupting, think: at });
    idle.bot.command('slow', at);
    await idle.bot.start();
    for (const [count, text] of ['/slow', 'hello', '/slow again'].entries()) {
      await alice.say('eager', text);
      await until(
        `${text} is there`,
        () => begun.length + idle.bot.health().waiting === count + 1 && begun.length > 0,
      );
    }
    while (ends.length < 3) {
      const turns = idle.outcomes.length;
      ends[turns]?.();
      await until('an end', () => idle.outcomes.length === turns + 1);
      await until('the next', () => begun.length === turns + 2);
    }
    ends[2]?.();
    await until('all', () => idle.outcomes.length === 3);
    expect(begun).toEqual(['/slow', 'hello', '/slow again']);
    expect(idle.outcomes).toEqual(['answered', 'answered', 'answered']);
  });
});
