import { StoreError, ValidationError } from '../../errors/index.js';
import type { StoreDriver, Version } from '../driver.js';
import { KEYS, plainOf } from '../keys.js';
import { type Json, parsed } from './json.js';

export interface StoredValue {
  readonly value: Json;
  /** Changes with every write of the value. */
  readonly version: number;
}

export interface ListedValue extends StoredValue {
  readonly key: string;
}

export interface SetValueOptions {
  /** Written only while the value has this version; `null`: only while there is none. Default: in any case. */
  ifVersion?: number | null | undefined;
  /** After so many milliseconds, by the store's clock, the value is gone. Default: it stays. */
  expiresInMs?: number | undefined;
}

export interface ListValuesOptions {
  /** Only what stands behind this key. Default: from the first. */
  after?: string | undefined;
  /** At most so many, 1 to 1,000. Default 100. */
  limit?: number | undefined;
}

/** As long as a key may be when it is written plainly. */
const MOST_KEY_LENGTH = 900;
const MOST_LISTED = 1_000;
/** How often `update` begins anew because somebody else was faster. */
const MOST_UPDATES = 100;

/**
 * Small JSON by key, with compare-and-set: sessions, ids of remote conversations, counters. Shared by all that use the store, so
 * give your keys a prefix of their own.
 *
 * @example
 * await store.values.update('greeted/alice', (times) => ((times as number | null) ?? 0) + 1);
 */
export interface ValueStore {
  get(key: string): Promise<StoredValue | null>;
  /** @returns The version of what was written; null when `ifVersion` did not hold, and nothing was. */
  set(key: string, value: Json, options?: SetValueOptions): Promise<number | null>;
  /** @returns False when `ifVersion` did not hold, and nothing was deleted. */
  delete(key: string, options?: { ifVersion?: number | undefined }): Promise<boolean>;
  /** The values whose keys begin with `prefix`, in an order that does not change. For the next page, pass the last key as `after`. */
  list(prefix: string, options?: ListValuesOptions): Promise<readonly ListedValue[]>;
  /**
   * Reads, changes and writes, again and again until nobody else was faster. `change` gets null where there is no value, and
   * deletes it by returning null. It may be called several times.
   *
   * @returns What stands there now.
   */
  update(key: string, change: (value: Json) => Json): Promise<Json>;
}

/** The values of a bot, on any engine. */
export class DriverValues implements ValueStore {
  constructor(private readonly driver: StoreDriver) {}

  async get(key: string): Promise<StoredValue | null> {
    const at = keyOfValue(key);
    const [entry] = await this.driver.get([at]);
    return entry == null ? null : { value: this.read(at, entry.text).value, version: entry.version };
  }

  async set(
    key: string,
    value: Json,
    { ifVersion, expiresInMs }: SetValueOptions = {},
  ): Promise<number | null> {
    return this.driver.write([
      {
        do: 'put',
        key: keyOfValue(key),
        text: textOf(key, value),
        ...(ifVersion === undefined ? {} : { ifVersion }),
        ...(expiresInMs === undefined ? {} : { expiresInMs }),
      },
    ]);
  }

  async delete(key: string, { ifVersion }: { ifVersion?: number | undefined } = {}): Promise<boolean> {
    const condition = ifVersion === undefined ? {} : { ifVersion };
    return (await this.driver.write([{ do: 'delete', key: keyOfValue(key), ...condition }])) !== null;
  }

  async list(prefix: string, options: ListValuesOptions = {}): Promise<readonly ListedValue[]> {
    const { after, limit = 100 } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED) {
      throw new ValidationError(`limit must be a whole number from 1 to ${MOST_LISTED}.`);
    }
    const from = after === undefined ? null : keyOfValue(after);
    const entries = await this.driver.list(keyOfValue(prefix), from, limit);
    return entries.map(({ key, text, version }) => ({ ...this.read(key, text), version }));
  }

  async update(key: string, change: (value: Json) => Json): Promise<Json> {
    for (let times = 0; times < MOST_UPDATES; times += 1) {
      const stored = await this.get(key);
      const value = change(stored?.value ?? null);
      const ifVersion: Version | null = stored?.version ?? null;
      if (value === null && ifVersion === null) return null;
      const isWritten =
        value === null
          ? await this.delete(key, { ifVersion: ifVersion as Version })
          : (await this.set(key, value, { ifVersion })) !== null;
      if (isWritten) return value;
    }
    const advice = `The value ${plainOf(key)} was changed by others ${MOST_UPDATES} times in a row. Spread what is written over several keys.`;
    throw new StoreError({ engine: this.driver.engine, fault: 'failed', advice });
  }

  private read(at: string, text: string): { key: string; value: Json } {
    const { key, value } = (parsed(this.driver.engine, at, text) ?? {}) as { key?: unknown; value?: Json };
    return { key: String(key), value: value ?? null };
  }
}

function textOf(key: string, value: Json): string {
  const text = JSON.stringify({ key, value });
  if (value === undefined || value === null) {
    throw new ValidationError(
      `The value for ${plainOf(key)} is ${String(value)}. Use delete() to remove a value.`,
    );
  }
  return text;
}

function keyOfValue(key: string): string {
  if (typeof key !== 'string') throw new ValidationError('The key of a value must be a string.');
  const at = KEYS.value + plainOf(key);
  if (at.length <= MOST_KEY_LENGTH) return at;
  throw new ValidationError(
    `The key of a value has ${key.length} characters, which take ${at.length} bytes; at most ${MOST_KEY_LENGTH} are stored. Shorten it.`,
  );
}
