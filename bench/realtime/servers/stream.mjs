// Says hello, and at each `go` sends the next burst of messages as fast as they are taken: bytes made beforehand, so that
// what limits the stream is the client. Counts what the client acknowledges.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { frame, message } from './message.mjs';

process.on('disconnect', () => process.exit());

const { count, conversations, acks, padding } = JSON.parse(process.argv[2]);
const CHUNK_BYTES = 64 * 1024;

/** The burst that was made last: everybody gets it before the next. */
let made = { number: -1, chunks: [] };

/** A REST client finds nothing that it has missed. */
const server = createServer(({ url }, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(url === '/v1/agents/me' ? '{"handle":"bench-bot"}' : '[]');
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, { socket: raw }) => {
  let burst = -2;
  let acked = 0;
  let rest = [];
  const more = () => {
    while (rest.length > 0 && raw.write(rest.shift()));
  };
  raw.on('drain', more);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    if (burst === -2) {
      burst = -1;
      socket.send(JSON.stringify({ type: 'hello.ok', capabilities: acks ? ['ack'] : [] }));
    } else if (data.toString('latin1', 0, 12) === '{"type":"go"') {
      burst += 1;
      acked = 0;
      rest = [...chunksOf(burst)];
      more();
    } else {
      acked += 1;
      if (acked === count) socket.send('{"type":"all.acked","payload":{}}');
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

function chunksOf(burst) {
  if (made.number !== burst) made = { number: burst, chunks: [...inChunks(texts(burst * count))] };
  return made.chunks;
}

function* texts(first) {
  for (let n = first; n < first + count; n += 1) {
    const sent = message(n, n % conversations, Math.floor(n / conversations) + 1);
    if (padding > 0) sent.content.text = 'x'.repeat(padding);
    yield frame(sent);
  }
}

function* inChunks(all) {
  let frames = [];
  let bytes = 0;
  for (const text of all) {
    const next = webSocketFrame(Buffer.from(text));
    frames.push(next);
    bytes += next.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(frames);
    frames = [];
    bytes = 0;
  }
  yield Buffer.concat(frames);
}

/** One unmasked text frame (RFC 6455, 5.2). */
function webSocketFrame(payload) {
  const TEXT = 0x81;
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([TEXT, length]), payload]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = TEXT;
  header[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}
