import type { Ledger } from '../state/ledger.js';
import type { Ledgers, TableName } from '../state/tables.js';
import { TABLES } from './rows/index.js';

/** Looks after what the state notes. What leaves the server (answers, pushes) waits until it is kept. */
export interface Keeper {
  /** Where the state notes its changes. */
  readonly ledgers: Ledgers;
  /** Whether anything was noted that is not kept yet. */
  readonly isBehind: boolean;
  /**
   * Resolves when everything that was noted so far is kept.
   *
   * @throws StoreError when it could not be written. It is tried again later.
   */
  saved(): Promise<void>;
  /** Calls when everything that was noted so far is kept: at once, if it is. */
  afterSaved(run: () => void): void;
  /**
   * Keeps what is not kept yet, and lets go.
   *
   * @throws StoreError when it could not be written: it is lost.
   */
  close(): Promise<void>;
}

/** One ledger for each table. */
export function ledgersBy(make: (table: TableName) => Ledger<object>): Ledgers {
  const entries = (Object.keys(TABLES) as TableName[]).map((table) => [table, make(table)]);
  // A ledger of any records is a ledger of the records of its table.
  return Object.fromEntries(entries) as unknown as Ledgers;
}

/** Of a server without a data folder: what it remembers ends with the process, and nothing has to wait. */
export const NOTHING_KEPT: Keeper = {
  ledgers: ledgersBy(() => ({ put() {}, remove() {} })),
  isBehind: false,
  saved: () => Promise.resolve(),
  afterSaved: (run) => run(),
  close: () => Promise.resolve(),
};
