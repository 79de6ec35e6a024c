import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { WsService } from './ws-service.js';

const CLIENT = fileURLToPath(new URL('./freeze-client.ts', import.meta.url));
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The lines that a client process has printed so far. */
function client(baseUrl: string, pingAfterMs: number): { child: ChildProcess; lines: () => string[] } {
  const child = spawn(process.execPath, ['--import', 'tsx', CLIENT, baseUrl, String(pingAfterMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += String(chunk);
  });
  return { child, lines: () => text.split('\n').filter((line) => line !== '') };
}

describe.skipIf(process.platform === 'win32')('LIVE-1: our process is stopped for 3 s', () => {
  it('and nothing is disconnected, though a ping was due or out', async () => {
    const service = await WsService.start();
    cleanups.push(() => service.stop());
    const { child, lines } = client(service.baseUrl, 300);
    cleanups.push(() => child.kill('SIGKILL'));
    await service.until(() => service.hellos.length === 1);
    const [socket] = service.clients;
    const pings = async (count: number) => {
      for (let n = 0; n < count; n++)
        await new Promise<void>((resolve) => socket?.once('ping', () => resolve()));
    };
    await pings(1);
    // Once right after a ping left, once somewhere in between.
    for (const pause of [0, 150]) {
      await sleep(pause);
      child.kill('SIGSTOP');
      await sleep(3_000);
      child.kill('SIGCONT');
      await pings(3);
    }
    expect(lines()).toEqual(['session 1']);
    expect(service.closes).toEqual([]);
  }, 60_000);
});
