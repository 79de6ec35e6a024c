import { describe, expect, it } from 'vitest';
import { Typing } from '../../src/bot/turns/typing.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { BotWorld, until } from './bot-world.js';

class Socket {
  readonly shown: string[] = [];
  constructor(readonly clock: VirtualClock) {}
  sendTypingStart(): void {
    this.shown.push(`start ${this.clock.now()}`);
  }
  sendTypingStop(): void {
    this.shown.push(`stop ${this.clock.now()}`);
  }
}

describe('typing', () => {
  it('TURN-3: is shown after 200 ms, again every four seconds, and ends with the turn', async () => {
    const clock = new VirtualClock();
    const socket = new Socket(clock);
    const typing = new Typing(clock, socket, 'dir_1');
    typing.begin();
    await clock.advance(9_000);
    typing.end();
    await clock.advance(60_000);
    expect(socket.shown).toEqual(['start 200', 'start 4200', 'start 8200', 'stop 9000']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('TURN-3: is not shown for what comes sooner', async () => {
    const clock = new VirtualClock();
    const socket = new Socket(clock);
    const typing = new Typing(clock, socket, 'dir_1');
    typing.begin();
    await clock.advance(199);
    typing.end();
    await clock.advance(60_000);
    expect(socket.shown).toEqual([]);
  });

  it.each<[string, (signal: AbortSignal) => Promise<string>, string]>([
    ['succeeds', () => new Promise((resolve) => setTimeout(() => resolve('done'), 400)), 'answered'],
    [
      'fails',
      () => new Promise((_, reject) => setTimeout(() => reject(new Error('on purpose')), 400)),
      'failed',
    ],
    ['takes too long', () => new Promise(() => {}), 'failed'],
  ])('TURN-3: ends when the turn %s', async (_what, think, outcome) => {
    const world = await BotWorld.open();
    const alice = world.peer('alice');
    const { bot, turns } = world.idle('bot', {
      turns: { timeoutMs: 600, retries: 0 },
      think: ({ signal }) => think(signal),
    });
    const shown: string[] = [];
    const { realtime } = bot;
    realtime.sendTypingStart = () => void shown.push('start');
    realtime.sendTypingStop = () => void shown.push('stop');
    await bot.start();
    await alice.say('bot', 'hello');
    await until('an end', () => turns.length === 1);
    await until('no typing', () => shown.at(-1) === 'stop');
    await world.close();
    expect(turns[0]?.outcome).toBe(outcome);
    expect(shown).toEqual(['start', 'stop']);
  });
});
