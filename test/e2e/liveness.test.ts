import { setTimeout as sleep } from 'node:timers/promises';
import { AgentChatClient, type RealtimeOptions } from 'agentchat-client';
import { describe, it, type TestContext } from 'vitest';
import { Child } from './child.js';
import { type Loss, Pipe } from './pipe.js';
import type { BotTold } from './programs/bot.js';
import { burst, DEFAULTS, type Mode, World } from './world.js';

const BOT = new URL('./programs/bot.ts', import.meta.url);
const FREEZE_MS = 3_000;
const NETWORK_WAKES_MS = 100;

interface LostPath {
  readonly mode: Mode;
  readonly loss: Loss;
  readonly options: RealtimeOptions;
  /** By when the silence must have been noticed. */
  readonly withinMs: number;
}

/**
 * A bot behind a pipe, and people who write to it before the path goes, while it is gone, and when it is back. The bot
 * must notice, connect again, and handle everything once and in order.
 */
async function losesThePath({ expect, onTestFinished }: TestContext, lost: LostPath): Promise<void> {
  const world = await World.open(lost.mode);
  const pipe = await Pipe.to(world.server.port);
  onTestFinished(async () => {
    await world.close();
    await pipe.close();
  });
  const bot = await world.agent('bot');
  const senders = await world.agents('sender', 2);
  const client = new AgentChatClient({ apiKey: bot.apiKey, baseUrl: pipe.url });
  const listener = await world.listen(bot, { ...lost.options, baseUrl: pipe.url, client });
  const { realtime } = listener;
  const states: { state: string; at: number }[] = [];
  realtime.onStateChange((state) => states.push({ state, at: performance.now() }));
  await burst(senders, 'bot', 10);
  await listener.untilAllHandled(20);

  expect(pipe.lose(lost.loss)).toBeGreaterThan(0);
  const lostAt = performance.now();
  await burst(senders, 'bot', 20, 'meanwhile');
  await listener.until(() => states.length >= 3);
  expect((states[0]?.at ?? Number.NaN) - lostAt).toBeLessThan(lost.withinMs);
  await burst(senders, 'bot', 10, 'afterwards');
  await listener.untilAllHandled(80);

  // With short options a busy machine may look dead as well: what counts is that nothing is lost by it.
  const seen = lost.options === DEFAULTS ? states : states.slice(0, 3);
  expect(seen.map(({ state }) => state)).toEqual(['waiting', 'connecting', 'connected']);
  expect(listener.faultsFound()).toEqual([]);
  expect(realtime.counters.missing).toBe(0);
  // Acknowledgements that went nowhere are given again.
  await expect.poll(() => world.server.undelivered('bot').length, { timeout: 15_000 }).toBe(0);
  expect(listener.faultsFound()).toEqual([]);
}

type FrozenAt = 'any moment' | 'the moment of a ping';

/**
 * The bot's process is stopped for 3 s while people write to it: at any moment, or with a ping out whose answer, as
 * after the sleep of a whole machine, arrives a little later than the process goes on.
 */
async function isFrozen({ expect, onTestFinished }: TestContext, mode: Mode, at: FrozenAt): Promise<void> {
  // The server asks as well, and is more patient than a stopped process.
  const asks = { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 10_000 };
  const world = await World.open(mode, 1, at === 'any moment' ? asks : {});
  const pipe = await Pipe.to(world.server.port);
  onTestFinished(async () => {
    await world.close();
    await pipe.close();
  });
  const bot = await world.agent('bot');
  const senders = await world.agents('sender', 2);
  // 2 s of silence, and two thirds of that for the answer: less than the process is stopped.
  const options = at === 'any moment' ? {} : { pingAfterMs: 2_000 };
  const child = await Child.start<BotTold>(BOT, { baseUrl: pipe.url, apiKey: bot.apiKey, options });
  onTestFinished(() => child.end());
  const handled = () => child.told.filter((told) => told.kind === 'handled');
  await child.when((told) => told.kind === 'state' && told.state === 'connected');
  await burst(senders, 'bot', 10);
  await child.until(() => handled().length >= 20);

  for (const [round, afterMs] of [0, 400, 900].entries()) {
    if (at === 'any moment') await sleep(afterMs);
    else await pipe.pinged();
    pipe.hold();
    child.signal('SIGSTOP');
    const thawed = sleep(FREEZE_MS);
    await burst(senders, 'bot', 10, `frozen-${round}`);
    await thawed;
    child.signal('SIGCONT');
    await sleep(NETWORK_WAKES_MS);
    pipe.letGo();
    await child.until(() => handled().length >= 40 + 20 * round);
  }
  await burst(senders, 'bot', 10, 'afterwards');
  await child.until(() => handled().length >= 100);
  child.tell('counters');
  const { counters } = await child.when((told) => told.kind === 'counters');

  expect(child.told.filter(({ kind }) => kind === 'state' || kind === 'error')).toEqual([
    { kind: 'state', state: 'connecting' },
    { kind: 'state', state: 'connected' },
  ]);
  expect(world.server.connections('bot')).toBe(1);
  expect(counters).toMatchObject({ reconnects: 0, missing: 0, handled: 100 });
  const seqs = new Map<string, number[]>();
  for (const { conversation, seq } of handled()) {
    seqs.set(conversation, [...(seqs.get(conversation) ?? []), seq]);
  }
  const inOrder = Array.from({ length: 50 }, (_, index) => index + 1);
  expect([...seqs.values()]).toEqual([inOrder, inOrder]);
  await expect.poll(() => world.server.undelivered('bot')).toEqual([]);
}

const MODES: Mode[] = ['ack', 'legacy'];
const SHORT = { pingAfterMs: 1_500 };

// Nearly all of their time these tests wait: side by side, the longest first, they take as long as the longest.
describe.concurrent('LIVE-1 on real sockets', { timeout: 120_000 }, () => {
  it.for(MODES)('%s mode, notices a path that loses everything within 30 s, and heals it', (mode, context) =>
    losesThePath(context, { mode, loss: 'both ways', options: DEFAULTS, withinMs: 30_000 }),
  );

  describe.skipIf(process.platform === 'win32').for(MODES)('%s mode, stopped for 3 s', (mode) => {
    it('loses neither its connection nor a message', (context) => isFrozen(context, mode, 'any moment'));

    it('loses neither when it had pinged and the time for the answer has passed', (context) =>
      isFrozen(context, mode, 'the moment of a ping'));
  });

  describe.for(MODES)('%s mode, with a shorter option', (mode) => {
    it.for<Loss>(['both ways', 'to the client', 'to the server'])(
      'notices sooner that a path loses everything %s, and heals it',
      (loss, context) => losesThePath(context, { mode, loss, options: SHORT, withinMs: 15_000 }),
    );
  });
});
