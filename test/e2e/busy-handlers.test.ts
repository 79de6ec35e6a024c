import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from './child.js';
import { FloodServer } from './flood-server.js';
import type { BusyBotSetup, BusyBotTold } from './programs/busy-bot.js';

const BUSY_BOT = new URL('./programs/busy-bot.ts', import.meta.url);
const HEARTBEAT = { intervalMs: 45_000, timeoutMs: 30_000 };
/** What the loop may be kept for beyond the work of one handler, in processor time. */
const MOST_STALL_MS = 250;
/**
 * From the signal to the beginning of the stop: a handler, a slice, and what the system takes, on a busy machine too. Without
 * BP-2 it is 4.8 s at least.
 */
const MOST_DEAF_MS = 2_000;
/** So many must be acknowledged while the bot works. */
const ACKED = 20;

interface Case extends Pick<BusyBotSetup, 'way' | 'workMs'> {
  readonly name: string;
  readonly conversations: number;
  /** Messages that wait when the bot comes, and those that are stored at once when it is there. */
  readonly waiting: number;
  readonly live: number;
}

const CASES: readonly Case[] = [
  {
    name: '500 wait in one conversation',
    way: 'sync handler',
    workMs: 60,
    conversations: 1,
    waiting: 500,
    live: 0,
  },
  {
    name: '500 wait, and the handler is async and waits for nothing',
    way: 'async handler that never waits',
    workMs: 60,
    conversations: 1,
    waiting: 500,
    live: 0,
  },
  {
    name: '500 wait, and a loop takes them',
    way: 'loop over messages()',
    workMs: 60,
    conversations: 1,
    waiting: 500,
    live: 0,
  },
  {
    name: '1,000 wait in 20 conversations',
    way: 'sync handler',
    workMs: 20,
    conversations: 20,
    waiting: 1_000,
    live: 0,
  },
  {
    name: '300 come at once',
    way: 'sync handler',
    workMs: 60,
    conversations: 1,
    waiting: 0,
    live: 300,
  },
];

async function serverWith(conversations: number, messages: number): Promise<FloodServer> {
  const server = await FloodServer.open({ mode: 'ack', senders: conversations, heartbeat: HEARTBEAT });
  onTestFinished(() => server.close());
  store(server, conversations, messages);
  return server;
}

function store(server: FloodServer, conversations: number, messages: number): void {
  for (let number = 0; number < messages; number += 1) server.store(number % conversations);
}

async function busyBot(server: FloodServer, how: Pick<BusyBotSetup, 'way' | 'workMs'>) {
  const setup: BusyBotSetup = { baseUrl: server.url, apiKey: server.apiKey, ...how };
  const child = await Child.start<BusyBotTold>(BUSY_BOT, setup);
  onTestFinished(() => child.end());
  return child;
}

describe('BP-2 handlers that work without waiting', () => {
  it.each(CASES)(
    'leave the loop its turns when $name',
    async ({ way, workMs, conversations, waiting, live }) => {
      const server = await serverWith(conversations, waiting);
      const total = waiting + live;
      const child = await busyBot(server, { way, workMs });
      await child.when((told) => told.kind === 'connected');
      store(server, conversations, live);
      // Not all of them, to be quick: what is asked is whether anything leaves while the bot works.
      await expect
        .poll(() => server.undeliveredCount, { timeout: 20_000 })
        .toBeLessThanOrEqual(total - ACKED);
      const handledMeanwhile = child.told.filter(({ kind }) => kind === 'handled').length;
      expect(handledMeanwhile).toBeLessThan(total / 2);

      const signalledAt = Date.now();
      child.signal('SIGTERM');
      const { at } = await child.when((told) => told.kind === 'stopping');
      expect(at - signalledAt).toBeLessThan(MOST_DEAF_MS);
      const { handled, longestStallMs } = await child.when((told) => told.kind === 'stopped');
      expect(longestStallMs).toBeLessThan(workMs + MOST_STALL_MS);
      expect(await child.exit).toEqual({ code: 0, signal: null });
      // STOP-1: and what it owed has arrived.
      await expect.poll(() => server.undeliveredCount).toBe(total - handled);
    },
    60_000,
  );

  it('get on from life to life, and repeat nothing that was acknowledged, when each is killed', async () => {
    const waiting = 200;
    const server = await serverWith(1, waiting);
    let acked = 0;
    for (let life = 1; life <= 3; life += 1) {
      const child = await busyBot(server, { way: 'sync handler', workMs: 60 });
      // A supervisor that sees no end to it.
      await child.until(() => child.told.filter(({ kind }) => kind === 'handled').length >= ACKED);
      child.signal('SIGKILL');
      await child.exit;
      await expect.poll(() => server.connections).toBe(0);
      const seqs = child.told.flatMap((told) => (told.kind === 'handled' ? [told.seq] : []));
      expect(seqs).toEqual(Array.from(seqs, (_, at) => acked + 1 + at));
      const undelivered = [...server.undelivered().values()].flat();
      const ackedNow = waiting - undelivered.length;
      expect(undelivered[0]).toBe(ackedNow + 1);
      expect(ackedNow).toBeGreaterThan(acked);
      acked = ackedNow;
    }
  }, 60_000);
});
