// Sends messages at a steady pace in many conversations, loses one frame in a hundred, and has all of them in history.
// The frame behind a lost one says when it was sent.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { wallTime } from '../contenders/common.mjs';
import { conversationId, frame, message } from './message.mjs';

process.on('disconnect', () => process.exit());

const { forMs, perTick, tickMs, conversations, loseOneIn } = JSON.parse(process.argv[2]);
const history = new Map(Array.from({ length: conversations }, (_, n) => [conversationId(n), []]));

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const [, , kind, id] = pathname.split('/');
  const rows = kind === 'messages' ? history.get(id) : undefined;
  const after = Number(searchParams.get('after_seq') ?? 0);
  const limit = Number(searchParams.get('limit') ?? 50);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(rows?.filter(({ seq }) => seq > after).slice(0, limit) ?? []));
});
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.once('message', () => {
    socket.send('{"type":"hello.ok","capabilities":["ack"]}');
    socket.once('message', () => send(socket));
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function send(socket) {
  const startedAt = performance.now();
  /** Conversations whose last frame was lost. */
  const behind = new Set();
  let n = 0;
  let lost = 0;
  const timer = setInterval(() => {
    for (let k = 0; k < perTick; k += 1, n += 1) {
      const rows = history.get(conversationId(n % conversations));
      const isLost = n > conversations && n % loseOneIn === 0;
      const sent = message(n, n % conversations, rows.length + 1, {
        lost: isLost,
        sentBehindLost: behind.delete(n % conversations) ? wallTime() : 0,
      });
      rows.push(sent);
      if (!isLost) socket.send(frame(sent));
      else {
        lost += 1;
        behind.add(n % conversations);
      }
    }
    if (performance.now() - startedAt < forMs) return;
    clearInterval(timer);
    socket.send(JSON.stringify({ type: 'all.sent', payload: { lost: lost - behind.size } }));
  }, tickMs);
}
