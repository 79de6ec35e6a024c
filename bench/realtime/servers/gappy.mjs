// Sends a crowd of conversations as fast as the client takes them, without some of the messages. Those are where the
// service would have them: in the undelivered queue until they are acknowledged, and in history.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { conversationId, frame, message } from './message.mjs';

process.on('disconnect', () => process.exit());

const { conversations, each, loses } = JSON.parse(process.argv[2]);
const AT_ONCE_BYTES = 256 * 1024;

/** Neither the first message of a conversation nor the last is lost: what is measured is gaps. */
const LOST = {
  'one in a hundred': (conversation, seq) =>
    seq > 1 && seq < each && (conversation * (each - 2) + seq) % 80 === 0,
  none: () => false,
  'runs of one to three': (conversation, seq) => seq > 1 && seq < 3 + (conversation % 3),
};
const isLost = LOST[loses];

/** In the order in which they were written: one of each conversation after the other. */
const all = [];
const history = new Map(Array.from({ length: conversations }, (_, n) => [conversationId(n), []]));
for (let seq = 1; seq <= each; seq += 1) {
  for (let n = 0; n < conversations; n += 1) {
    const sent = message(all.length, n, seq);
    history.get(sent.conversation_id).push(sent);
    all.push({ sent, lost: isLost(n, seq), text: frame(sent) });
  }
}
const byId = new Map(all.map(({ sent }, at) => [sent.id, at]));
/** Places of what is pushed, lost or not, and not acknowledged. */
let undelivered = new Set();
let pushedTo = null;
const asked = { sync: 0, history: 0, acks: 0 };

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const [, , kind, id] = pathname.split('/');
  const limit = Number(searchParams.get('limit') ?? 200);
  if (pathname === '/v1/messages/sync') {
    asked.sync += 1;
    answer(response, rowsAfter(searchParams.get('after'), limit));
  } else if (pathname === '/v1/messages/sync/ack') {
    acknowledge(request, response);
  } else if (kind === 'messages') {
    asked.history += 1;
    const after = Number(searchParams.get('after_seq') ?? 0);
    answer(
      response,
      history
        .get(id)
        .filter(({ seq }) => seq > after)
        .slice(0, limit),
    );
  } else if (pathname === '/v1/agents/me') {
    answer(response, { handle: 'bench-bot' });
  } else {
    answer(response, []);
  }
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, { socket: raw }) => {
  socket.on('error', () => {});
  socket.on('message', (data) => {
    const received = JSON.parse(data.toString());
    if (received.type === 'hello') socket.send('{"type":"hello.ok","capabilities":["ack"]}');
    else if (received.type === 'ack') settle(byId.get(received.message_id));
    else if (received.type === 'go') push(socket, raw);
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', () => process.send({ result: asked }));

function settle(at) {
  if (undelivered.delete(at) && undelivered.size === 0) pushedTo.send('{"type":"all.acked","payload":{}}');
}

function push(socket, raw) {
  undelivered = new Set(all.keys());
  pushedTo = socket;
  let at = 0;
  const more = () => {
    while (at < all.length && raw.writableLength < AT_ONCE_BYTES) {
      const { text, lost } = all[at];
      at += 1;
      if (!lost) socket.send(text);
    }
    if (at < all.length) setImmediate(more);
  };
  more();
}

function rowsAfter(cursor, limit) {
  const after = cursor === null ? -1 : Number(cursor.slice(4));
  const rows = [];
  for (const at of undelivered) {
    if (at <= after) continue;
    if (rows.length === limit) break;
    rows.push({
      ...all[at].sent,
      delivery_id: `del_${String(at).padStart(32, '0')}`,
      status: 'stored',
      delivered_at: null,
      read_at: null,
    });
  }
  return rows;
}

function acknowledge(request, response) {
  asked.acks += 1;
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    const upTo = Number(JSON.parse(body).last_delivery_id.slice(4));
    let acked = 0;
    for (const at of undelivered) {
      if (at > upTo) break;
      settle(at);
      acked += 1;
    }
    answer(response, { acked });
  });
}

function answer(response, body) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
