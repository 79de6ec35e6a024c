import type { Ledger } from '../state/ledger.js';
import type { Ledgers, TableName } from '../state/tables.js';
import type { DataFolder, RowChange } from './folder.js';
import { type Keeper, ledgersBy } from './keeper.js';
import { TABLES } from './rows/index.js';
import type { Table } from './rows/table.js';

/** How long after a write that failed it is tried again, where no change comes before. */
const RETRY_MS = 1_000;

/** What has become of a record since the last write. */
interface Note {
  readonly table: TableName;
  isRemoved: boolean;
}

/** Somebody who waits until what was noted is on the disk. */
interface Waiter {
  kept(): void;
  failed(error: unknown): 'gives up' | 'waits on';
}

/**
 * Writes what has changed into the data folder.
 *
 * The state only notes *that* a record has changed. At the end of a turn of the event loop the journal takes all notes,
 * writes down how their records are now, and has them written in one transaction with one flush; what is noted meanwhile is
 * the next batch. So a record that changes a hundred times between two flushes is written once, and each batch shows the
 * world as it was between two turns: requests are carried out within one turn, so a batch holds all of a request or nothing.
 */
export class Journal implements Keeper {
  readonly ledgers: Ledgers;
  readonly #folder: DataFolder;
  #noted = new Map<object, Note>();
  /** Those who wait for what is being written, and for what is noted beyond it. */
  #current: Waiter[] = [];
  #next: Waiter[] = [];
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(folder: DataFolder) {
    this.#folder = folder;
    this.ledgers = ledgersBy(
      (table): Ledger<object> => ({
        put: (record) => this.#note(record, table, false),
        remove: (record) => this.#note(record, table, true),
      }),
    );
  }

  get isBehind(): boolean {
    return this.#noted.size > 0 || this.#writing !== undefined;
  }

  saved(): Promise<void> {
    if (!this.isBehind) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#wait({
        kept: resolve,
        failed(error) {
          reject(error);
          return 'gives up';
        },
      });
    });
  }

  afterSaved(run: () => void): void {
    if (this.isBehind) this.#wait({ kept: run, failed: () => 'waits on' });
    else run();
  }

  async close(): Promise<void> {
    try {
      // What is written may call somebody who changes something.
      while (this.isBehind) await this.saved();
    } finally {
      clearTimeout(this.#retry);
      await this.#folder.close();
    }
  }

  #wait(waiter: Waiter): void {
    (this.#noted.size > 0 ? this.#next : this.#current).push(waiter);
    if (this.#noted.size > 0) this.#start();
  }

  #note(record: object, table: TableName, isRemoved: boolean): void {
    const note = this.#noted.get(record);
    // Noted in place: rows are kept in the order in which their records came into being.
    if (note === undefined) this.#noted.set(record, { table, isRemoved });
    else note.isRemoved = isRemoved;
    this.#start();
  }

  #start(): void {
    this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    clearTimeout(this.#retry);
    await endOfTurn();
    while (this.#noted.size > 0) {
      const notes = this.#noted;
      this.#noted = new Map();
      this.#current = this.#next;
      this.#next = [];
      try {
        await this.#folder.write(changesOf(notes));
      } catch (error) {
        this.#writing = undefined;
        this.#takeBack(notes, error);
        return;
      }
      const kept = this.#current;
      this.#current = [];
      // Before they are told: to them, everything is kept. What they change is the next one's to write.
      const isDone = this.#noted.size === 0;
      if (isDone) this.#writing = undefined;
      for (const waiter of kept) waiter.kept();
      if (isDone) return;
    }
  }

  /** What could not be written is noted again, before what was noted since. */
  #takeBack(notes: Map<object, Note>, error: unknown): void {
    for (const [record, note] of this.#noted) notes.set(record, note);
    this.#noted = notes;
    const waiting = [...this.#current, ...this.#next];
    this.#current = [];
    this.#next = [];
    for (const waiter of waiting) if (waiter.failed(error) === 'waits on') this.#next.push(waiter);
    this.#retry = setTimeout(() => this.#start(), RETRY_MS).unref();
  }
}

function changesOf(notes: Map<object, Note>): RowChange[] {
  const changes: RowChange[] = [];
  for (const [record, { table, isRemoved }] of notes) {
    const { keyOf, rowOf } = TABLES[table] as unknown as Table<object>;
    changes.push({ table, key: keyOf(record), row: isRemoved ? undefined : rowOf(record) });
  }
  return changes;
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
