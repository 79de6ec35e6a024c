import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

// The built package, as users get it.
const built = new URL('../../dist/index.js', import.meta.url).href;
const { RealtimeClient } = (await import(built)) as typeof import('../../src/index.js');

/**
 * `npm run bench:realtime`: messages per second of CPU-bound reception, ours against the limit (`ws` + `JSON.parse`) and
 * against the official client, in alternating rounds. Only the ratios mean anything.
 */
const ROUNDS = 5;
const COUNT = 60_000;

interface Contender {
  readonly name: string;
  run(port: number, count: number, ackMode: boolean): Promise<number>;
}

const raw: Contender = {
  name: 'ws + JSON.parse',
  run: (port, count, ackMode) =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`, { perMessageDeflate: false });
      let seen = 0;
      let startedAt = 0;
      socket.on('open', () => socket.send('{"type":"hello","api_key":"ac_live_bench_key_00000"}'));
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as { type: string; payload: { id: string } };
        if (frame.type === 'all.acked') finish();
        if (frame.type !== 'message.new') return;
        if (seen === 0) startedAt = performance.now();
        seen += 1;
        if (ackMode) socket.send(JSON.stringify({ type: 'ack', message_id: frame.payload.id }));
        else if (seen === count) finish();
      });
      function finish() {
        const ms = performance.now() - startedAt;
        socket.terminate();
        resolve(ms);
      }
    }),
};

const ours: Contender = {
  name: 'agentchat-client',
  run: (port, count, ackMode) =>
    new Promise((resolve) => {
      const client = new RealtimeClient({
        apiKey: 'ac_live_bench_key_00000',
        baseUrl: `ws://127.0.0.1:${port}`,
        handle: 'bench-bot',
      });
      let seen = 0;
      let startedAt = 0;
      client.on('message.new', () => {
        if (seen === 0) startedAt = performance.now();
        seen += 1;
        if (seen === count && !ackMode) finish();
      });
      client.on('all.acked', () => finish());
      function finish() {
        const ms = performance.now() - startedAt;
        void client.disconnect().then(() => resolve(ms));
      }
      void client.connect();
    }),
};

function official(): Contender | null {
  const require = createRequire(import.meta.url);
  for (const path of [
    'agentchatme',
    ...(process.env.AGENTCHATME_PATH ? [process.env.AGENTCHATME_PATH] : []),
  ]) {
    try {
      const { RealtimeClient: Official } = require(path);
      return {
        name: 'agentchatme',
        run: (port, count, ackMode) =>
          new Promise((resolve) => {
            const client = new Official({
              apiKey: 'ac_live_bench_key_00000',
              baseUrl: `ws://127.0.0.1:${port}`,
              autoDrainOnConnect: false,
            });
            let seen = 0;
            let startedAt = 0;
            client.on('message.new', () => {
              if (seen === 0) startedAt = performance.now();
              seen += 1;
              if (seen === count && !ackMode) finish();
            });
            client.on('all.acked', () => finish());
            function finish() {
              const ms = performance.now() - startedAt;
              client.disconnect();
              resolve(ms);
            }
            client.connect();
          }),
      };
    } catch {
      // Not installed here.
    }
  }
  return null;
}

async function blaster(count: number, conversations: number, ackMode: boolean) {
  const script = fileURLToPath(new URL('./blaster.mjs', import.meta.url));
  const child: ChildProcess = spawn(
    process.execPath,
    [script, `${count}`, `${conversations}`, ackMode ? '1' : '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { port: Number(line.toString()), stop: () => child.kill() };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

const contenders = [raw, ours, official()].filter((contender) => contender !== null);
for (const { conversations, ackMode } of [
  { conversations: 1, ackMode: false },
  { conversations: 10_000, ackMode: false },
  { conversations: 20, ackMode: true },
]) {
  const count = ackMode ? COUNT / 4 : COUNT;
  const server = await blaster(count, conversations, ackMode);
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const contender of contenders) {
      const ms = await contender.run(server.port, count, ackMode);
      if (round > 0) times.get(contender.name)?.push(ms);
    }
  }
  server.stop();
  const base = median(times.get(raw.name) ?? []);
  process.stdout.write(
    `\n${count} messages, ${conversations} conversations, acks ${ackMode ? 'on' : 'off'}\n`,
  );
  for (const [name, ms] of times) {
    const middle = median(ms);
    process.stdout.write(
      `  ${name.padEnd(18)} ${Math.round((count / middle) * 1000)
        .toString()
        .padStart(8)} a second   ${(base / middle).toFixed(2)} of the raw loop\n`,
    );
  }
}
process.exit(0);
