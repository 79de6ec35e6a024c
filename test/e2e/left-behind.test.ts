import { describe, expect, it } from 'vitest';
import { Child } from './child.js';
import type { SlowHandlerSetup, SlowHandlerTold } from './programs/slow-handler.js';
import { World } from './world.js';

const PROGRAM = new URL('./programs/slow-handler.ts', import.meta.url);

describe('STOP-3: a process that stops with a handler at work', () => {
  it.each([
    ['acknowledges what the handler finishes after the deadline, and ends', 1_500, []],
    ['ends at once when only a handler that never ends is left', null, ['hello']],
  ])('%s', { timeout: 30_000 }, async (_, takesMs, undelivered) => {
    const world = await World.open('ack');
    const bot = await world.agent('bot');
    const [sender] = await world.agents('sender', 1);
    const setup: SlowHandlerSetup = { baseUrl: world.server.url, apiKey: bot.apiKey, takesMs };
    const child = await Child.start<SlowHandlerTold>(PROGRAM, setup);
    await sender?.client.sendMessage({ to: 'bot', content: 'hello' });
    await child.when((told) => told === 'at work');
    child.tell('stop');
    await child.when((told) => told === 'stopped');
    expect(child.told).toContainEqual({ code: 'HANDLERS_LEFT' });
    const stoppedAt = performance.now();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    // Not the minute that the socket would stay.
    expect(performance.now() - stoppedAt).toBeLessThan(10_000);
    await expect
      .poll(() => world.server.undelivered('bot').map(({ content }) => content.text))
      .toEqual(undelivered);
    await child.end();
    await world.close();
  });
});
