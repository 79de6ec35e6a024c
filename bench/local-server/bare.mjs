// The same exchange and nothing besides: a bare node:http and ws server that parses a send, answers it, and pushes it. What no
// server on Node does in less.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const handles = process.env.AGENTS.split(' ');
const sockets = new Map();
let seq = 0;
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { to, client_msg_id, content } = JSON.parse(Buffer.concat(chunks).toString());
    seq += 1;
    const message = { id: randomUUID(), seq, sender: 'somebody', client_msg_id, content };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(message));
    sockets.get(to)?.send(JSON.stringify({ type: 'message.new', payload: message }));
  });
});
const webSockets = new WebSocketServer({ server, perMessageDeflate: false });
webSockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { type, api_key } = JSON.parse(data.toString());
    if (type !== 'hello') return;
    sockets.set(api_key, socket);
    socket.send('{"type":"hello.ok","capabilities":["ack"]}');
  });
});
server.listen(0, '127.0.0.1', () => {
  const keys = Object.fromEntries(handles.map((handle) => [handle, handle]));
  process.send({ port: server.address().port, keys });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 2 ** 20 });
});
process.on('disconnect', () => process.exit());
