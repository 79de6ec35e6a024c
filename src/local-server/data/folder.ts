import { createHash } from 'node:crypto';
import { StoreError } from '../../errors/index.js';
import type { Change, StoreDriver } from '../../stores/index.js';
import { openLmdbDriver } from '../../stores/lmdb/lmdb-driver.js';
import type { TableName } from '../state/tables.js';

/** The version of what stands in a folder or an export. Raised when an older server could not read it any more. */
export const FORMAT_VERSION = 1;

const ENGINE = 'LMDB';
const HEADER = 'local-service';
/** Rows that are read at a time. */
const PAGE = 1_000;
/** Keys of tables may hold anything. What is long, or not plain, is a digest in the folder. */
const PLAIN_KEY = /^[\x21-\x7e ]{1,400}$/;

/** What becomes of a row. */
export interface RowChange {
  readonly table: TableName;
  readonly key: string;
  /** `undefined`: it is removed. */
  readonly row: unknown;
}

/** What a folder says of itself. */
interface Header {
  readonly version: number;
  /** What the keys of seeded agents are made from. */
  readonly secret: string;
  /** How often a server was started on it. */
  readonly launches: number;
}

/**
 * @param newSecret The secret of a folder that has none yet.
 * @throws StoreError `owned`, `newer`, `corrupt`, `read_only`; `refused` without the package `lmdb`.
 */
export async function openDataFolder(path: string, newSecret: string): Promise<DataFolder> {
  const driver = await openDriver(path);
  try {
    const header = await nextHeader(driver, path, newSecret);
    await driver.write([{ do: 'put', key: HEADER, text: JSON.stringify(header) }]);
    return new DataFolder(driver, header);
  } catch (error) {
    await driver.close();
    throw error;
  }
}

/**
 * The data folder of a server: rows by table and key.
 *
 * Each row stands beside a serial number, given when it was first written, by which rows are read back in the order in which
 * their records came into being.
 */
export class DataFolder {
  readonly secret: string;
  /** 1 for the first. */
  readonly launch: number;
  readonly #driver: StoreDriver;
  #lastSerial = 0;

  constructor(driver: StoreDriver, { secret, launches }: Header) {
    this.#driver = driver;
    this.secret = secret;
    this.launch = launches;
  }

  /**
   * The rows of a table, oldest first.
   *
   * @throws StoreError `corrupt`.
   */
  async read(table: TableName): Promise<unknown[]> {
    const rows: { readonly serial: number; readonly row: unknown }[] = [];
    const prefix = `${table}/`;
    for (let after: string | null = null; ; ) {
      const page = await this.#driver.list(prefix, after, PAGE);
      for (const { text } of page) rows.push(read(table, text));
      after = page.at(-1)?.key ?? null;
      if (page.length < PAGE) break;
    }
    rows.sort((one, other) => one.serial - other.serial);
    this.#lastSerial = Math.max(this.#lastSerial, rows.at(-1)?.serial ?? 0);
    return rows.map(({ row }) => row);
  }

  /** Makes all changes, or none; they have reached the disk then. All tables must have been read before. */
  async write(changes: readonly RowChange[]): Promise<void> {
    const keys = changes.map(keyOf);
    const before = await this.#driver.get(keys);
    const made = new Map<string, Extract<Change, { readonly do: 'put' | 'delete' }>>();
    changes.forEach(({ row }, at) => {
      const key = keys[at] ?? '';
      const earlier = made.get(key);
      if (row === undefined) {
        made.set(key, { do: 'delete', key });
        return;
      }
      const known = earlier?.do === 'delete' ? undefined : (earlier?.text ?? before[at]?.text);
      const serial = known === undefined ? this.#nextSerial() : serialOf(known);
      made.set(key, { do: 'put', key, text: `${serial} ${JSON.stringify(row)}` });
    });
    await this.#driver.write([...made.values()]);
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #nextSerial(): number {
    this.#lastSerial += 1;
    return this.#lastSerial;
  }
}

function keyOf({ table, key }: RowChange): string {
  const plain = PLAIN_KEY.test(key) ? key : `#${createHash('sha256').update(key).digest('hex')}`;
  return `${table}/${plain}`;
}

function serialOf(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}

function read(table: TableName, text: string): { serial: number; row: unknown } {
  try {
    return { serial: serialOf(text), row: JSON.parse(text.slice(text.indexOf(' ') + 1)) as unknown };
  } catch (cause) {
    throw unreadable(`A row of its table "${table}" is not JSON.`, cause);
  }
}

/** @throws StoreError with advice for those who run a local server. */
async function openDriver(path: string): Promise<StoreDriver> {
  try {
    return await openLmdbDriver({ path });
  } catch (error) {
    if (!(error instanceof StoreError) || error.fault !== 'owned') throw error;
    const advice = `Stop the local server that uses ${path}, or give this one another dataDir.`;
    throw new StoreError({ engine: ENGINE, fault: 'owned', advice, cause: error });
  }
}

async function nextHeader(driver: StoreDriver, path: string, newSecret: string): Promise<Header> {
  const [found] = await driver.get([HEADER]);
  if (found == null) {
    if ((await driver.list('', null, 1)).length > 0) {
      const advice = `${path} holds something else, such as the store of a bot. Give the local server a folder of its own.`;
      throw new StoreError({ engine: ENGINE, fault: 'refused', advice });
    }
    return { version: FORMAT_VERSION, secret: newSecret, launches: 1 };
  }
  const header = readHeader(found.text);
  if (header.version > FORMAT_VERSION) {
    const advice = `${path} has version ${header.version}, this server reads ${FORMAT_VERSION}. Update this package.`;
    throw new StoreError({ engine: ENGINE, fault: 'newer', advice });
  }
  return { ...header, launches: header.launches + 1 };
}

function readHeader(text: string): Header {
  try {
    const header = JSON.parse(text) as Header;
    const isHeader =
      Number.isSafeInteger(header.version) &&
      Number.isSafeInteger(header.launches) &&
      typeof header.secret === 'string';
    if (isHeader) return header;
  } catch {
    // It is told below.
  }
  throw unreadable('Its header cannot be read.');
}

/** @param what Names no content: there are secrets in it. */
export function unreadable(what: string, cause?: unknown): StoreError {
  const advice = `${what} Restore the folder from a backup or an export, or start with an empty one.`;
  return new StoreError({ engine: ENGINE, fault: 'corrupt', advice, cause });
}
