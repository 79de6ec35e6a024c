// `npm run runtimes`: the built package on later Nodes, Bun and Deno, next to the Node that runs this. Installs them from npm in
// a folder of their own (0.8 GB; the first argument, else one in the temporary folder, which is kept) and has each of them connect,
// receive, notice a half-open socket and end by itself. Needs `npm run build` first.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runNpm } from './install.mjs';

/** The packages on npm that hold nothing but the program `node`, for this machine. */
const NODE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const NODES = [22, 24, 26];
const RUNTIMES = ['bun@1.4.5', 'deno@2.9.6', ...NODES.map((major) => `node${major}@npm:${NODE}@${major}`)];
/** A socket is given up 5 s after it fell silent; a process that hangs afterwards hangs for minutes. */
const LONGEST_MS = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(tmpdir(), 'agentchat-runtimes'));

const CHECK = `import { AgentChatClient, RealtimeClient } from 'agentchat-client';

const account = { baseUrl: process.argv[2], apiKey: process.argv[3] };
const realtime = new RealtimeClient({ ...account, client: new AgentChatClient(account), pingAfterMs: 3_000 });
let since = 0;
realtime.on('message.new', () => {
  since = performance.now();
  console.log('received');
});
realtime.onDisconnect(({ reason }) => {
  console.log('lost after ' + Math.round(performance.now() - since) + ' ms: ' + reason);
  void realtime.disconnect();
});
realtime.onError(() => {});
await realtime.connect();
console.log('connected');
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
writeFileSync(join(folder, 'check.mjs'), CHECK);

// The server runs here, on Node: what is tried is the client.
const { AgentChatClient } = await import(pathToFileURL(join(root, 'dist', 'index.js')).href);
const { startLocalServer } = await import(pathToFileURL(join(root, 'dist', 'local-server.js')).href);
const server = await startLocalServer();
const alice = new AgentChatClient({ apiKey: server.createAgent('alice').apiKey, baseUrl: server.url });

const bin = (runtime) => join(folder, 'node_modules', '.bin', runtime);
for (const [handle, command, args] of [
  [`node-${process.versions.node.split('.')[0]}`, process.execPath, []],
  ...NODES.map((major) => [`node-${major}`, join(folder, 'node_modules', `node${major}`, 'bin', 'node'), []]),
  ['bun', bin('bun'), []],
  ['deno', bin('deno'), ['run', '--allow-all']],
]) {
  const { apiKey } = server.createAgent(`bot-${handle}`);
  const child = spawn(command, [...args, 'check.mjs', server.url, apiKey], {
    cwd: folder,
    timeout: LONGEST_MS,
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (String(chunk).includes('connected')) void alice.sendMessage({ to: `bot-${handle}`, content: 'hi' });
    if (String(chunk).includes('received')) server.faults.halfOpen(`bot-${handle}`);
  });
  const code = await new Promise((done) => child.on('close', (status, signal) => done(signal ?? status)));
  const fine = code === 0 && /received[\s\S]*lost after \d+ ms: a ping was not answered/.test(output);
  console.log(
    `${fine ? 'ok     ' : 'FAILED '} ${handle}: ${output.trim().replaceAll('\n', '; ')}; exit ${code}`,
  );
  if (!fine) process.exitCode = 1;
}
await server.close();
