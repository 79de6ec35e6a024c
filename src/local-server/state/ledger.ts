/**
 * Is told what changes in a table, by whoever changes it. What becomes of it, and when, is not the state's business
 * (`data/journal.ts`); a server without a data folder forgets it at once.
 */
export interface Ledger<Entry extends object> {
  /** The record is new, or has changed. */
  put(record: Entry): void;
  /** The record is no more. */
  remove(record: Entry): void;
}
