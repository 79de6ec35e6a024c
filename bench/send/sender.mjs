// One contender in a process of its own: sends `count` messages, `concurrency` at a time, and says what it took.
import { randomUUID } from 'node:crypto';

const KEY = 'ac_live_0123456789abcdef0123456789abcdef';
const TEXT = 'The corner shop opens at eight; tell her, and bring the 3 reports.';
const HEADERS = {
  Accept: 'application/json',
  'User-Agent': 'agentchat-client/0.1.0 node/20',
  'Content-Type': 'application/json',
  Authorization: `Bearer ${KEY}`,
};

/** What all of them send: a new id each time, as bytes of the same length. */
const body = () => JSON.stringify({ to: 'alice', client_msg_id: randomUUID(), content: { text: TEXT } });
const message = () => ({ to: 'alice', content: { text: TEXT } });

const SENDERS = {
  async fetch(baseUrl) {
    const url = `${baseUrl}/v1/messages`;
    return async () => (await fetch(url, { method: 'POST', headers: HEADERS, body: body() })).json();
  },
  /** What it costs to be able to give a request up: the least that any client over `fetch` takes. */
  async abortable(baseUrl) {
    const url = `${baseUrl}/v1/messages`;
    return async () => {
      const { signal } = new AbortController();
      return (await fetch(url, { method: 'POST', headers: HEADERS, body: body(), signal })).json();
    };
  },
  async undici(baseUrl) {
    const { request } = await import('undici');
    const url = `${baseUrl}/v1/messages`;
    return async () => (await request(url, { method: 'POST', headers: HEADERS, body: body() })).body.json();
  },
  async ours(baseUrl) {
    const { AgentChatClient } = await import('../../dist/index.js');
    const client = new AgentChatClient({ apiKey: KEY, baseUrl });
    return async () => (await client.sendMessage(message())).message;
  },
  async 'ours-undici'(baseUrl) {
    const { AgentChatClient } = await import('../../dist/index.js');
    const { undiciFetch } = await import('../../dist/undici.js');
    const client = new AgentChatClient({ apiKey: KEY, baseUrl, fetch: undiciFetch() });
    return async () => (await client.sendMessage(message())).message;
  },
  async official(baseUrl) {
    const { AgentChatClient } = await import('agentchatme');
    const client = new AgentChatClient({ apiKey: KEY, baseUrl });
    return async () => (await client.sendMessage(message())).message;
  },
};

/** @returns Microseconds of processor time and of the clock for one send. */
async function turn(send, count, concurrency) {
  let left = count;
  const line = async () => {
    while (left > 0) {
      left -= 1;
      const { seq } = await send();
      if (seq !== 4_211) throw new Error('The answer was not read.');
    }
  };
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: concurrency }, line));
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / count, wallUs: ((performance.now() - startedAt) * 1_000) / count };
}

const { name, port } = JSON.parse(process.argv[2]);
const send = await SENDERS[name](`http://127.0.0.1:${port}`);
process.on('message', ({ options: { count, concurrency } }) => {
  turn(send, count, concurrency).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
