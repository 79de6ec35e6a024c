import { type Clock, systemClock } from '../../clock/index.js';
import { StoreError } from '../../errors/index.js';
import type { Change, Condition, ListedEntry, StoreDriver, StoredEntry, Version } from '../driver.js';
import { KeyOrder } from './key-order.js';

const ENGINE = 'memory';
const NEVER = Number.POSITIVE_INFINITY;
/** Entries that a write looks at to find expired ones: it pays for what it brings, and some more. */
const SWEPT_PER_WRITE = 3;

interface Entry extends StoredEntry {
  readonly until: number;
}

/** Entries that live as long as the process. */
export class MemoryDriver implements StoreDriver {
  readonly engine = ENGINE;
  readonly isShared = false;
  private readonly entries = new Map<string, Entry>();
  /** Keys of what expires, those that were written first at the front. */
  private readonly expiring = new Set<string>();
  private readonly order = new KeyOrder(this.entries);
  private version: Version = 0;
  private closed = false;

  constructor(private readonly clock: Clock = systemClock) {}

  async get(keys: readonly string[]): Promise<readonly (StoredEntry | null)[]> {
    this.checkOpen();
    return keys.map((key) => {
      const entry = this.entryAt(key);
      return entry === undefined ? null : { text: entry.text, version: entry.version };
    });
  }

  async write(changes: readonly Change[]): Promise<Version | null> {
    this.checkOpen();
    if (!changes.every((change) => this.holds(change))) return null;
    this.version += 1;
    for (const change of changes) this.make(change);
    this.sweep(changes.length + SWEPT_PER_WRITE);
    return this.version;
  }

  async list(prefix: string, after: string | null, limit: number): Promise<readonly ListedEntry[]> {
    this.checkOpen();
    const sorted = this.order.sorted();
    const found: ListedEntry[] = [];
    for (let place = placeOf(sorted, after === null || after < prefix ? prefix : after); ; place += 1) {
      const key = sorted[place];
      if (key === undefined || !key.startsWith(prefix) || found.length === limit) return found;
      const entry = key === after ? undefined : this.entryAt(key);
      if (entry !== undefined) found.push({ key, text: entry.text, version: entry.version });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.entries.clear();
    this.expiring.clear();
    this.order.clear();
  }

  private checkOpen(): void {
    if (this.closed) throw new StoreError({ engine: ENGINE, fault: 'closed' });
  }

  private entryAt(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    return entry === undefined || entry.until <= this.clock.now() ? undefined : entry;
  }

  private holds({ key, ifVersion }: Partial<Condition> & { readonly key: string }): boolean {
    return ifVersion === undefined || (this.entryAt(key)?.version ?? null) === ifVersion;
  }

  private make(change: Change): void {
    const { key } = change;
    if (change.do === 'check') return;
    if (change.do === 'delete') {
      this.forget(key);
      return;
    }
    const entry = change.do === 'put' ? { text: change.text, version: this.version } : this.entries.get(key);
    if (entry === undefined) return;
    const until = change.expiresInMs === undefined ? NEVER : this.clock.now() + change.expiresInMs;
    if (!this.entries.has(key)) this.order.came(key);
    this.entries.set(key, { text: entry.text, version: entry.version, until });
    this.expiring.delete(key);
    if (until !== NEVER) this.expiring.add(key);
  }

  private forget(key: string): void {
    this.expiring.delete(key);
    if (this.entries.delete(key)) this.order.went(key);
  }

  /** Looks at the oldest of what expires: each in turn, so that a long-lived one at the front hides nothing. */
  private sweep(most: number): void {
    const now = this.clock.now();
    for (const key of [...firstOf(this.expiring, most)]) {
      const entry = this.entries.get(key);
      if (entry === undefined || entry.until <= now) {
        this.forget(key);
      } else {
        this.expiring.delete(key);
        this.expiring.add(key);
      }
    }
  }
}

function* firstOf<T>(values: Iterable<T>, most: number): Generator<T> {
  let left = most;
  for (const value of values) {
    if (left === 0) return;
    left -= 1;
    yield value;
  }
}

/** The first place of a sorted list whose key is not before `key`. */
function placeOf(sorted: readonly string[], key: string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as string) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
