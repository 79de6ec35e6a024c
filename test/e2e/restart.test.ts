import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, burst, World } from './world.js';

const SENDERS = 4;
/** No more than a lane takes, so that all of them are in flight at once. */
const EACH = 250;
const MESSAGES = SENDERS * EACH;
/** What has to be found after a restart is found by the drain, and by no later look. */
const UNHURRIED = { reconcileIntervalMs: undefined };

describe('ACK-1 the server restarts on its port with 1,000 messages in flight', { timeout: 60_000 }, () => {
  let world: World;
  let bot: Agent;
  let senders: Agent[];
  beforeEach(async () => {
    world = await World.open('ack');
    bot = await world.agent('bot');
    senders = await world.agents('sender', SENDERS);
  });
  afterEach(() => world.close());

  const ways = [
    { how: 'properly', abrupt: false, when: 'while it is down' },
    { how: 'properly', abrupt: false, when: 'when it is back' },
    { how: 'as in a crash', abrupt: true, when: 'while it is down' },
    { how: 'as in a crash', abrupt: true, when: 'when it is back' },
  ];
  it.each(ways)('ORD-1 $how, and its handlers go on $when', async ({ abrupt, when }) => {
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const listener = await world.listen(bot, UNHURRIED, () => gate);
    const { realtime } = listener;
    const { port } = world.server;
    await burst(senders, 'bot', EACH);
    // Nothing is handled meanwhile, so nothing tells when the last has come.
    await expect.poll(() => realtime.counters.received, { timeout: 30_000 }).toBeGreaterThanOrEqual(MESSAGES);
    expect(listener.begun).toHaveLength(SENDERS);
    expect(world.server.undelivered('bot')).toHaveLength(MESSAGES);

    const down = listener.until(() => !realtime.isConnected);
    const restarted = world.server.restart({ abrupt, downMs: 200 });
    if (when === 'while it is down') void down.then(goOn);
    await restarted;
    await listener.until(() => realtime.isConnected);
    goOn();
    await listener.untilAllHandled(MESSAGES);

    expect(listener.faultsFound()).toEqual([]);
    expect(world.server.port).toBe(port);
    await expect.poll(() => world.server.undelivered('bot').length, { timeout: 10_000 }).toBe(0);
    expect(realtime.counters).toMatchObject({
      handled: MESSAGES,
      reconnects: 1,
      gapsUnfilled: 0,
      missing: 0,
    });
    expect(listener.faultsFound()).toEqual([]);
  });

  it('ORD-1 again and again while they are being sent', async () => {
    const listener = await world.listen(bot, UNHURRIED, ({ seq }) =>
      seq % 3 === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined,
    );
    const sending = burst(senders, 'bot', EACH);
    for (const [abrupt, reached] of [
      [true, 200],
      [false, 500],
      [true, 800],
    ] as const) {
      await listener.untilAllHandled(reached);
      await world.server.restart({ abrupt, downMs: 100 });
    }
    await sending;
    await listener.untilAllHandled(MESSAGES);
    expect(listener.faultsFound()).toEqual([]);
    expect(listener.realtime.counters).toMatchObject({ gapsUnfilled: 0, missing: 0 });
    expect(listener.realtime.counters.reconnects).toBeGreaterThanOrEqual(3);
    await expect.poll(() => world.server.undelivered('bot').length, { timeout: 10_000 }).toBe(0);
  });
});
