// Bare sockets that acknowledge what they get. Tells when they are open, and when the expected number has come.
import { WebSocket } from 'ws';

const { PORT, KEYS, EXPECTED } = process.env;
const expected = Number(EXPECTED);
let received = 0;
const before = { cpu: undefined };

const sockets = await Promise.all(
  KEYS.split(' ').map(
    (api_key) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${PORT}/v1/ws`, { perMessageDeflate: false });
        socket.on('open', () =>
          socket.send(JSON.stringify({ type: 'hello', api_key, capabilities: ['ack'] })),
        );
        socket.on('error', reject);
        socket.on('message', (data) => {
          const { type, payload } = JSON.parse(data.toString());
          if (type === 'hello.ok') resolve(socket);
          if (type !== 'message.new') return;
          socket.send(JSON.stringify({ type: 'ack', message_id: payload.id }));
          received += 1;
          if (received !== expected) return;
          const { user, system } = process.cpuUsage(before.cpu);
          process.send({ cpuMs: (user + system) / 1_000 });
        });
      }),
  ),
);
before.cpu = process.cpuUsage();
process.send({ open: sockets.length });
process.on('disconnect', () => process.exit());
