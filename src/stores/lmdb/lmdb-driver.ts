import { mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Database, RootDatabase } from 'lmdb';
import { StoreError } from '../../errors/index.js';
import type { Change, Condition, ListedEntry, StoreDriver, StoredEntry, Version } from '../driver.js';
import { loadPeer } from '../peer.js';
import { ENGINE, storeErrorOf } from './faults.js';
import { checkFile } from './file-check.js';
import { becomeOwner, type Owner, type OwnerRecord } from './owner.js';

export interface LmdbDriverOptions {
  readonly path: string;
  readonly readOnly?: boolean;
  /** Bytes of address space at the start; it grows by itself. For tests. */
  readonly mapSize?: number;
}

/** Expired entries that a write removes besides, at most. */
const SWEPT_PER_WRITE = 10;
/** Milliseconds since 1970 until the year 5138, in as many digits, so that their order is that of the numbers. */
const TIME_DIGITS = 14;

/** Changes that go into one transaction, which keeps the event loop for its time. What is beyond takes the next. */
const MOST_CHANGES = 2_000;

const VERSION = 'version';
const OWNER = 'owner';

interface Entry extends StoredEntry {
  /** When it expires, in milliseconds since 1970; 0: never. */
  readonly until: number;
}

/** A write that waits for its transaction. */
interface Waiting {
  readonly changes: readonly Change[];
  resolve(version: Version | null): void;
  reject(error: unknown): void;
}

/** The tables of one folder. */
interface Tables {
  readonly root: RootDatabase<string, string>;
  readonly entries: Database<string, string>;
  /** By the time at which they expire, the keys of entries that do. */
  readonly expiry: Database<string, string>;
  /** The version of the last write, and the owner. */
  readonly meta: Database<string, string>;
}

/**
 * Entries in a folder, by LMDB. A write fulfils when it has reached the disk.
 *
 * Writes that wait together share a transaction and a flush. The transaction itself is synchronous, the flush is not: the library's
 * asynchronous ones end the process, by a rejection that nobody can catch, when the disk is full.
 */
export class LmdbDriver implements StoreDriver {
  readonly engine = ENGINE;
  readonly isShared = false;
  private closing: Promise<void> | null = null;
  private waiting: Waiting[] = [];
  /** Settles when nothing waits any more. */
  private writing: Promise<void> | null = null;

  constructor(
    private readonly tables: Tables,
    /** Null when it is only read. */
    private readonly owner: Owner | null,
  ) {}

