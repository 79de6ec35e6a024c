// The limit: `ws` and `JSON.parse`, or `fetch` in a loop, as somebody would write them who needs no guarantee at all.
import { WebSocket } from 'ws';
import { Burst, GO, HANDLERS, HELLO, KEY, memory, memoryOfMany } from './common.mjs';

/** A connection that receives bursts of `count` messages; with `acks`, acknowledges each that its handler has done with. */
export function receiver({ port, count, acks, handler }) {
  return new Promise((resolve) => {
    const socket = open(port);
    const burst = new Burst(count, acks);
    const ack = (id) => socket.send(JSON.stringify({ type: 'ack', message_id: id }));
    const handle = HANDLERS[handler];
    const handleAndAck = async (id) => {
      await handle();
      if (acks) ack(id);
    };
    socket.on('message', (data) => {
      const received = JSON.parse(data.toString());
      switch (received.type) {
        case 'message.new':
          if (handler !== 'sync') void handleAndAck(received.payload.id);
          else if (acks) ack(received.payload.id);
          burst.message();
          break;
        case 'hello.ok':
          resolve({ burst: () => burst.begin(() => socket.send(JSON.stringify(GO))) });
          break;
        case 'all.acked':
          burst.end();
          break;
      }
    });
  });
}

/** Reads the undelivered queue page by page, and acknowledges each page. */
export async function drain({ port, limit }) {
  const base = `http://127.0.0.1:${port}/v1/messages/sync`;
  const headers = { authorization: `Bearer ${KEY}` };
  const startedAt = performance.now();
  let handled = 0;
  let handledMs = 0;
  for (;;) {
    const response = await fetch(`${base}?limit=${limit}`, { headers });
    const rows = await response.json();
    for (const row of rows) if (typeof row.content.text === 'string') handled += 1;
    handledMs = performance.now() - startedAt;
    if (rows.length > 0) {
      const body = JSON.stringify({ last_delivery_id: rows.at(-1).delivery_id });
      const type = { 'content-type': 'application/json' };
      await (await fetch(`${base}/ack`, { method: 'POST', headers: { ...headers, ...type }, body })).json();
    }
    if (rows.length < limit) break;
  }
  return { handled, handledMs, ackedMs: performance.now() - startedAt };
}

/** What it costs to remember nothing but the id of each conversation. */
export function idle({ port, count }) {
  return new Promise((resolve) => {
    const ids = new Array(count).fill('');
    const socket = open(port);
    let before;
    let seen = 0;
    socket.on('message', async (data) => {
      const received = JSON.parse(data.toString());
      if (received.type === 'hello.ok') {
        before = await memory();
        socket.send(JSON.stringify(GO));
      } else if (received.type === 'message.new') {
        ids[seen] = received.payload.conversation_id;
        seen += 1;
        if (seen < count) return;
        const after = await memory();
        socket.terminate();
        resolve({ before, after, kept: ids.length });
      }
    });
  });
}

export function clients({ port, count }) {
  return memoryOfMany(
    count,
    () =>
      new Promise((resolve) => {
        const socket = open(port);
        socket.on('message', (data) => {
          if (JSON.parse(data.toString()).type === 'hello.ok') resolve(socket);
        });
      }),
  );
}

function open(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, { perMessageDeflate: false });
  socket.on('open', () => socket.send(HELLO));
  return socket;
}
