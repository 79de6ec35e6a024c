import type { Clock } from '../../clock/index.js';
import { StoreError } from '../../errors/index.js';
import type { Change, ListedEntry, StoreDriver, StoredEntry, Version } from '../driver.js';
import { DriverLife } from '../driver-life.js';
import { ServerClock } from '../server-clock.js';
import { changesByKey } from './changes-by-key.js';
import type { Connections } from './connections.js';
import { ENGINE, isCollision } from './faults.js';
import { boundedNotice, channelOf, type Listener } from './listener.js';
import { STATEMENT_MS } from './pg.js';
import type { Schema } from './schema.js';

/** `FOR UPDATE SKIP LOCKED`, `cardinality` and a plan for each function. Older ones get no fixes any more. */
const OLDEST_VERSION = 120_000;
const ENCODINGS = ['UTF8', 'SQL_ASCII'];
/** How often a write is made that Postgres undoes because of another one, and the longest pause between. */
const MOST_TRIES = 8;
const COLLISION_PAUSE_MS = 30;
/** Behind every key that begins with a prefix: keys are printable ASCII. */
const BEHIND_PRINTABLE = '\u007f';

interface Found {
  readonly version: number;
  readonly encoding: string;
  readonly told: string;
  readonly is_there: boolean;
}

interface Written {
  /** A number that JavaScript would not trust itself with comes as a text. */
  readonly written: string | null;
  readonly is_late: boolean;
  readonly told: number;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly version: string;
}

/** Entries of one agent in a table of Postgres. Each call is one statement on any connection, so that a pooler may stand between. */
export class PostgresDriver implements StoreDriver {
  readonly engine = ENGINE;
  readonly isShared = true;
  readonly #connections: Connections;
  readonly #listener: Listener;
  readonly #schema: Schema;
  readonly #agent: string;
  readonly #clock: Clock;
  readonly #serverClock: ServerClock;
  readonly #life: DriverLife;

  constructor(connections: Connections, listener: Listener, schema: Schema, agent: string, clock: Clock) {
    this.#connections = connections;
    this.#life = new DriverLife(ENGINE, () => listener.close().then(() => connections.close()));
    this.#listener = listener;
    this.#schema = schema;
    this.#agent = agent;
    this.#clock = clock;
    this.#serverClock = new ServerClock(clock);
  }

  /**
   * Makes what is missing in the database.
   *
   * @throws StoreError
   */
  async open(): Promise<void> {
    const [found] = await this.run<Found>(this.#schema.look);
    if (found === undefined) throw new StoreError({ engine: ENGINE, fault: 'failed' });
    this.#serverClock.learn(Number(found.told));
    if (found.version < OLDEST_VERSION || !ENCODINGS.includes(found.encoding)) {
      const advice = `It needs Postgres 12 or newer and a database with ENCODING 'UTF8'; this one has version ${Math.floor(found.version / 10_000)} and ${found.encoding}.`;
      throw new StoreError({ engine: ENGINE, fault: 'refused', advice });
    }
    if (!found.is_there) await this.run(this.#schema.make);
  }

  async get(keys: readonly string[]): Promise<readonly (StoredEntry | null)[]> {
    const text = `SELECT key, value, version FROM ${this.#schema.entries}
      WHERE agent = $1 AND key = ANY ($2) AND (expires_at IS NULL OR expires_at > clock_timestamp())`;
    const rows = await this.run<Row>(text, [this.#agent, keys]);
    const byKey = new Map(rows.map(({ key, value, version }) => [key, entryOf(value, version)]));
    return keys.map((key) => byKey.get(key) ?? null);
  }

  async write(changes: readonly Change[]): Promise<Version | null> {
    const ordered = changesByKey(changes);
    if (ordered === null) return null;
    for (let tries = 1; ; tries += 1) {
      try {
        const { written, is_late } = await this.writeOnce(ordered);
        if (!is_late) return written === null ? null : Number(written);
        // It came in time, so the server's clock has been put forward; now we know.
        if (tries < MOST_TRIES) continue;
        throw new StoreError({ engine: ENGINE, fault: 'timeout', outcome: 'rejected' });
      } catch (error) {
        if (!isCollision(error) || tries === MOST_TRIES) throw error;
        await this.pause();
      }
    }
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly ListedEntry[]> {
    const text = `SELECT key, value, version FROM ${this.#schema.entries}
      WHERE agent = $1 AND key >= $2 AND key > $3 AND key < $4
        AND (expires_at IS NULL OR expires_at > clock_timestamp()) ORDER BY key LIMIT $5`;
    const values = [this.#agent, prefix, after ?? '', prefix + BEHIND_PRINTABLE, limit];
    const rows = await this.run<Row>(text, values);
    return rows.map(({ key, value, version }) => ({ key, ...entryOf(value, version) }));
  }

  async notify(topic: string, text: string): Promise<void> {
    const notice = boundedNotice(topic, text);
    await this.run('SELECT pg_notify($1, $2)', [await channelOf(this.#schema.name, this.#agent), notice]);
  }

  async listen(topic: string, hear: (text: string) => void): Promise<() => Promise<void>> {
    this.#life.assertOpen();
    return this.#listener.listen(topic, hear);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  private async writeOnce(changes: readonly Change[]): Promise<Written> {
    const [row] = await this.run<Written>(this.#schema.callWrite, [
      this.#agent,
      this.#serverClock.deadline(STATEMENT_MS),
      changes.map((change) => change.do),
      changes.map(({ key }) => key),
      changes.map((change) => (change.do === 'put' ? change.text : null)),
      changes.map(({ ifVersion }) => (ifVersion === undefined ? -1 : (ifVersion ?? 0))),
      changes.map((change) => ('expiresInMs' in change ? lifeOf(change.expiresInMs) : null)),
    ]);
    if (row === undefined) throw new StoreError({ engine: ENGINE, fault: 'failed' });
    this.#serverClock.learn(row.told);
    return row;
  }

  private async run<Row>(text: string, values?: unknown[]): Promise<readonly Row[]> {
    this.#life.assertOpen();
    return this.#connections.run<Row>(text, values);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, this.#clock.random() * COLLISION_PAUSE_MS);
    });
  }
}

function entryOf(text: string, version: string): StoredEntry {
  return { text, version: Number(version) };
}

/** No time that a timestamp could not hold. */
function lifeOf(expiresInMs: number | undefined): number | null {
  return expiresInMs === undefined ? null : Math.min(expiresInMs, Number.MAX_SAFE_INTEGER);
}
