import type { GuardEvent } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BotUnderTest, BotWorld, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(() => world.close());

/** Resolves when nothing was said for a while. */
async function silence(): Promise<void> {
  let count = -1;
  let since = performance.now();
  await until(
    'silence',
    () => {
      const now = world.server.allMessages().length;
      if (now !== count) since = performance.now();
      count = now;
      return performance.now() - since > 1_500;
    },
    55_000,
  );
}

/** Does not say the same twice: only the depth tells that these are bots. */
function chatter(mention: string[] = []) {
  let said = 0;
  return () => {
    said += 1;
    const words = Array.from({ length: 6 }, (_, place) =>
      String.fromCharCode(97 + ((said * 7 + place * said) % 26)).repeat(4),
    );
    return `${mention.join(' ')} ${words.join(' ')}`;
  };
}

function guardsOf({ bot }: BotUnderTest): GuardEvent[] {
  const events: GuardEvent[] = [];
  bot.on('guard', (event) => void events.push(event));
  return events;
}

describe('loops', () => {
  it('two default bots that talk to each other stop by themselves within a minute, and say so', async () => {
    const alice = world.peer('alice');
    const one = world.idle('one', { think: chatter() });
    const two = world.idle('two', { think: chatter() });
    const guards = [guardsOf(one), guardsOf(two)].flat();
    const told = [guardsOf(one), guardsOf(two)];
    await Promise.all([one.bot.start(), two.bot.start()]);
    await one.bot.client.sendMessage({ to: 'two', content: 'hello there' });
    await silence();
    expect(world.server.allMessages().length).toBeLessThanOrEqual(20);
    expect(told.flat().map(({ reason }) => reason)).toEqual(['depth']);
    expect(guards).toEqual([]);
    expect(alice.said('one').length).toBeGreaterThan(2);
  }, 60_000);

  it('so do two that say the same again and again', async () => {
    const one = await world.bot('one', { think: () => 'How can I help you?' });
    await world.bot('two', { think: () => 'Happy to help!', guard: false });
    await one.bot.client.sendMessage({ to: 'two', content: 'hello there' });
    await silence();
    expect(world.server.allMessages().length).toBeLessThanOrEqual(20);
  }, 60_000);

  it('so do three in a group that mention each other', async () => {
    const alice = world.peer('alice');
    const names = ['one', 'two', 'three'];
    const bots = names.map((name) =>
      world.idle(name, {
        think: chatter(names.filter((other) => other !== name).map((other) => `@${other}`)),
      }),
    );
    const told = bots.map(guardsOf);
    const group = await world.group(
      alice,
      names.map((name) => world.client(name)),
    );
    await Promise.all(bots.map(({ bot }) => bot.start()));
    await alice.say(group, '@one @two @three hello');
    await silence();
    expect(world.server.allMessages().length).toBeLessThanOrEqual(80);
    expect(told.flat().length).toBeGreaterThan(0);
  }, 60_000);

  it('so does ours with one that answers everything at once, and says nothing of its depth', async () => {
    const ours = world.idle('ours', { think: chatter() });
    const told = guardsOf(ours);
    const other = world.peer('other');
    await ours.bot.start();
    let heard = 0;
    const say = chatter();
    await other.say('ours', say());
    const end = performance.now() + 20_000;
    // It answers whatever it sees.
    while (performance.now() < end && told.length === 0) {
      const said = other.said('ours').length;
      if (said > heard) {
        heard = said;
        await other.say('ours', say());
      } else await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await silence();
    expect(told).toMatchObject([{ reason: 'replies', peer: 'other', coolDownMs: 60_000 }]);
    expect(other.said('ours').length).toBeLessThanOrEqual(20);
  }, 60_000);
});
