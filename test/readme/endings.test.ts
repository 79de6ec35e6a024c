import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalServer } from 'agentchat-client/local-server';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { endPrograms, runProgram } from './program.js';

const BOTS = [
  'echo-bot',
  'tools-bot',
  'health-bot',
  'bot',
  'always-on-bot',
  'receive',
  'iterator',
  'webhook-and-socket',
  'production-bot',
  'lmdb-bot',
  'own-store',
  'service-claims',
];

function programOf(name: string, apiKey: string, url: string) {
  const folder = mkdtempSync(join(tmpdir(), 'agentchat-example-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return runProgram(`examples/${name}.ts`, [], {
    STORE_PATH: join(folder, 'store'),
    AGENTCHAT_API_KEY: apiKey,
    AGENTCHAT_BASE_URL: url,
    AGENTCHAT_WEBHOOK_SECRET: 'whsec_of_the_example',
    PORT: '0',
  });
}

/** Takes connections, and never says a word. `asked` resolves when somebody has asked for a WebSocket. */
async function silence() {
  const sockets = new Set<Socket>();
  let heard = () => {};
  const asked = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      if (/^upgrade:/im.test(data.toString('latin1'))) heard();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

/** A supervisor sees by the exit code whether a bot was stopped or has ended for good. */
describe('STOP-2: of the bots among the examples', () => {
  afterEach(endPrograms);

  it.each(BOTS)('%s ends with 1 when its key is refused', { timeout: 30_000 }, async (name) => {
    const server = await startLocalServer();
    const program = programOf(name, 'ac_live_a_key_that_nobody_has', server.url);
    expect(await program.exit).toBe(1);
    expect(program.output()).toMatch(/UnauthorizedError/);
    expect(program.output()).not.toContain('a_key_that_nobody_has');
    await server.close();
  });

  it.each([...BOTS.map((name) => [name, 'SIGINT'] as const), ['bot', 'SIGTERM'] as const])(
    '%s ends with 0 at %s while it is still connecting',
    { timeout: 30_000 },
    async (name, signal) => {
      const { url, asked, close } = await silence();
      const program = programOf(name, 'ac_live_0123456789', url);
      await asked;
      expect(await program.stop(signal)).toBe(0);
      expect(program.output()).not.toMatch(/error/i);
      await close();
    },
  );

  it('local-server ends with 0 at Ctrl-C', { timeout: 30_000 }, async () => {
    const program = runProgram('examples/local-server.ts');
    await program.says(/4 four\n/);
    expect(await program.stop('SIGINT')).toBe(0);
  });
});
