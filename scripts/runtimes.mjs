// `npm run runtimes`: the built package on Bun and Deno, next to Node. Installs both from npm in a folder of their own (0.6 GB;
// the first argument, else one in the temporary folder, which is kept) and has each of them connect, receive, notice a
// half-open socket and end by itself. Needs `npm run build` first.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './install.mjs';

const RUNTIMES = ['bun@1.4.5', 'deno@2.9.6'];
/** A socket is given up 5 s after it fell silent; a process that hangs afterwards hangs for minutes. */
const LONGEST_MS = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(tmpdir(), 'agentchat-runtimes'));

const CHECK = `import { AgentChatClient, RealtimeClient } from 'agentchat-client';
import { startLocalServer } from 'agentchat-client/local-server';

const server = await startLocalServer();
const accountOf = (handle) => ({ apiKey: server.createAgent(handle).apiKey, baseUrl: server.url });
const alice = new AgentChatClient(accountOf('alice'));
const account = accountOf('bot');
const realtime = new RealtimeClient({ ...account, client: new AgentChatClient(account), pingAfterMs: 3_000 });
const lost = new Promise((resolve) => realtime.onDisconnect(({ reason }) => resolve(reason)));
const heard = new Promise((resolve) => realtime.on('message.new', ({ payload }) => resolve(payload.content.text)));
await realtime.connect();
await alice.sendMessage({ to: 'bot', content: 'hi' });
if ((await heard) !== 'hi') throw new Error('not received');
const since = performance.now();
server.faults.halfOpen('bot');
const why = await lost;
const ms = Math.round(performance.now() - since);
if (why !== 'a ping was not answered') throw new Error('lost for another reason: ' + why);
await realtime.disconnect();
await server.close();
console.log('received; half-open noticed after ' + ms + ' ms');
`;

if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('not built: run npm run build first');
mkdirSync(folder, { recursive: true });
if (!existsSync(join(folder, 'package.json')))
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
if (runNpm(['pack', '--ignore-scripts', '--pack-destination', folder], root) !== 0) process.exit(1);
const { name, version } = JSON.parse(
  execFileSync(process.execPath, ['-p', "JSON.stringify(require('./package.json'))"], {
    cwd: root,
    encoding: 'utf8',
  }),
);
if (runNpm(['install', ...RUNTIMES, `./${name}-${version}.tgz`], folder) !== 0) process.exit(1);
// npm may be set to leave out what packages do after their installation: fetching the binary, for these two.
writeFileSync(join(folder, 'check.mjs'), CHECK);

const bin = (runtime) => join(folder, 'node_modules', '.bin', runtime);
for (const [runtime, command, args] of [
  ['node', process.execPath, ['check.mjs']],
  ['bun', bin('bun'), ['check.mjs']],
  ['deno', bin('deno'), ['run', '--allow-all', 'check.mjs']],
]) {
  const since = performance.now();
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: LONGEST_MS,
  });
  const took = `${Math.round(performance.now() - since)} ms`;
  if (status === 0) console.log(`ok      ${runtime}: ${stdout.trim()}; ended after ${took}`);
  else {
    console.error(
      `FAILED  ${runtime}: ${error?.message ?? signal ?? `exit ${status}`} after ${took}\n${stdout}${stderr}`,
    );
    process.exitCode = 1;
  }
}