  async get(keys: readonly string[]): Promise<readonly (StoredEntry | null)[]> {
    return this.reading(() =>
      keys.map((key) => {
        const entry = this.entryAt(key);
        return entry === null ? null : { text: entry.text, version: entry.version };
      }),
    );
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly ListedEntry[]> {
    return this.reading(() => {
      const isBehind = after !== null && after >= prefix;
      const start = isBehind ? after : prefix;
      const found: ListedEntry[] = [];
      const now = Date.now();
      for (const { key, value } of this.tables.entries.getRange({ start, exclusiveStart: isBehind })) {
        if (!key.startsWith(prefix) || found.length === limit) break;
        const { text, version, until } = entryOf(value);
        if (until === 0 || until > now) found.push({ key, text, version });
      }
      return found;
    });
  }

  async write(changes: readonly Change[]): Promise<Version | null> {
    this.checkOpen();
    if (this.owner === null) {
      const advice = 'It was opened with readOnly. Open it without, while no other process has it.';
      throw new StoreError({ engine: ENGINE, fault: 'read_only', advice });
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ changes, resolve, reject });
      this.writing ??= this.writeWaiting();
    });
  }

  close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    await this.writing;
    await this.owner?.resign();
    await this.tables.root.close();
  }

  private checkOpen(): void {
    if (this.closing !== null) throw new StoreError({ engine: ENGINE, fault: 'closed' });
  }

  private reading<T>(read: () => T): T {
    this.checkOpen();
    try {
      // What another process wrote is seen by a new snapshot only.
      if (this.owner === null) this.tables.root.resetReadTxn();
      return read();
    } catch (error) {
      throw storeErrorOf(error);
    }
  }

  private async writeWaiting(): Promise<void> {
    const { root } = this.tables;
    // One turn of the loop is one transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const batch = this.takeBatch();
      try {
        const settle = root.transactionSync(() => batch.map((write) => this.settlementOf(write)));
        await root.flushed;
        for (const done of settle) done();
      } catch (error) {
        const failure = storeErrorOf(error);
        for (const { reject } of batch) reject(failure);
      }
    }
    // At once: a write that came between the last look and a later moment would wait for ever.
    this.writing = null;
  }

  private takeBatch(): readonly Waiting[] {
    let changes = 0;
    let count = 0;
    for (const write of this.waiting) {
      changes += write.changes.length;
      if (count > 0 && changes > MOST_CHANGES) break;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  /** In a transaction: carries a write out, and returns what tells its outcome. One that fails leaves the others alone. */
  private settlementOf({ changes, resolve, reject }: Waiting): () => void {
    try {
      const version = this.apply(changes);
      return () => resolve(version);
    } catch (error) {
      return () => reject(storeErrorOf(error));
    }
  }

  /** Looks at everything before it changes anything: what has been put is not taken back by a throw. */
  private apply(changes: readonly Change[]): Version | null {
    if (this.owner?.holds !== true) {
      const advice =
        'Another process has taken the folder over, because the socket in it was removed. Restart this process.';
      throw new StoreError({ engine: ENGINE, fault: 'owned', advice });
    }
    if (!changes.every((change) => this.holds(change))) return null;
    const { meta } = this.tables;
    const version = Number(meta.get(VERSION) ?? 0) + 1;
    meta.put(VERSION, String(version));
    for (const change of changes) this.make(change, version);
    this.sweep();
    return version;
  }

  private holds({ key, ifVersion }: Partial<Condition> & { readonly key: string }): boolean {
    return ifVersion === undefined || (this.entryAt(key)?.version ?? null) === ifVersion;
  }

  private make(change: Change, version: Version): void {
    const { entries, expiry } = this.tables;
    const { key } = change;
    if (change.do === 'check') return;
    const stored = entries.get(key);
    const before = stored === undefined ? null : readEntry(stored);
    if (before !== null && before.until > 0) expiry.remove(timeKey(before.until, key));
    if (change.do === 'delete') {
      entries.remove(key);
      return;
    }
    const entry = change.do === 'put' ? { text: change.text, version } : before;
    if (entry === null) return;
    const until = change.expiresInMs === undefined ? 0 : Date.now() + change.expiresInMs;
    entries.put(key, `${entry.version} ${until} ${entry.text}`);
    if (until > 0) expiry.put(timeKey(until, key), key);
  }

  private sweep(): void {
    const { entries, expiry } = this.tables;
    const end = timeKey(Date.now(), '');
    for (const { key, value } of [...expiry.getRange({ end, limit: SWEPT_PER_WRITE })]) {
      expiry.remove(key);
      entries.remove(value);
    }
  }

  private entryAt(key: string): Entry | null {
    const stored = this.tables.entries.get(key);
    if (stored === undefined) return null;
    const entry = entryOf(stored);
    return entry.until === 0 || entry.until > Date.now() ? entry : null;
  }
}

/** @throws StoreError `owned`, `read_only`, `corrupt`, or `refused` without the package. */
export async function openLmdbDriver({
  path,
  readOnly = false,
  mapSize,
}: LmdbDriverOptions): Promise<LmdbDriver> {
  const { open } = await loadPeer(ENGINE, 'lmdb', () => import('lmdb'));
  try {
    const folder = resolve(path);
    if (readOnly) await stat(folder);
    else await mkdir(folder, { recursive: true, mode: 0o700 });
    await checkFile(folder);
    const root = open<string, string>({
      path: folder,
      noSubdir: false,
      encoding: 'string',
      readOnly,
      ...(mapSize === undefined ? {} : { mapSize }),
    });
    const table = (name: string) => root.openDB<string, string>({ name, encoding: 'string' });
    const tables = { root, entries: table('entries'), expiry: table('expiry'), meta: table('meta') };
    try {
      const owner = readOnly ? null : await becomeOwner(folder, new Record(tables));
      return new LmdbDriver(tables, owner);
    } catch (error) {
      await root.close();
      throw error;
    }
  } catch (error) {
    throw storeErrorOf(error);
  }
}

class Record implements OwnerRecord {
  constructor(private readonly tables: Pick<Tables, 'root' | 'meta'>) {}

  read(): string | null {
    return this.tables.meta.get(OWNER) || null;
  }

  async replace(from: string | null, to: string | null): Promise<boolean> {
    const { root, meta } = this.tables;
    const isReplaced = root.transactionSync(() => {
      if (this.read() !== from) return false;
      meta.put(OWNER, to ?? '');
      return true;
    });
    await root.flushed;
    return isReplaced;
  }
}

function timeKey(time: number, key: string): string {
  return `${String(Math.ceil(time)).padStart(TIME_DIGITS, '0')} ${key}`;
}

/** An entry is stored as `version until text`. Null when it is not. */
function readEntry(stored: string): Entry | null {
  const first = stored.indexOf(' ');
  const second = stored.indexOf(' ', first + 1);
  const version = Number(stored.slice(0, first));
  const until = Number(stored.slice(first + 1, second));
  if (second < 0 || !Number.isSafeInteger(version) || !Number.isFinite(until)) return null;
  return { version, until, text: stored.slice(second + 1) };
}

function entryOf(stored: string): Entry {
  const entry = readEntry(stored);
  if (entry === null) throw new StoreError({ engine: ENGINE, fault: 'corrupt' });
  return entry;
}
