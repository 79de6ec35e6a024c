import type { Clock } from '../../clock/index.js';
import { within } from '../within.js';
import { faultOf, leavesConnection, poolExhausted } from './faults.js';
import { CONNECT_MS, type PgPool, type PgPoolClient, STATEMENT_MS } from './pg.js';

/** A pool of our own says more precisely what was slow, so it goes first. */
const LEND_MS = CONNECT_MS + 500;

const ignore = () => {};

/** Runs statements on whatever connection is free, each within its time, and gives errors that say what to do. */
export class Connections {
  readonly #pool: PgPool;
  readonly #isOurs: boolean;
  readonly #secrets: readonly string[];
  readonly #clock: Clock;
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(pool: PgPool, isOurs: boolean, secrets: readonly string[], clock: Clock) {
    this.#pool = pool;
    this.#isOurs = isOurs;
    this.#secrets = secrets;
    this.#clock = clock;
    // A pool tells that an idle connection was cut. Nothing is lost by that, and nobody listening would end the process.
    pool.on('error', ignore);
  }

  /**
   * Gives the rows, which are as the statement says.
   *
   * @throws StoreError
   */
  run<Row>(text: string, values: unknown[] = []): Promise<readonly Row[]> {
    const running = this.runOn<Row>(text, values);
    this.#running.add(running);
    const over = () => this.#running.delete(running);
    running.then(over, over);
    return running;
  }

  /**
   * A connection to keep for longer.
   *
   * @throws StoreError
   */
  async borrow(): Promise<PgPoolClient> {
    try {
      return await within(this.#clock, LEND_MS, this.#pool.connect(), poolExhausted, (late) =>
        late.release(),
      );
    } catch (error) {
      throw faultOf(error, this.#secrets, 'not_sent');
    }
  }

  faultOf(error: unknown): Error {
    return faultOf(error, this.#secrets);
  }

  /** Waits for what runs; ends the pool if it is ours. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.end();
    return this.#closing;
  }

  private async end(): Promise<void> {
    await Promise.allSettled(this.#running);
    if (this.#isOurs) {
      // A server that is stuck does not say goodbye.
      const late = () => new Error('late');
      await within(this.#clock, CONNECT_MS, this.#pool.end(), late).catch(ignore);
    } else {
      this.#pool.removeListener('error', ignore);
    }
  }

  private async runOn<Row>(text: string, values: unknown[]): Promise<readonly Row[]> {
    const client = await this.borrow();
    client.on('error', ignore);
    let broken = true;
    try {
      const { rows } = await client.query({ text, values, query_timeout: STATEMENT_MS });
      broken = false;
      return rows as readonly Row[];
    } catch (error) {
      broken = !leavesConnection(error);
      throw this.faultOf(error);
    } finally {
      client.removeListener('error', ignore);
      client.release(broken);
    }
  }
}
