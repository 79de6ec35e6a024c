import { StoreError } from '../../errors/index.js';
import type { CursorStore, StoredCursor } from '../cursor-store.js';
import type { Change, StoreDriver, Version } from '../driver.js';
import { KEYS, keyOf } from '../keys.js';
import { assertHeld, type Check, checksOf, type Fences } from './fences.js';
import { parsed } from './json.js';

/** Cursors that are read in one go. */
const PAGE = 500;

interface Waiting {
  readonly conversationId: string;
  resolve(cursor: StoredCursor | null): void;
  reject(error: unknown): void;
}

/**
 * Where each conversation stands, on any engine.
 *
 * A cursor that owes something has a mark besides, so that `unfinished` does not read them all. The cursor is the truth: a
 * mark without one that owes is removed when it is seen.
 */
export class DriverCursors implements CursorStore {
  /** Conversations that have a mark, as far as we know, and under which lease that was: under another somebody may have removed it. */
  private readonly marked = new Map<string, Version | null>();
  /** Loads of this turn of the loop; they become one read. */
  private waiting: Waiting[] = [];

  constructor(
    private readonly driver: StoreDriver,
    private readonly fences?: Fences,
  ) {}

  load(conversationId: string): Promise<StoredCursor | null> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) queueMicrotask(() => this.loadWaiting());
      this.waiting.push({ conversationId, resolve, reject });
    });
  }

  async save(cursors: readonly StoredCursor[]): Promise<void> {
    const ids = cursors.map(({ conversationId }) => conversationId);
    await this.fences?.settle(ids);
    const changes: Change[] = [];
    for (const cursor of cursors) {
      const { conversationId } = cursor;
      const key = keyOf(KEYS.cursor, conversationId);
      changes.push({
        do: 'put',
        key: typeof key === 'string' ? key : await key,
        text: JSON.stringify(cursor),
      });
      const mark = await this.markOf(cursor);
      if (mark !== null) changes.push(mark);
    }
    const checks = checksOf(this.fences, ids);
    if ((await this.write(checks, changes)) === null) {
      if (this.fences !== undefined) await assertHeld(this.driver, this.fences, checks);
      throw new StoreError({ engine: this.driver.engine, fault: 'failed' });
    }
    for (const { conversationId, missing, parked } of cursors) {
      if (missing.length + parked.length > 0) this.marked.set(conversationId, this.leaseOf(conversationId));
      else this.marked.delete(conversationId);
    }
  }

  /** ACK-1: one that has failed and is carried out later must not put back what is saved meanwhile. */
  private async write(checks: readonly Check[], changes: readonly Change[]): Promise<Version | null> {
    try {
      return await this.driver.write([...checks, ...changes]);
    } catch (error) {
      const isUnwritten = error instanceof StoreError && error.outcome === 'rejected';
      if (!isUnwritten) for (const check of checks) this.fences?.doubted(check);
      throw error;
    }
  }

  private leaseOf(conversationId: string): Version | null {
    const isOurs = this.fences?.holds(conversationId) === true;
    return isOurs ? (this.fences?.fenceOf(conversationId).ifVersion ?? null) : null;
  }

  async unfinished(): Promise<readonly StoredCursor[]> {
    const found: StoredCursor[] = [];
    let after: string | null = null;
    for (;;) {
      const marks = await this.driver.list(KEYS.owing, after, PAGE);
      const all = marks.map(({ key, text }) => String(parsed(this.driver.engine, key, text)));
      // What others owe is theirs to see to.
      const ids = all.filter((id) => this.fences?.holds(id) ?? true);
      for (const id of ids) this.marked.set(id, this.leaseOf(id));
      const cursors = await this.read(ids);
      for (const cursor of cursors) if (cursor !== null) found.push(cursor);
      after = marks.at(-1)?.key ?? null;
      if (marks.length < PAGE) return found;
    }
  }

  /** What has to happen to the mark of a cursor that is saved; null when nothing has. */
  private async markOf({ conversationId, missing, parked }: StoredCursor): Promise<Change | null> {
    const owes = missing.length + parked.length > 0;
    const isMarked = owes
      ? this.marked.get(conversationId) === this.leaseOf(conversationId)
      : this.marked.has(conversationId);
    if (owes === isMarked) return null;
    const key = await keyOf(KEYS.owing, conversationId);
    return owes ? { do: 'put', key, text: JSON.stringify(conversationId) } : { do: 'delete', key };
  }

  private loadWaiting(): void {
    const { waiting } = this;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += PAGE) {
      const page = waiting.slice(start, start + PAGE);
      this.read(page.map(({ conversationId }) => conversationId)).then(
        (cursors) => {
          for (const [place, { resolve }] of page.entries()) resolve(cursors[place] ?? null);
        },
        (error: unknown) => {
          for (const { reject } of page) reject(error);
        },
      );
    }
  }

  private async read(conversationIds: readonly string[]): Promise<readonly (StoredCursor | null)[]> {
    if (conversationIds.length === 0) return [];
    const keys = await Promise.all(conversationIds.map((id) => keyOf(KEYS.cursor, id)));
    const entries = await this.driver.get(keys);
    return entries.map((entry, place) =>
      entry === null ? null : (parsed(this.driver.engine, keys[place] ?? '', entry.text) as StoredCursor),
    );
  }
}
