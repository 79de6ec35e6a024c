import { StoreError } from '../../errors/index.js';
import type { Change, ListedEntry, StoreDriver, StoredEntry, Version } from '../driver.js';
import { DriverLife } from '../driver-life.js';
import type { ServerClock } from '../server-clock.js';
import { noticeOf } from '../topics.js';
import type { Connection } from './connection.js';
import { ENGINE } from './faults.js';
import { COMMAND_MS, type RedisConnection } from './ioredis.js';
import type { RedisKeys } from './keys.js';
import type { Listener } from './listener.js';

/** How often a write begins anew because the server's clock was put forward, or its memory was lost. */
const MOST_TRIES = 3;
/** Behind every key that begins with a prefix: keys are printable ASCII. */
const BEHIND_PRINTABLE = '\u007f';
/** Digits of a version, and the space behind them. */
const VERSION_LENGTH = 17;

const LOST_ADVICE =
  'It was restarted without all that it held, or a replica that was behind took its place. Messages that were handled may come ' +
  'again; claims and leases from before count no more. The store goes on with what is there. Use appendonly (appendfsync always ' +
  'loses nothing) to avoid it.';

/** Entries of one agent in Redis. */
export class RedisDriver implements StoreDriver {
  readonly engine = ENGINE;
  readonly isShared = true;
  readonly #connection: Connection;
  readonly #listener: Listener;
  readonly #keys: RedisKeys;
  readonly #serverClock: ServerClock;
  /** The highest version that this process has seen: a server that knows less has lost some. */
  #seen: Version = 0;
  readonly #life: DriverLife;

  constructor(connection: Connection, listener: Listener, keys: RedisKeys, serverClock: ServerClock) {
    this.#connection = connection;
    this.#life = new DriverLife(ENGINE, () => listener.close().then(() => connection.close()));
    this.#listener = listener;
    this.#keys = keys;
    this.#serverClock = serverClock;
  }

  /** @throws StoreError */
  async open(): Promise<void> {
    await this.#connection.open();
    await this.checkEviction();
    await this.get([]);
  }

  async get(keys: readonly string[]): Promise<readonly (StoredEntry | null)[]> {
    return (await this.read(keys)).map((stored) => (stored === null ? null : entryOf(stored)));
  }

  async write(changes: readonly Change[]): Promise<Version | null> {
    for (let tries = 1; ; tries += 1) {
      const seen = this.#seen;
      const [outcome, told, last] = await this.writeOnce(changes, seen);
      this.#serverClock.learn(Number(told));
      const version = Number(last);
      if (outcome === 'lost') this.lost(seen, version);
      else this.#seen = Math.max(this.#seen, version);
      if (outcome === 'written') return version;
      if (outcome === 'refused') return null;
      // Nothing was written: the server's clock was put forward, or somebody else has reported the loss.
      if (tries === MOST_TRIES)
        throw new StoreError({ engine: ENGINE, fault: 'timeout', outcome: 'rejected' });
    }
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly ListedEntry[]> {
    const found: ListedEntry[] = [];
    let from = after === null || after < prefix ? `[${prefix}` : `(${after}`;
    for (;;) {
      const wanted = limit - found.length;
      const to = `(${prefix}${BEHIND_PRINTABLE}`;
      const keys = await this.run((redis) =>
        redis.zrangebylex(this.#keys.index, from, to, 'LIMIT', 0, wanted),
      );
      const stored = await this.read(keys);
      for (const [place, key] of keys.entries()) {
        const entry = stored[place];
        // The index still has some that have expired.
        if (entry != null) found.push({ key, ...entryOf(entry) });
      }
      if (keys.length < wanted || found.length === limit) return found;
      from = `(${keys.at(-1)}`;
    }
  }

  async notify(topic: string, text: string): Promise<void> {
    await this.run((redis) => redis.publish(this.#keys.channel, noticeOf(topic, text)));
  }

  async listen(topic: string, hear: (text: string) => void): Promise<() => Promise<void>> {
    this.#life.assertOpen();
    return this.#listener.listen(topic, hear);
  }

  close(): Promise<void> {
    return this.#life.close();
  }

  /** What is stored at the keys, version and text. */
  private async read(keys: readonly string[]): Promise<readonly (string | null)[]> {
    const seen = this.#seen;
    const at = [this.#keys.version, ...keys.map((key) => this.#keys.entry(key))];
    const [last, ...stored] = await this.run((redis) => redis.mget(at));
    const version = Number(last ?? 0);
    if (version < seen) this.lost(seen, version);
    else this.#seen = Math.max(this.#seen, version);
    return stored;
  }

  private writeOnce(changes: readonly Change[], seen: Version): Promise<readonly string[]> {
    const keys = this.#keys;
    return this.run((redis) =>
      redis.agentchatWrite([
        3 + changes.length,
        ...[keys.version, keys.index, keys.expiring],
        ...changes.map(({ key }) => keys.entry(key)),
        ...[String(seen), String(Math.round(this.#serverClock.deadline(COMMAND_MS)))],
        ...changes.flatMap(argumentsOf),
      ]),
    );
  }

  /**
   * The server knows less than it did when `seen` was the last version. Said once; what comes later finds it as it is.
   *
   * @throws StoreError `lost`, unless it was said before.
   */
  private lost(seen: Version, last: Version): void {
    if (this.#seen < seen) return;
    this.#seen = last;
    throw new StoreError({ engine: ENGINE, fault: 'lost', advice: LOST_ADVICE });
  }

  /** A server that makes room by throwing entries away would make a bot forget what it has handled. */
  private async checkEviction(): Promise<void> {
    const memory = await this.run((redis) => redis.info('memory')).catch((error: StoreError) => {
      // Whoever may not ask has to know.
      if (error.fault === 'refused' && /NOPERM/.test(String(error.cause))) return '';
      throw error;
    });
    const policy = /^maxmemory_policy:(allkeys-\w+)/m.exec(memory)?.[1];
    if (policy === undefined || !/^maxmemory:[1-9]/m.test(memory)) return;
    const advice = `It forgets entries when its memory is full (maxmemory-policy ${policy}). Set maxmemory-policy noeviction, or use another server.`;
    throw new StoreError({ engine: ENGINE, fault: 'refused', advice });
  }

  private async run<T>(ask: (redis: RedisConnection) => Promise<T>): Promise<T> {
    this.#life.assertOpen();
    return this.#connection.run(ask);
  }
}

function entryOf(stored: string): StoredEntry {
  return { version: Number(stored.slice(0, VERSION_LENGTH - 1)), text: stored.slice(VERSION_LENGTH) };
}

/** As the script reads them (`write-script.ts`). */
function argumentsOf(change: Change): readonly string[] {
  const { key, ifVersion } = change;
  const condition = ifVersion === undefined ? '' : String(ifVersion ?? 0);
  const life = 'expiresInMs' in change && change.expiresInMs !== undefined ? lifeOf(change.expiresInMs) : '';
  return [key, change.do, change.do === 'put' ? change.text : '', condition, life];
}

/** In whole milliseconds, and no more than Redis can count. */
function lifeOf(expiresInMs: number): string {
  return String(Math.max(1, Math.ceil(Math.min(expiresInMs, Number.MAX_SAFE_INTEGER))));
}
