// A server with a data folder, to be killed in the middle of a burst. Prints its address and keys as JSON.
import { startLocalServer } from '../../../src/local-server/index.js';

const [dataDir] = process.argv.slice(2);
const server = await startLocalServer({ dataDir, agents: ['alice', 'bob', 'carol'] });
console.log(JSON.stringify({ url: server.url, wsUrl: server.wsUrl, seeded: server.seeded }));
