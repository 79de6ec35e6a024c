import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  findBinary,
  freePort,
  makeFolder,
  removeFolder,
  runTool,
  ServerProcess,
  until,
} from './server-process.js';

const USER = 'postgres';

export interface PostgresServerOptions {
  /** More settings, such as `max_connections=5`. */
  settings?: readonly string[];
  /** Asked for on every connection. Default: nobody is asked. */
  password?: string;
}

/** A Postgres of the test's own, on a free port, in a temporary folder; nothing of it is left behind. */
export class PostgresServer {
  private readonly process: ServerProcess;

  private constructor(
    readonly folder: string,
    private readonly port: number,
    private readonly options: PostgresServerOptions,
  ) {
    this.process = new ServerProcess(folder, 'QUIT');
  }

  /** The address of one that somebody runs for us; only where a test can share it. */
  static readonly givenUrl: string | undefined = process.env.AGENTCHAT_TEST_POSTGRES_URL || undefined;

  static get isAvailable(): boolean {
    return findBinary('initdb') !== null && findBinary('postgres') !== null;
  }

  static async start(options: PostgresServerOptions = {}): Promise<PostgresServer> {
    const folder = makeFolder('postgres');
    try {
      const server = new PostgresServer(folder, await freePort(), options);
      await server.init();
      await server.run();
      return server;
    } catch (error) {
      removeFolder(folder);
      throw error;
    }
  }

  /** @param parts What differs from an ordinary way in. */
  url({ user = USER, password = this.options.password, database = 'postgres', query = '' } = {}): string {
    const name = password === undefined ? user : `${user}:${encodeURIComponent(password)}`;
    return `postgres://${name}@127.0.0.1:${this.port}/${database}${query}`;
  }

  /** Runs statements as the owner of the server. */
  async sql(text: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.url() });
    await client.connect();
    try {
      const result = await client.query(text);
      return result.rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  /** What it has said so far. */
  get log(): string {
    return this.process.log;
  }

  /** Starts it, after it was stopped. */
  async run(): Promise<void> {
    await until(async () => {
      if (!this.process.isRunning) await this.process.start(this.command);
      await this.sql('SELECT 1');
    });
  }

  /** Stops it: `SIGINT` cuts the connections in good order, `SIGKILL` in none, and `SIGQUIT` writes nothing down any more. */
  async stop(signal: 'SIGINT' | 'SIGKILL' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    await this.process.end(signal);
  }

  async restart(signal?: 'SIGINT' | 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    await this.stop(signal);
    await this.run();
  }

  /** The number of its process. */
  get pid(): number {
    return this.process.id;
  }

  /** Ends it, and removes all that it has written. */
  async remove(): Promise<void> {
    await this.process.end();
    removeFolder(this.folder);
  }

  private get command(): readonly string[] {
    const settings = [
      `port=${this.port}`,
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'log_checkpoints=off',
      ...(this.options.settings ?? []),
    ];
    const args = settings.flatMap((setting) => ['-c', setting]);
    return [findBinary('postgres') ?? 'postgres', '-D', this.data, ...args];
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private async init(): Promise<void> {
    const { password } = this.options;
    const args = ['-D', this.data, '-U', USER, '-E', 'UTF8', '--locale=C', '--no-sync'];
    if (password === undefined) {
      runTool(findBinary('initdb') ?? 'initdb', [...args, '-A', 'trust'], this.folder);
      return;
    }
    const file = join(this.folder, 'password');
    await writeFile(file, password, { mode: 0o644 });
    runTool(
      findBinary('initdb') ?? 'initdb',
      [...args, '-A', 'scram-sha-256', `--pwfile=${file}`],
      this.folder,
    );
    await rm(file);
  }
}
