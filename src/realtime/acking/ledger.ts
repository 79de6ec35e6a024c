import { LruSet } from '../util/collections.js';

/** Rows behind an unhandled one that are kept in the list. The undelivered queue itself has no bound. */
const MOST_ROWS = 10_000;
/** Rows at the front that are over, before the list is shortened by them. */
const COMPACT_AFTER = 1_024;

/** What the ledger says about a message that has been handled. */
export type LedgerAnswer =
  /** It was no row of the running drain. */
  | 'unknown'
  /** The REST cursor covers it. */
  | 'covered'
  /** No cursor covers it: an unhandled row stands before it, which no cursor may pass (ACK-2), or it has none itself. */
  | 'behind';

interface Row {
  readonly deliveryId: string | null;
  done: boolean;
}

/**
 * The rows of one drain, in the service's order. Their acknowledgement is positional ("everything at or before this
 * cursor"), so it may only ever reach the end of the contiguous handled prefix (ACK-2).
 *
 * Bounded: a long queue behind handlers that cannot keep up is listed up to a point, and from there on not at all (BP-1).
 */
export class Ledger {
  private readonly rows: Row[] = [];
  private readonly open = new Map<string, Row>();
  private readonly cursors: LruSet<string>;
  private head = 0;
  private full = false;
  private waiters: { below: number; resolve: () => void }[] = [];

  /** `onCursor` gets each cursor that may be acknowledged. */
  constructor(
    private readonly onCursor: (cursor: string) => void,
    private readonly most = MOST_ROWS,
  ) {
    this.cursors = new LruSet(most);
  }

  /** Rows that have not been handled. */
  get pending(): number {
    return this.open.size;
  }

  add(id: string, deliveryId: string | null): void {
    if (this.isFull()) return;
    // A row that is listed twice is done when the first is, and its cursor means the place of the first.
    const isListed = deliveryId !== null && this.cursors.has(deliveryId);
    if (deliveryId !== null) this.cursors.add(deliveryId);
    const row = { deliveryId: isListed ? null : deliveryId, done: this.open.has(id) };
    this.rows.push(row);
    if (!row.done) this.open.set(id, row);
  }

  /** A row that can never be handled. The cursor stays before it; what is behind is acknowledged otherwise. */
  addMalformed(): void {
    if (this.isFull()) return;
    this.rows.push({ deliveryId: null, done: false });
  }

  handled(id: string): LedgerAnswer {
    const row = this.open.get(id);
    if (row === undefined) return 'unknown';
    this.open.delete(id);
    row.done = true;
    let cursor: string | null = null;
    for (let next = this.rows[this.head]; next?.done === true; next = this.rows[this.head]) {
      cursor = next.deliveryId === null || next.deliveryId === '' ? cursor : next.deliveryId;
      this.head += 1;
    }
    this.compact();
    if (cursor !== null) this.onCursor(cursor);
    this.wake();
    // A row without a cursor is covered by that of a later one; as long as there is none, by nothing.
    return cursor === null ? 'behind' : 'covered';
  }

  /** Resolves when fewer than `count` rows wait for their handlers. */
  whenBelow(count: number): Promise<void> {
    if (this.open.size < count) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiters.push({ below: count, resolve });
    });
  }

  /** No cursor may pass a row that is not listed, so once one was left out, all that follow are. */
  private isFull(): boolean {
    if (this.rows.length - this.head >= this.most) this.full = true;
    return this.full;
  }

  private compact(): void {
    if (this.head < COMPACT_AFTER) return;
    this.rows.splice(0, this.head);
    this.head = 0;
  }

  private wake(): void {
    if (this.waiters.length === 0) return;
    const due = this.waiters.filter((waiter) => this.open.size < waiter.below);
    this.waiters = this.waiters.filter((waiter) => this.open.size >= waiter.below);
    for (const waiter of due) waiter.resolve();
  }
}
