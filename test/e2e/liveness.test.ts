import { setTimeout as sleep } from 'node:timers/promises';
import { AgentChatClient, type RealtimeOptions } from 'agentchat-client';
import { describe, it, type TestContext } from 'vitest';
import { Child } from './child.js';
import { type Loss, Pipe } from './pipe.js';
import type { BotTold } from './programs/bot.js';
import { burst, DEFAULTS, type Mode, World } from './world.js';

const BOT = new URL('./programs/bot.ts', import.meta.url);
const FREEZE_MS = 3_000;

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
  const states: string[] = [];
  realtime.onStateChange((state) => states.push(state));
  await burst(senders, 'bot', 10);
  await listener.untilAllHandled(20);

  expect(pipe.lose(lost.loss)).toBeGreaterThan(0);
  const lostAt = performance.now();
  await burst(senders, 'bot', 20, 'meanwhile');
  expect(states).toEqual([]);
  await listener.until(() => !realtime.isConnected);
  expect(performance.now() - lostAt).toBeLessThan(lost.withinMs);
  await listener.until(() => realtime.isConnected);
  await burst(senders, 'bot', 10, 'afterwards');
  await listener.untilAllHandled(80);

  expect(states).toEqual(['waiting', 'connecting', 'connected']);
  expect(listener.faultsFound()).toEqual([]);
  expect(realtime.counters).toMatchObject({ reconnects: 1, missing: 0 });
  // Acknowledgements that went nowhere are given again.
  await expect.poll(() => world.server.undelivered('bot').length, { timeout: 15_000 }).toBe(0);
  expect(listener.faultsFound()).toEqual([]);
}

interface Frozen {
  readonly mode: Mode;
  readonly options: RealtimeOptions;
  /** How often the server pings, and how long it waits for the answer. */
  readonly heartbeat?: { readonly heartbeatIntervalMs: number; readonly heartbeatTimeoutMs: number };
}

/** The bot's process is stopped for 3 s, at different moments between two pings, while people write to it. */
async function isFrozen({ expect, onTestFinished }: TestContext, frozen: Frozen): Promise<void> {
  const world = await World.open(frozen.mode, 1, frozen.heartbeat);
  onTestFinished(() => world.close());
  const bot = await world.agent('bot');
  const senders = await world.agents('sender', 2);
  const setup = { baseUrl: world.server.url, apiKey: bot.apiKey, options: frozen.options };
  const child = await Child.start<BotTold>(BOT, setup);
  onTestFinished(() => child.end());
  const handled = () => child.told.filter((told) => told.kind === 'handled');
  await child.when((told) => told.kind === 'state' && told.state === 'connected');
  await burst(senders, 'bot', 10);
  await child.until(() => handled().length >= 20);

  for (const [round, afterMs] of [0, 400, 900].entries()) {
    await sleep(afterMs);
    child.signal('SIGSTOP');
    const thawed = sleep(FREEZE_MS);
    await burst(senders, 'bot', 10, `frozen-${round}`);
    await thawed;
    child.signal('SIGCONT');
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
  const inOrder = Array.from({ length: 50 }, (_, at) => at + 1);
  expect([...seqs.values()]).toEqual([inOrder, inOrder]);
  await expect.poll(() => world.server.undelivered('bot')).toEqual([]);
}

// Nearly all of their time these tests wait: side by side they take as long as the longest.
describe.concurrent('LIVE-1 on real sockets', { timeout: 90_000 }, () => {
  describe.each<Mode>(['ack', 'legacy'])('%s mode, a path that loses everything without a word', (mode) => {
    it('is noticed within 30 s and healed with the default options', (context) =>
      losesThePath(context, { mode, loss: 'both ways', options: DEFAULTS, withinMs: 30_000 }));

    it.for<Loss>(['both ways', 'to the client', 'to the server'])(
      'is noticed and healed sooner with a shorter option, %s',
      // 1.5 s of silence, noticed within a fifth of that, and 1 s for the answer.
      (loss, context) =>
        losesThePath(context, { mode, loss, options: { pingAfterMs: 1_500 }, withinMs: 5_000 }),
    );
  });

  describe.skipIf(process.platform === 'win32').for<Mode>(['ack', 'legacy'])(
    '%s mode, a process that is stopped for 3 s',
    (mode) => {
      it('loses neither its connection nor a message with the default options', (context) =>
        isFrozen(context, { mode, options: {} }));

      it('loses neither though both sides had pinged and waited longer than they are prepared to', (context) =>
        isFrozen(context, {
          mode,
          // 1 s of silence and two thirds of it for the answer pass while the process sleeps.
          options: { pingAfterMs: 1_000 },
          heartbeat: { heartbeatIntervalMs: 1_000, heartbeatTimeoutMs: 10_000 },
        }));
    },
  );
});
