import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../e2e/child.js';
import { ChatWorld } from './kit.js';
import type { MortalBotSetup } from './programs/mortal-bot.js';

const BOT = new URL('./programs/mortal-bot.ts', import.meta.url);
const MESSAGES = 8;

describe('a bot of the Chat SDK that is killed', () => {
  let world: ChatWorld;
  beforeEach(async () => {
    world = await ChatWorld.open();
  });
  afterEach(() => world.close());

  it('ACK-1 in the middle of its answers, three times, gives each message its whole answer once, in order', {
    timeout: 60_000,
  }, async () => {
    const [alice, me] = [await world.agent('alice'), await world.agent('bot')];
    for (let number = 1; number <= MESSAGES; number += 1) {
      await alice.client.sendMessage({ to: 'bot', content: `${number}` });
    }
    const live = async (diesInTurn: number | null) => {
      const setup: MortalBotSetup = { baseUrl: world.server.url, apiKey: me.apiKey, diesInTurn };
      const child = await Child.start(BOT, setup);
      onTestFinished(() => child.end());
      return child;
    };
    for (const diesInTurn of [1, 3, 2]) {
      const child = await live(diesInTurn);
      expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' });
      expect(world.server.undelivered('bot').length).toBeGreaterThan(0);
    }
    const last = await live(null);
    await expect.poll(() => world.server.undelivered('bot').length, { timeout: 30_000 }).toBe(0);
    last.tell('stop');
    expect(await last.exit).toEqual({ code: 0, signal: null });
    const whole = Array.from({ length: MESSAGES }, (_, index) => [
      `${index + 1}, first part`,
      `${index + 1}, second part`,
    ]);
    expect(world.textsBy('bot')).toEqual(whole.flat());
  });
});
