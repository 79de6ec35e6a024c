import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { PostgresServer } from './postgres-server.js';
import { findBinary, freePort, makeFolder, removeFolder, ServerProcess, until } from './server-process.js';

/** A PgBouncer in transaction mode before a Postgres of its own: each transaction may run on another connection. */
export class PgBouncer {
  private readonly process: ServerProcess;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly postgres: PostgresServer,
  ) {
    this.process = new ServerProcess(folder, 'KILL');
  }

  static get isAvailable(): boolean {
    return PostgresServer.isAvailable && findBinary('pgbouncer') !== null;
  }

  static async start(): Promise<PgBouncer> {
    const bouncer = new PgBouncer(makeFolder('pgbouncer'), await freePort(), await PostgresServer.start());
    try {
      await bouncer.run();
      return bouncer;
    } catch (error) {
      await bouncer.remove();
      throw error;
    }
  }

  /** The way through it. */
  url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** The way past it. */
  directUrl(): string {
    return this.postgres.url();
  }

  async remove(): Promise<void> {
    await this.process.end();
    removeFolder(this.folder);
    await this.postgres.remove();
  }

  private async run(): Promise<void> {
    const settings = join(this.folder, 'pgbouncer.ini');
    const users = join(this.folder, 'users.txt');
    await writeFile(users, '"postgres" ""\n');
    const { hostname, port } = new URL(this.directUrl());
    await writeFile(
      settings,
      [
        '[databases]',
        `postgres = host=${hostname} port=${port} dbname=postgres user=postgres`,
        '[pgbouncer]',
        'listen_addr = 127.0.0.1',
        `listen_port = ${this.port}`,
        'unix_socket_dir =',
        'auth_type = any',
        `auth_file = ${users}`,
        'pool_mode = transaction',
        // Few, so that the clients really share them.
        'default_pool_size = 4',
        'max_client_conn = 500',
        '',
      ].join('\n'),
    );
    await Promise.all([users, settings].map((file) => chmod(file, 0o644)));
    await this.process.start([findBinary('pgbouncer') ?? 'pgbouncer', settings]);
    await until(async () => {
      const client = new Client({ connectionString: this.url() });
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
    });
  }
}
