import { chmodSync } from 'node:fs';
import { Redis } from 'ioredis';
import { findBinary, freePort, makeFolder, removeFolder, ServerProcess, until } from './server-process.js';

export interface RedisServerOptions {
  /** Whether it writes down what it holds: each write before it is answered, or nothing at all. Default: nothing. */
  persistence?: 'always' | 'none';
  password?: string;
  /** More settings, such as `['--maxmemory', '2mb']`. */
  settings?: readonly string[];
}

/** A Redis of the test's own, on a free port, in a temporary folder; nothing of it is left behind. */
export class RedisServer {
  private readonly process: ServerProcess;

  private constructor(
    readonly folder: string,
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {
    this.process = new ServerProcess(folder, 'KILL');
  }

  /** The address of one that somebody runs for us; only where a test can share it. */
  static readonly givenUrl: string | undefined = process.env.AGENTCHAT_TEST_REDIS_URL || undefined;

  static get isAvailable(): boolean {
    return findBinary('redis-server') !== null;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const folder = makeFolder('redis');
    const server = new RedisServer(folder, await freePort(), options);
    try {
      await server.run();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  url({ password = this.options.password } = {}): string {
    return `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${this.port}`;
  }

  /** Runs one command, on a connection of its own. */
  async command(name: string, ...args: readonly (string | number)[]): Promise<unknown> {
    const client = new Redis(this.url(), { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Starts it, after it was stopped. */
  async run(): Promise<void> {
    await until(async () => {
      if (!this.process.isRunning) await this.process.start(this.arguments);
      await this.command('PING');
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.process.end(signal);
  }

  async restart(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.stop(signal);
    await this.run();
  }

  /** `SIGSTOP` and `SIGCONT`, for one. */
  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** Takes from it the right to write to its folder. */
  denyWriting(): void {
    chmodSync(this.folder, 0o500);
  }

  /** The number of its process. */
  get pid(): number {
    return this.process.id;
  }

  /** Ends it, and removes all that it has written. */
  async remove(): Promise<void> {
    chmodSync(this.folder, 0o700);
    await this.process.end();
    removeFolder(this.folder);
  }

  private get arguments(): readonly string[] {
    const { persistence = 'none', password, settings = [] } = this.options;
    return [
      findBinary('redis-server') ?? 'redis-server',
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''],
      ...(persistence === 'always'
        ? ['--appendonly', 'yes', '--appendfsync', 'always']
        : ['--appendonly', 'no']),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...settings,
    ];
  }
}
