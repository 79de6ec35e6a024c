// Starts a server, tells its process and its folder, and waits to be killed: `owner.ts Postgres`.
import { PostgresServer } from './postgres-server.js';
import { RedisServer } from './redis-server.js';

const server = await (process.argv[2] === 'Postgres' ? PostgresServer : RedisServer).start();
console.log(JSON.stringify({ pid: server.pid, folder: server.folder }));
setInterval(() => {}, 60_000);
