import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { CursorStore, StoredCursor } from 'agentchat-client';

/** A store in one small file that is replaced as a whole: what it says is never half of something. */
export class JsonFileStore implements CursorStore {
  readonly #path: string;
  readonly #cursors: Map<string, StoredCursor>;

  constructor(path: string) {
    this.#path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '[]';
    const cursors: StoredCursor[] = JSON.parse(text);
    this.#cursors = new Map(cursors.map((cursor) => [cursor.conversationId, cursor]));
  }

  /** What the file says. */
  static read(path: string): JsonFileStore {
    return new JsonFileStore(path);
  }

  /** Whether the message counts as handled. */
  covers(conversationId: string, seq: number): boolean {
    const cursor = this.#cursors.get(conversationId);
    if (cursor === undefined) return false;
    const { expected, missing, parked } = cursor;
    const owed =
      missing.some(({ from, to }) => seq >= from && seq <= to) || parked.some((other) => other.seq === seq);
    return seq < expected && !owed;
  }

  load(conversationId: string): Promise<StoredCursor | null> {
    return Promise.resolve(this.#cursors.get(conversationId) ?? null);
  }

  async save(cursors: readonly StoredCursor[]): Promise<void> {
    for (const cursor of cursors) this.#cursors.set(cursor.conversationId, cursor);
    writeFileSync(`${this.#path}.new`, JSON.stringify([...this.#cursors.values()]));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
