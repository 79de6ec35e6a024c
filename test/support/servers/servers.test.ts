import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { describeWithServer, type Engine } from './engines.js';

const program = fileURLToPath(new URL('owner.ts', import.meta.url));

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const engine of ['Postgres', 'Redis'] satisfies Engine[]) {
  describeWithServer(engine, `a ${engine} of a test`, () => {
    it('is gone, with all that it wrote, when the test process was killed', async () => {
      const owner = spawn(process.execPath, ['--import', 'tsx', program, engine], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void owner.kill('SIGKILL'));
      const [told] = await once(owner.stdout, 'data');
      const { pid, folder } = JSON.parse(String(told)) as { pid: number; folder: string };
      expect([isThere(pid), existsSync(folder)]).toEqual([true, true]);
      owner.kill('SIGKILL');
      await vi.waitFor(() => expect([isThere(pid), existsSync(folder)]).toEqual([false, false]), {
        timeout: 10_000,
      });
    });
  });
}
