// A server that says hello and then sends frames as fast as they are taken. Runs in a process of its own, so that what
// is measured is the client.
import { WebSocketServer } from 'ws';

const [count, conversations, ackMode] = process.argv.slice(2).map(Number);
const frames = [];
const seqs = new Map();
for (let n = 0; n < count; n += 1) {
  const conversation = `conv_${String(n % conversations).padStart(16, '0')}`;
  const seq = (seqs.get(conversation) ?? 0) + 1;
  seqs.set(conversation, seq);
  frames.push(
    JSON.stringify({
      type: 'message.new',
      payload: {
        id: `msg_${String(n).padStart(16, '0')}`,
        conversation_id: conversation,
        sender: 'alice',
        client_msg_id: `client-${n}`,
        seq,
        type: 'text',
        content: { text: `message number ${n}, about as long as people write` },
        metadata: {},
        created_at: '2026-11-21T12:00:00.000Z',
      },
    }),
  );
}
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  let acks = 0;
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"hello"')) {
      socket.send(JSON.stringify({ type: 'hello.ok', ...(ackMode === 1 ? { capabilities: ['ack'] } : {}) }));
      setTimeout(() => blast(socket), 50);
    } else {
      acks += 1;
      if (acks === count) socket.send('{"type":"all.acked","payload":{}}');
    }
  });
});
server.on('listening', () => process.stdout.write(`${server.address().port}\n`));

function blast(socket) {
  let next = 0;
  const more = () => {
    socket._socket.cork();
    for (let n = 0; n < 500 && next < frames.length; n += 1) socket.send(frames[next++]);
    socket._socket.uncork();
    if (next >= frames.length) return;
    if (socket.readyState !== 1) return;
    setTimeout(more, socket.bufferedAmount > 4_000_000 ? 2 : 0);
  };
  more();
}
