import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { RealtimeClient } from '../../../src/realtime/index.js';

const COUNT = 4_000;
/** 64 kB, what a socket hands over at a time, hold 180 of them. */
const frame = (seq: number) =>
  JSON.stringify({
    type: 'message.new',
    payload: {
      id: `msg_${seq}`,
      conversation_id: 'conv_1',
      sender: 'alice',
      client_msg_id: `c-${seq}`,
      seq,
      type: 'text',
      content: { text: 'x'.repeat(120) },
      metadata: {},
      created_at: '2026-01-01T00:00:01.000Z',
    },
  });

function work(forMs: number): void {
  const until = performance.now() + forMs;
  while (performance.now() < until);
}

it.each([0.2, 0.5])(
  'BP-2: a burst for a handler of %d ms of work waits in the socket, not beyond the bounds',
  async (workMs) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => void server.close());
    server.on('connection', (socket) => {
      socket.once('message', () => {
        socket.send('{"type":"hello.ok"}');
        for (let seq = 1; seq <= COUNT; seq += 1) socket.send(frame(seq));
      });
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    // There is no REST that could bring again what was shed.
    const realtime = new RealtimeClient({
      apiKey: 'ac_live_bursts_test_0',
      baseUrl: `ws://127.0.0.1:${port}`,
      handle: 'bot',
    });
    onTestFinished(() => realtime.disconnect());
    const seqs: number[] = [];
    const all = new Promise<void>((resolve) => {
      realtime.on('message.new', ({ payload }) => {
        work(workMs);
        seqs.push(payload.seq);
        if (payload.seq === COUNT) resolve();
      });
    });
    await realtime.connect();
    await all;
    expect(seqs).toEqual(Array.from({ length: COUNT }, (_, n) => n + 1));
    expect(realtime.counters).toMatchObject({ handled: COUNT, shed: 0 });
  },
);
