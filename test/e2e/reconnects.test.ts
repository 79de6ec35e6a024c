import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WsService } from '../realtime/connection/ws-service.js';
import { Child, type Exit } from './child.js';
import type { ReconnectorTold, Sample } from './programs/reconnector.js';
import { World } from './world.js';

const RECONNECTOR = new URL('./programs/reconnector.ts', import.meta.url);
/**
 * What is compiled goes on growing for the first ten thousand: measured over 40,000, a reconnect adds 13 to 15 bytes from
 * there on, and up to 75 before.
 */
const SESSIONS = 20_000;
/** Nineteen samples, the first when most is compiled and every cache is filled. */
const SAMPLE_AT = Array.from({ length: 19 }, (_, at) => 2_000 + at * 1_000);
/** Between the first samples and the last: what is still compiled and cached meanwhile, and nothing that adds up. */
const MOST_GROWTH_BYTES = 1024 * 1024;
/** In the second half, for each reconnect. The smallest thing that could leak, a closure in a list, takes 100. */
const MOST_GROWTH_PER_RECONNECT_BYTES = 64;

/**
 * A service that ends each session right after its `hello.ok`: properly, with a message before it, or without a word.
 * The client drains, keeps its cursors in a store, acknowledges, and is told to connect again by an eager listener.
 */
describe('RCN-1 20,000 reconnects', () => {
  let world: World;
  let service: WsService;
  let child: Child<ReconnectorTold> | undefined;
  let samples: Sample[];
  let stopped: ReconnectorTold & { kind: 'stopped' };
  let exit: Exit;
  let messages = 0;
  /** Open sockets of the client, at each hello. */
  let mostOpen = 0;

  beforeAll(async () => {
    world = await World.open();
    service = await WsService.start({
      onHello: (socket, count) => {
        const open = service.clients.filter(({ readyState }) => readyState === socket.OPEN);
        mostOpen = Math.max(mostOpen, open.length);
        socket.send('{"type":"hello.ok","capabilities":["ack"]}');
        // In the last session the bot says goodbye: what was still written to it would be none of its business.
        if (count % 3 === 0 || count === SESSIONS) {
          socket.terminate();
        } else {
          messages += 1;
          socket.send(JSON.stringify({ type: 'message.new', payload: message(messages) }));
          socket.close(count % 3 === 1 ? 1012 : 1001);
        }
      },
    });
    const { apiKey } = await world.agent('bot');
    const setup = { apiKey, socketUrl: service.baseUrl, restUrl: world.server.url, sampleAt: SAMPLE_AT };
    child = await Child.start<ReconnectorTold>(RECONNECTOR, setup, ['--expose-gc']);
    stopped = await child.when((told) => told.kind === 'stopped');
    samples = child.told.flatMap((told) => (told.kind === 'sample' ? [told.sample] : []));
    exit = await child.exit;
  }, 900_000);

  afterAll(async () => {
    await child?.end();
    await service?.stop();
    await world?.close();
  });

  it('leave the heap flat', () => {
    expect(samples.map(({ session }) => session)).toEqual(SAMPLE_AT);
    const heap = (from: number, to: number) =>
      median(samples.slice(from, to).map(({ heapBytes }) => heapBytes));
    expect(heap(-5, samples.length) - heap(0, 5)).toBeLessThan(MOST_GROWTH_BYTES);
    const middle = samples.slice(7, 12);
    const between = SESSIONS - 2_000 - median(middle.map(({ session }) => session));
    const perReconnect = (heap(-5, samples.length) - heap(7, 12)) / between;
    expect(perReconnect).toBeLessThan(MOST_GROWTH_PER_RECONNECT_BYTES);
  });

  it('leave no listener behind, and no warning of too many', () => {
    const [first] = samples;
    for (const { listeners } of samples) {
      expect(listeners).toEqual({ signal: 0, process: first?.listeners.process, network: 2 });
    }
    expect(stopped.left.listeners).toEqual({ signal: 0, process: first?.listeners.process, network: 0 });
    expect(stopped.warnings).toEqual([]);
  });

  it('leave no socket and no timer behind, at either end', async () => {
    for (const { resources } of samples) {
      // Its own socket, one to REST, and one that says goodbye.
      expect(resources.TCPSocketWrap).toBeLessThanOrEqual(3);
      expect(resources.Timeout ?? 0).toBeLessThanOrEqual(5);
    }
    expect(mostOpen).toBe(1);
    expect(service.hellos).toHaveLength(SESSIONS);
    await expect.poll(() => service.clients.length).toBe(0);
    await expect.poll(() => service.raw.filter(({ destroyed }) => !destroyed).length).toBe(0);
  });

  it('ORD-1 cost no message and no order', () => {
    expect(stopped).toMatchObject({ handled: messages, outOfOrder: 0, errors: [] });
    expect(messages).toBeGreaterThan((SESSIONS * 2) / 3 - 1);
  });

  it('STOP-1 let the process end by itself after disconnect()', () => {
    // The channel to this test is all that is left.
    expect(stopped.left.resources).toEqual({ PipeWrap: 1 });
    expect(exit).toEqual({ code: 0, signal: null });
  });
});

function message(seq: number) {
  return {
    id: `msg_${seq}`,
    conversation_id: 'conv_1',
    sender: 'alice',
    client_msg_id: `${seq}`,
    seq,
    type: 'text',
    content: { text: 'hi' },
    metadata: {},
    created_at: new Date().toISOString(),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
