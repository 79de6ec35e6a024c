import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from './child.js';
import { FloodServer } from './flood-server.js';
import type { Look, SlowConsumerTold } from './programs/slow-consumer.js';
import type { Mode } from './world.js';

const SLOW_CONSUMER = new URL('./programs/slow-consumer.ts', import.meta.url);
const SENDERS = 5;
/** Five handlers at a time: 10 messages a second. */
const HANDLER_MS = 500;
const PUSHED_PER_SECOND = 5_000;
const SECONDS = 6;
/** Pings every 2 s, and closes who does not answer. */
// Pings come every two seconds. A machine that others starve may answer late, which is not what is proven here.
const HEARTBEAT = { intervalMs: 2_000, timeoutMs: 30_000 };
/**
 * What five conversations may hold by default: 256 messages in the lane and 500 on hold each, of 1,000 characters and
 * about as many bytes of fields, and a page or two of REST rows. The whole flood would be 60 MB.
 */
const MOST_GROWTH_BYTES = 16 * 1024 * 1024;

describe.each<Mode>(['ack', 'legacy'])('BP-1 a handler of 10 messages a second, %s mode', (mode) => {
  it('among 5,000 a second keeps its memory, its connection, its order and every message', async () => {
    const server = await FloodServer.open({ mode, senders: SENDERS, heartbeat: HEARTBEAT });
    onTestFinished(() => server.close());
    const setup = {
      baseUrl: server.url,
      apiKey: server.apiKey,
      handlerMs: HANDLER_MS,
      reconcileIntervalMs: 1_000,
    };
    const child = await Child.start<SlowConsumerTold>(SLOW_CONSUMER, setup, ['--expose-gc']);
    onTestFinished(() => child.end());
    const looks = () => child.told.filter((told): told is Look => told.kind === 'look');
    const nextLook = async (): Promise<Look> => {
      const before = looks().length;
      await child.until(() => looks().length > before);
      return looks().at(-1) as Look;
    };
    await child.when((told) => told.kind === 'state' && told.state === 'connected');
    const idle = await nextLook();

    const startedAt = performance.now();
    await server.flood(PUSHED_PER_SECOND, SECONDS);
    expect(performance.now() - startedAt).toBeLessThan(SECONDS * 2_000);
    expect(server.pushed).toBe(PUSHED_PER_SECOND * SECONDS);
    const each = server.pushed / SENDERS;
    await child.until(() => (looks().at(-1)?.counters.received ?? 0) >= server.pushed);
    const slow = await nextLook();
    // The handlers were the bottleneck, and nothing else.
    expect(slow.handled).toBeGreaterThan(SENDERS);
    expect(slow.handled).toBeLessThan(server.pushed / 100);
    expect(slow.counters.shed).toBeGreaterThan(0);
    const undelivered = server.undelivered();
    const after = await nextLook();
    if (mode === 'legacy') {
      expect(undelivered.size).toBe(0);
    } else {
      // Whatever was not handled is still the server's to give: nothing is acknowledged before.
      expect(undelivered.size).toBe(SENDERS);
      for (const [conversation, seqs] of undelivered) {
        const [first = 0] = seqs;
        expect(seqs).toEqual(Array.from({ length: each - first + 1 }, (_, at) => first + at));
        expect(first).toBeLessThanOrEqual((after.through[conversation] ?? 0) + 1);
      }
    }
    const most = Math.max(...looks().map(({ heapBytes }) => heapBytes));
    expect(most - idle.heapBytes).toBeLessThan(MOST_GROWTH_BYTES);

    child.tell('fast');
    await child.until(() => looks().at(-1)?.handled === server.pushed);
    const last = await nextLook();
    expect(last.handled).toBe(server.pushed);
    expect(last.outOfOrder).toBe(0);
    expect(Object.values(last.through)).toEqual(Array.from({ length: SENDERS }, () => each));
    expect(last.counters).toMatchObject({ gapsUnfilled: 0, missing: 0, reconnects: 0 });
    await expect.poll(() => server.undelivered().size, { timeout: 10_000 }).toBe(0);
    const mostAtAll = Math.max(...looks().map(({ heapBytes }) => heapBytes));
    expect(mostAtAll - idle.heapBytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect(child.told.filter(({ kind }) => kind !== 'look')).toEqual([
      { kind: 'state', state: 'connecting' },
      { kind: 'state', state: 'connected' },
    ]);
    expect(server).toMatchObject({ sessions: 1, connections: 1 });
  }, 120_000);
});
