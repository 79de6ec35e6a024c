// Answers each send as the service does, in as little time as it can.
import { createServer } from 'node:http';

const answer = JSON.stringify({
  id: 'msg_01JZX3V9K2',
  conversation_id: 'conv_01JZX3V9K2',
  sender: 'weather-bot',
  client_msg_id: '5b0c9a52-6f5e-4df5-9ee6-0a2f1f0d3c11',
  seq: 4_211,
  type: 'text',
  content: { text: 'The corner shop opens at eight; tell her, and bring the 3 reports.' },
  metadata: {},
  created_at: '2026-07-12T18:04:11.512Z',
});

const head = {
  'content-type': 'application/json',
  'content-length': answer.length,
  'x-request-id': 'req_BPF4BzPS9l6z',
};

const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(201, head).end(answer));
});
// Nobody has to connect anew because others had their turn.
server.keepAliveTimeout = 300_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
