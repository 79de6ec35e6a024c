import { StoreError } from '../../errors/index.js';
import type { CursorStore, StoredCursor } from '../cursor-store.js';
import type { Change, StoreDriver } from '../driver.js';
import { KEYS, keyOf } from '../keys.js';
import { assertHeld, checksOf, type Fences } from './fences.js';
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
  /** Conversations that have a mark, as far as we know. */
  private readonly marked = new Set<string>();
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
    const checks = checksOf(
      this.fences,
      cursors.map(({ conversationId }) => conversationId),
    );
    if ((await this.driver.write([...checks, ...changes])) === null) {
      if (this.fences !== undefined) await assertHeld(this.driver, this.fences, checks);
      throw new StoreError({ engine: this.driver.engine, fault: 'failed' });
    }
    for (const { conversationId, missing, parked } of cursors) {
      if (missing.length + parked.length > 0) this.marked.add(conversationId);
      else this.marked.delete(conversationId);
    }
  }

  async unfinished(): Promise<readonly StoredCursor[]> {
    const found: StoredCursor[] = [];
    let after: string | null = null;
    for (;;) {
      const marks = await this.driver.list(KEYS.owing, after, PAGE);
      const ids = marks.map(({ key, text }) => String(parsed(this.driver.engine, key, text)));
      for (const id of ids) this.marked.add(id);
      const cursors = await this.read(ids);
      for (const cursor of cursors) if (cursor !== null) found.push(cursor);
      after = marks.at(-1)?.key ?? null;
      if (marks.length < PAGE) return found;
    }
  }

  /** What has to happen to the mark of a cursor that is saved; null when nothing has. */
  private async markOf({ conversationId, missing, parked }: StoredCursor): Promise<Change | null> {
    const owes = missing.length + parked.length > 0;
    if (owes === this.marked.has(conversationId)) return null;
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
