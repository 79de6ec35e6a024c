// The server under measurement, as it is shipped. Tells its port and the keys, then what it uses whenever it is asked.
import { startLocalServer } from 'agentchat-client/local-server';

const { DATA_DIR, AGENTS } = process.env;
const server = await startLocalServer({ dataDir: DATA_DIR || undefined, agents: AGENTS.split(' ') });
process.on('message', () => {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1_000, rssMb: process.memoryUsage.rss() / 2 ** 20 });
});
process.on('disconnect', () => server.close());
process.send({
  port: server.port,
  keys: Object.fromEntries(server.seeded.map(({ handle, apiKey }) => [handle, apiKey])),
});
