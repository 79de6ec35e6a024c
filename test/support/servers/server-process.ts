import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where a server's binary is: in the PATH, or where Linux distributions put it. */
export function findBinary(name: string): string | null {
  const versions = '/usr/lib/postgresql';
  const installed = listed(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(versions, version, 'bin'));
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...installed, '/usr/local/bin', '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Below the ports that systems give to whoever asks for any: nobody gets one of these while its server is being restarted. */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;

/** A port that was free a moment ago, and stays so but for bad luck. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Servers refuse to run as root, or should not: an ordinary user in its place; null where we are one ourselves. */
const ordinaryUser: User | null = (() => {
  if (process.getuid?.() !== 0) return null;
  const idOf = (name: string, option: string) =>
    Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const name of ['postgres', 'nobody']) {
    try {
      return { uid: idOf(name, '-u'), gid: idOf(name, '-g') };
    } catch {
      // The next one.
    }
  }
  return null;
})();

/** A folder that the servers may write to. */
export function makeFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `agentchat-${name}-`));
  if (ordinaryUser !== null) chownSync(folder, ordinaryUser.uid, ordinaryUser.gid);
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Runs a tool of a server to its end. */
export function runTool(binary: string, args: readonly string[], folder: string): void {
  execFileSync(binary, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], ...ordinaryUser });
}

/**
 * Runs the server, tells its number, and ends with it. When its own input ends, which it does when the test process is gone,
 * however it went, it takes the server along, and all that the server has written.
 */
const GUARD = `folder=$1; farewell=$2; shift 2
exec 3<&0
"$@" </dev/null >>"$folder/server.log" 2>&1 3<&- &
server=$!
echo $server
(cat <&3 >/dev/null; touch "$folder/over"; kill -CONT $server; kill -"$farewell" $server) 2>/dev/null &
watch=$!
wait $server
kill $watch 2>/dev/null
if [ -e "$folder/over" ]; then rm -rf "$folder"; fi`;

/** A server of somebody else's, in a process that does not outlive this one. */
export class ServerProcess {
  private guard: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private pid = 0;

  /** @param farewell The signal that ends it at once. */
  constructor(
    private readonly folder: string,
    private readonly farewell: 'QUIT' | 'KILL',
  ) {}

  get isRunning(): boolean {
    return this.guard !== undefined;
  }

  async start(command: readonly string[]): Promise<void> {
    const guard = spawn('sh', ['-c', GUARD, 'guard', this.folder, this.farewell, ...command], {
      cwd: this.folder,
      // A shell has its say about children that were killed.
      stdio: ['pipe', 'pipe', 'ignore'],
      // Ctrl-C is for the program that started it, which ends it then.
      detached: true,
      ...ordinaryUser,
    });
    this.guard = guard;
    this.gone = new Promise<void>((resolve) => {
      guard.once('exit', () => {
        this.guard = undefined;
        resolve();
      });
    });
    this.pid = await new Promise<number>((resolve, reject) => {
      guard.once('error', reject);
      guard.stdout?.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
  }

  /** The number that it has now. */
  get id(): number {
    return this.pid;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.isRunning) throw new Error('The server does not run.');
    process.kill(this.pid, signal);
  }

  /** Ends it with a signal, or else at once, and waits until it is gone. */
  async end(signal?: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    if (signal === undefined) this.guard?.stdin?.end();
    else this.signal(signal);
    await this.gone;
  }

  get log(): string {
    return readFileSync(join(this.folder, 'server.log'), 'utf8');
  }
}

/** Tries until it works. */
export async function until<T>(attempt: () => Promise<T>, mostMs = 15_000): Promise<T> {
  const end = performance.now() + mostMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
