import { AgentChatClient, memoryStore } from 'agentchat-client';
import { type BotOptions, createBot, type TurnEvent } from 'agentchat-client/bot';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/wire/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { VirtualService } from './virtual-service.js';

/** A bot in virtual time whose first sends the service refuses, and the moments at which it has tried, in seconds. */
async function refusedBot(refusals: readonly number[], options: BotOptions = {}) {
  const clock = new VirtualClock();
  const service = new VirtualService(clock);
  const said: Message[] = [];
  const turns: TurnEvent[] = [];
  const left = [...refusals];
  service.refuses = () => {
    const retryAfterS = left.shift();
    return retryAfterS === undefined ? null : { status: 429, code: 'RATE_LIMITED', retryAfterS };
  };
  service.sendsAt = [];
  service.listen('alice', (message) => said.push(message));
  let thoughts = 0;
  const bot = createBot({
    clock,
    client: new AgentChatClient({
      apiKey: 'ac_test_nobodys_key',
      baseUrl: 'http://127.0.0.1',
      clock,
      fetch: service.fetch,
    }),
    realtime: { openSocket: service.openSocket },
    store: memoryStore({ clock }),
    think: () => {
      thoughts += 1;
      return 'hello';
    },
    ...options,
  });
  bot.on('turn', (event) => turns.push(event));
  bot.on('error', () => {});
  void bot.start();
  await clock.advanceUntil(() => bot.health().ready);
  service.say('alice', 'hi');
  await clock.advanceUntil(() => said.length === 1 && service.undelivered === 0);
  const tries = service.sendsAt;
  const pauses = tries.slice(1).map((at, place) => (at - (tries[place] ?? 0)) / 1_000);
  void bot.stop();
  await clock.advance(60_000);
  return { pauses, thoughts, outcomes: turns.map(({ outcome }) => outcome) };
}

describe('TURN-4: a 429 that asks for more patience than a request has', () => {
  it('TURN-4: is waited for between the runs of a turn, and the answer is the one that was recorded', async () => {
    const { pauses, thoughts, outcomes } = await refusedBot([20, 45]);
    expect(pauses.map(Math.floor)).toEqual([20, 45]);
    expect(thoughts).toBe(1);
    expect(outcomes).toEqual(['failed', 'failed', 'answered']);
  });

  it('TURN-4: for more than a minute puts the turn aside for so long', async () => {
    const { pauses, outcomes } = await refusedBot([300]);
    expect(pauses).toEqual([expect.closeTo(300, -1)]);
    expect(pauses[0]).toBeGreaterThanOrEqual(300);
    expect(outcomes).toEqual(['failed', 'answered']);
  });

  it('TURN-4: for a day is asked again after an hour', async () => {
    const { pauses } = await refusedBot([86_400]);
    expect(pauses).toEqual([expect.closeTo(3_600, -1)]);
  });
});
