import { StoreError } from '../../errors/index.js';
import type { Json, StoredValue, ValueStore } from '../../stores/index.js';

/** What becomes of a value. */
export interface ValueChange<Result> {
  readonly result: Result;
  /** What is to stand there, and for how long; null: what stands there stays. */
  readonly write: { readonly value: Json; readonly expiresInMs: number } | null;
}

/** How often it begins anew because somebody else was faster. */
const MOST_TRIES = 100;
/** So many values are remembered as they were written last. */
const MOST_REMEMBERED = 2_000;

/** Values that expire, and that others change as well: replicas, and turns of other conversations. */
export class SharedValues {
  /** As this process wrote them last, the latest at the end. Only a guess: others may have changed them since. */
  private readonly written = new Map<string, StoredValue>();

  constructor(private readonly values: ValueStore) {}

  /**
   * Reads, changes and writes a value, again and again until nobody else was faster. What this process wrote itself it need not
   * read: no version is ever used again, so it tells whether that still stands there.
   *
   * @param change Gets null where there is no value. May be called several times.
   * @throws StoreError when the store fails, or when others were faster a hundred times in a row.
   */
  async change<Result>(key: string, change: (value: Json) => ValueChange<Result>): Promise<Result> {
    const guess = this.written.get(key);
    if (guess !== undefined) {
      const outcome = change(guess.value);
      if (outcome.write !== null && (await this.write(key, outcome.write, guess.version)))
        return outcome.result;
      // Without a write nobody has said that the guess is right.
    }
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const stored = await this.values.get(key);
      const { result, write } = change(stored?.value ?? null);
      if (write === null || (await this.write(key, write, stored?.version ?? null))) return result;
    }
    const advice = `Others changed a counter ${MOST_TRIES} times in a row. No action needed: the turn is tried again.`;
    throw new StoreError({ engine: 'values', fault: 'failed', advice });
  }

  /** False: somebody else was faster. */
  private async write(
    key: string,
    { value, expiresInMs }: { readonly value: Json; readonly expiresInMs: number },
    ifVersion: number | null,
  ): Promise<boolean> {
    this.written.delete(key);
    const version = await this.values.set(key, value, { ifVersion, expiresInMs });
    if (version === null) return false;
    this.written.set(key, { value, version });
    const [oldest] = this.written.keys();
    if (this.written.size > MOST_REMEMBERED && oldest !== undefined) this.written.delete(oldest);
    return true;
  }
}

/** An id from the wire as a part of a key: a store takes keys of a limited length. */
export function keyPart(id: string): string {
  return id.slice(0, 120);
}
