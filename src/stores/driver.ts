/**
 * What differs between engines, and nothing else: a table of texts by key, in which several things can be changed together
 * or not at all. What a bot remembers (`roles/`) is written once on top of it.
 *
 * - Keys are printable ASCII of at most 1,000 characters, compared byte by byte. `keys.ts` makes them; LMDB takes 1,978
 *   bytes and an index of Postgres 2,700.
 * - Every write has a version of its own, a number that only grows and is never used again, also not after what it wrote has
 *   been deleted or has expired. That makes a version a lease's fence, and a claim's token.
 * - An entry that has expired, by the engine's clock, is not there: to no read and to no condition.
 * - A method rejects with a `StoreError`, in time: a call that gives no answer would hold back what waits behind it.
 */
export interface StoreDriver {
  /** What users call the engine: `Postgres`. It stands in errors. */
  readonly engine: string;
  /** Whether several processes may use it at once. */
  readonly isShared: boolean;
  /** What stands at the keys, in the order of the keys; null where nothing does. */
  get(keys: readonly string[]): Promise<readonly (StoredEntry | null)[]>;
  /**
   * Makes all the changes, or none. Fulfils when they are as safe as the engine makes them.
   *
   * @returns The version of everything that was put, or null when a condition did not hold: then nothing has changed.
   */
  write(changes: readonly Change[]): Promise<Version | null>;
  /** Entries whose keys begin with `prefix` and stand behind `after`, in the order of their keys. */
  list(prefix: string, after: string | null, limit: number): Promise<readonly ListedEntry[]>;
  /** Tells the other processes that listen. Best effort: who is not there does not hear it. */
  notify?(topic: string, text: string): Promise<void>;
  /** @returns Ends the listening. */
  listen?(topic: string, hear: (text: string) => void): Promise<() => Promise<void>>;
  /** Lets everything go. A second call waits for the first. Other methods reject from the first call on. */
  close(): Promise<void>;
}

/** A whole number above 0. */
export type Version = number;

export interface StoredEntry {
  readonly text: string;
  readonly version: Version;
}

export interface ListedEntry extends StoredEntry {
  readonly key: string;
}

/** What must hold for a change, and for all beside it: that the key has this version, or (null) that nothing is there. */
export interface Condition {
  readonly key: string;
  readonly ifVersion: Version | null;
}

/**
 * One part of a write.
 * - `put`: the text stands at the key from now on; for ever, or for `expiresInMs`.
 * - `delete`: nothing stands there any more.
 * - `extend`: what stands there, under the version it has, stands for another `expiresInMs`. The version stays.
 * - `check`: nothing changes; the condition has to hold.
 */
export type Change =
  | {
      readonly do: 'put';
      readonly key: string;
      readonly text: string;
      readonly ifVersion?: Version | null;
      readonly expiresInMs?: number;
    }
  | { readonly do: 'delete'; readonly key: string; readonly ifVersion?: Version | null }
  | { readonly do: 'extend'; readonly key: string; readonly ifVersion: Version; readonly expiresInMs: number }
  | ({ readonly do: 'check' } & Condition);
