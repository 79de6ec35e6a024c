import { StoreError } from '../../errors/index.js';
import type { Json, ValueStore } from '../../stores/index.js';

/** What becomes of a value. */
export interface ValueChange<Result> {
  readonly result: Result;
  /** What is to stand there, and for how long; null: what stands there stays. */
  readonly write: { readonly value: Json; readonly expiresInMs: number } | null;
}

/** How often it begins anew because somebody else was faster. */
const MOST_TRIES = 100;

/**
 * Reads, changes and writes a value that expires, again and again until nobody else was faster.
 *
 * @param change Gets null where there is no value. May be called several times.
 * @throws StoreError when the store fails, or when others were faster a hundred times in a row.
 */
export async function changeValue<Result>(
  values: ValueStore,
  key: string,
  change: (value: Json) => ValueChange<Result>,
): Promise<Result> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const stored = await values.get(key);
    const { result, write } = change(stored?.value ?? null);
    if (write === null) return result;
    const { value, expiresInMs } = write;
    const ifVersion = stored?.version ?? null;
    if ((await values.set(key, value, { ifVersion, expiresInMs })) !== null) return result;
  }
  const advice = `Others changed a counter ${MOST_TRIES} times in a row. No action needed: the turn is tried again.`;
  throw new StoreError({ engine: 'values', fault: 'failed', advice });
}

/** An id from the wire as a part of a key: a store takes keys of a limited length. */
export function keyPart(id: string): string {
  return id.slice(0, 120);
}
