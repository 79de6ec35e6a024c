// An undelivered queue over plain HTTP, and a socket that says hello and nothing else until everything is acknowledged.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { message } from './message.mjs';

process.on('disconnect', () => process.exit());

const { rows: count, conversations } = JSON.parse(process.argv[2]);
const rows = Array.from({ length: count }, (_, n) =>
  JSON.stringify({
    ...message(n, n % conversations, Math.floor(n / conversations) + 1),
    delivery_id: deliveryId(n),
    status: 'stored',
    delivered_at: null,
    read_at: null,
  }),
);
const pages = new Map();
const sockets = new Set();
/** Rows before this one are delivered. */
let undelivered = 0;

process.on('message', () => {
  undelivered = 0;
  process.send({ result: null });
});

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (pathname === '/v1/messages/sync') answer(response, page(searchParams));
  else if (pathname === '/v1/messages/sync/ack') acknowledge(request, response);
  else if (pathname === '/v1/agents/me') answer(response, '{"handle":"bench-bot"}');
  else answer(response, '[]');
});
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.once('message', () => socket.send('{"type":"hello.ok","capabilities":["ack"]}'));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function deliveryId(n) {
  return `del_${String(n).padStart(32, '0')}`;
}

function page(query) {
  const after = query.get('after');
  const from = Math.max(undelivered, after === null ? 0 : Number(after.slice(4)) + 1);
  const limit = Number(query.get('limit') ?? 200);
  const key = `${from}:${limit}`;
  if (!pages.has(key)) pages.set(key, `[${rows.slice(from, from + limit).join(',')}]`);
  return pages.get(key);
}

function acknowledge(request, response) {
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    const upTo = Number(JSON.parse(body).last_delivery_id.slice(4)) + 1;
    const acked = Math.max(0, upTo - undelivered);
    undelivered += acked;
    answer(response, JSON.stringify({ acked }));
    if (acked === 0 || undelivered < count) return;
    for (const socket of sockets) socket.send('{"type":"all.acked","payload":{}}');
  });
}

function answer(response, text) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(text);
}
