import { loadPeer } from '../peer.js';
import { ENGINE } from './faults.js';

/** As much of a `Pool` of `pg` as is needed. */
export interface PgPool {
  connect(): Promise<PgPoolClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
}

/** As much of a connection that a pool has lent. */
export interface PgPoolClient {
  query(statement: PgStatement): Promise<PgResult>;
  /** Gives it back; with true or an error it is closed instead. */
  release(destroy?: Error | boolean): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  on(event: 'notification', listener: (notice: PgNotice) => void): unknown;
  removeListener(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  removeListener(event: 'notification', listener: (notice: PgNotice) => void): unknown;
}

export interface PgStatement {
  text: string;
  values: unknown[];
  /** After so many milliseconds `pg` waits no longer. */
  query_timeout: number;
}

export interface PgResult {
  rows: unknown[];
}

export interface PgNotice {
  channel: string;
  payload?: string | undefined;
}

/** How long it may take to open a connection, in milliseconds. */
export const CONNECT_MS = 5_000;
/** How long a statement may take. Longer than it may wait for a lock (`schema.ts`). */
export const STATEMENT_MS = 5_000;

/**
 * A pool of our own.
 *
 * @throws StoreError `refused` when `pg` is not installed.
 */
export async function makePool(connectionString: string, max: number): Promise<PgPool> {
  const pg = await loadPeer(ENGINE, 'pg', () => import('pg'));
  // What a CommonJS package gives to `import()` differs from one runtime and bundler to the next.
  const Pool = pg.Pool ?? pg.default.Pool;
  return new Pool({
    connectionString,
    max,
    application_name: 'agentchat-client',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    // A program that forgot to close the store ends all the same.
    allowExitOnIdle: true,
  });
}
