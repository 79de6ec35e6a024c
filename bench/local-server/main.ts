// `npm run bench:local-server`: 20 agents send over HTTP from this process, 200 sockets receive in another, and the server
// runs in a third, which says what processor time and memory it takes. In memory, and with a data folder.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SENDERS = 20;
const RECEIVERS = 200;
/** Requests of one sender that are under way together. */
const AT_A_TIME = 10;
const MESSAGES = Number(process.env.MESSAGES ?? 20_000);
const IDLE_AGENTS = 1_000;

interface Ready {
  readonly port: number;
  readonly keys: Readonly<Record<string, string>>;
}
interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** A process of ours that answers questions. */
class Child {
  readonly #process: ChildProcess;

  constructor(program: string, env: Record<string, string>) {
    const path = fileURLToPath(new URL(program, import.meta.url));
    this.#process = fork(path, { env: { ...process.env, ...env }, execArgv: [] });
  }

  async next<Answer>(): Promise<Answer> {
    const [answer] = (await once(this.#process, 'message')) as [Answer];
    return answer;
  }

  ask<Answer>(question: unknown): Promise<Answer> {
    const answer = this.next<Answer>();
    this.#process.send(question as object);
    return answer;
  }

  async end(): Promise<void> {
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }
}

async function throughput(
  program: './server.mjs' | './bare.mjs',
  dataDir?: string,
): Promise<{ perSecond: number; serverUs: number }> {
  const server = new Child(program, {
    DATA_DIR: dataDir ?? '',
    AGENTS: [...names('sender', SENDERS), ...names('receiver', RECEIVERS)].join(' '),
  });
  const { port, keys } = await server.next<Ready>();
  const receivers = new Child('./receivers.mjs', {
    PORT: String(port),
    KEYS: names('receiver', RECEIVERS)
      .map((handle) => keys[handle])
      .join(' '),
    EXPECTED: String(MESSAGES),
  });
  await receivers.next();
  const before = await server.ask<Usage>('usage');
  const allReceived = receivers.next<{ cpuMs: number }>();
  const startedAt = performance.now();
  const ownBefore = process.cpuUsage();
  await Promise.all(names('sender', SENDERS).map((handle, at) => send(port, keys[handle] ?? '', at)));
  const { cpuMs: receiverCpuMs } = await allReceived;
  const ms = performance.now() - startedAt;
  const own = process.cpuUsage(ownBefore);
  const after = await server.ask<Usage>('usage');
  await receivers.end();
  await server.end();
  const perSecond = (MESSAGES / ms) * 1_000;
  const serverUs = ((after.cpuMs - before.cpuMs) * 1_000) / MESSAGES;
  console.log(
    `  ${perSecond.toFixed(0)} messages a second end to end. Processor time per message: server ${serverUs.toFixed(0)} us, ` +
      `senders ${((own.user + own.system) / MESSAGES).toFixed(0)} us, receivers ${((receiverCpuMs * 1_000) / MESSAGES).toFixed(0)} us; ` +
      `the server alone could do ${(1e6 / serverUs).toFixed(0)} on a core. ${after.rssMb.toFixed(0)} MB`,
  );
  return { perSecond, serverUs };
}

/** Sends a share of the messages, each receiver in turn. */
async function send(port: number, key: string, sender: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });
  let next = 0;
  const share = MESSAGES / SENDERS;
  const line = async () => {
    while (next < share) {
      const number = next;
      next += 1;
      const to = `receiver-${(sender + number) % RECEIVERS}`;
      const body = JSON.stringify({
        to,
        client_msg_id: `${sender}-${number}`,
        content: { text: 'hello there' },
      });
      const status = await post(agent, port, key, body);
      if (status !== 201) throw new Error(`a send answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, line));
  agent.destroy();
}

function post(agent: Agent, port: number, key: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(
      { agent, host: '127.0.0.1', port, path: '/v1/messages', method: 'POST', headers },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function idle(): Promise<number> {
  const server = new Child('./server.mjs', { DATA_DIR: '', AGENTS: names('idle', IDLE_AGENTS).join(' ') });
  const { port, keys } = await server.next<Ready>();
  const receivers = new Child('./receivers.mjs', {
    PORT: String(port),
    KEYS: Object.values(keys).join(' '),
    EXPECTED: '0',
  });
  await receivers.next();
  const { rssMb } = await server.ask<Usage>('usage');
  console.log(`  ${rssMb.toFixed(0)} MB with ${IDLE_AGENTS} agents whose sockets are open`);
  await receivers.end();
  await server.end();
  return rssMb;
}

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${kind}-${number}`);
}

const load = loadavg()[0] ?? 0;
console.log(`${cpus().length} cores, ${load.toFixed(1)} processes wanting one: ${MESSAGES} messages\n`);
const folder = await mkdtemp(join(tmpdir(), 'agentchat-bench-'));
try {
  console.log('A bare server, for comparison:');
  const bare = await throughput('./bare.mjs');
  console.log('In memory:');
  const memory = await throughput('./server.mjs');
  console.log('With a data folder:');
  const disk = await throughput('./server.mjs', join(folder, 'data'));
  console.log('Idle:');
  const idleMb = await idle();
  console.log();
  const verdicts: [boolean, string][] = [
    [memory.perSecond >= 5_000, `${memory.perSecond.toFixed(0)} messages a second in memory (at least 5000)`],
    [
      disk.perSecond >= 2_500,
      `${disk.perSecond.toFixed(0)} messages a second with a data folder (at least 2500)`,
    ],
    [idleMb <= 150, `${idleMb.toFixed(0)} MB with 1000 idle agents (at most 150)`],
  ];
  for (const [passed, what] of verdicts) console.log(`${passed ? 'PASS' : 'FAIL'}  ${what}`);
  const times = (one: { serverUs: number }) => (one.serverUs / bare.serverUs).toFixed(1);
  console.log(
    `Processor time of a bare server: ${times(memory)} times in memory, ${times(disk)} times with a folder.`,
  );
  if (load > cpus().length) {
    console.log('Others want the processors too: compare processor time per message, not messages a second.');
  }
  process.exitCode = verdicts.every(([passed]) => passed) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
