import { AgentChatClientError, isServicesWord, statusOf } from '../../errors/index.js';
import type { RestPorts } from '../catchup/rest-gate.js';
import { LazyMap, LruSet } from '../util/collections.js';
import { Life } from '../util/life.js';
import { failureOf, pause, Retrying } from '../util/retrying.js';

/** At most so often: an acknowledgement covers everything before it, so a few say it all. */
const SPACING_MS = 250;

/**
 * The positional acknowledgement of the undelivered queue (ACK-2): keeps the ledger of the pass that reads it, and sends
 * what that allows, one request at a time, the newest cursor each.
 */
export class CursorAcks {
  /** What the cursors cover that the service has not confirmed yet. */
  readonly unconfirmed = new Unconfirmed();
  /** The rows of the last pass. */
  ledger = this.newLedger();
  private cursor: string | null = null;
  private sentAt = Number.NEGATIVE_INFINITY;
  private sending: Promise<void> | null = null;
  /** The pause after a failed request, if there is one. */
  private pausing: Life | null = null;

  constructor(
    private readonly ports: RestPorts,
    /** REP-4: a cursor covers the rows of other replicas too, so none is ever sent. */
    private readonly isShared = false,
  ) {}

  /** A pass through the queue begins at its front. What the one before it listed comes again. */
  beginPass(): Ledger {
    this.ledger = this.newLedger();
    return this.ledger;
  }

  private newLedger(): Ledger {
    return new Ledger((cursor) => this.advance(cursor));
  }

  get pending(): number {
    return this.ledger.pending;
  }

  /** Everything at or before `cursor` has been handled. */
  advance(cursor: string): void {
    if (this.isShared) return;
    this.cursor = cursor;
    this.resume();
  }

  /** ACK-1: the service is back, so what it refused before is not put off any longer. */
  sessionStarted(): void {
    this.pausing?.end();
  }

  /** Sends what is due, unless the client is stopped. */
  resume(): void {
    if (this.sending !== null || this.cursor === null || this.ports.lives.current.ended) return;
    this.sending = this.send().finally(() => {
      this.sending = null;
      this.resume();
    });
  }

  /** Resolves when nothing is left to acknowledge (or the client stopped). */
  async flush(): Promise<void> {
    await this.sending;
  }

  private told(error: unknown): void {
    if (error instanceof AgentChatClientError) this.ports.listener.onError(error);
  }

  private async send(): Promise<void> {
    const { clock, source, rest, counters } = this.ports;
    const life = this.ports.lives.current;
    // One turn of the loop: rows that are handled synchronously advance the cursor many times.
    await new Promise<void>((resolve) => clock.defer(resolve));
    const retrying = new Retrying(clock);
    while (this.cursor !== null && !life.ended) {
      const tooSoonFor = this.sentAt + SPACING_MS - clock.now();
      if (tooSoonFor > 0) {
        await pause(clock, tooSoonFor, life);
        continue;
      }
      const { cursor } = this;
      this.cursor = null;
      this.sentAt = clock.now();
      this.unconfirmed.ask();
      try {
        await rest.runNow((options) => source.syncAck(cursor, options), life);
        counters.restAcks += 1;
        this.unconfirmed.confirm();
        retrying.succeeded();
      } catch (error) {
        if (life.ended) return;
        const { final, retryAfterMs } = failureOf(error);
        // The rows come again with the next drain, and are acknowledged then.
        if (final) {
          this.told(error);
          continue;
        }
        // CATCH-3: what a stranger refuses is asked again, and told of once.
        if (statusOf(error) !== undefined && !isServicesWord(error) && retrying.failures === 0)
          this.told(error);
        this.cursor ??= cursor;
        await this.pauseAfter(retrying.failed(retryAfterMs), retryAfterMs, life);
      }
    }
  }

  /** A new session ends the pause, but not before the service's `Retry-After` is over. */
  private async pauseAfter(ms: number, retryAfterMs: number, life: Life): Promise<void> {
    const { clock } = this.ports;
    const notBefore = clock.now() + retryAfterMs;
    const pausing = new Life();
    this.pausing = pausing;
    const off = life.onEnd(() => pausing.end());
    await pause(clock, ms, pausing);
    off();
    this.pausing = null;
    if (clock.now() < notBefore) await pause(clock, notBefore - clock.now(), life);
  }
}

/** Rows whose acknowledgement by cursor may be on its way, at most. What is beyond is acknowledged by frame instead. */
const MOST = 10_000;

/**
 * Handled rows that the REST cursor covers, by conversation, until the service has confirmed a cursor at or behind
 * them. The cursor is sent a few times a second, a frame at once, so a message that came live could be acknowledged
 * before the row in front of it; a process that dies in between would leave a hole that its next life, which knows
 * nothing, fills from history: with messages that were acknowledged (ACK-2).
 */
export class Unconfirmed {
  /** Oldest first; the first `asked` ones are covered by the request under way, or by one that failed. */
  private readonly rows = new LazyMap<string, { ids: string[]; asked: number }>();
  private count = 0;

  constructor(private readonly most = MOST) {}

  /** False when there is no room for one more. */
  add(conversationId: string, messageId: string): boolean {
    if (this.count >= this.most) return false;
    this.count += 1;
    const rows = this.rows.get(conversationId);
    if (rows === undefined) this.rows.set(conversationId, { ids: [messageId], asked: 0 });
    else rows.ids.push(messageId);
    return true;
  }

  /** The rows of a conversation, oldest first. They are acknowledged otherwise, so they are forgotten here. */
  take(conversationId: string): readonly string[] {
    const ids = this.rows.get(conversationId)?.ids ?? [];
    this.rows.delete(conversationId);
    this.count -= ids.length;
    return ids;
  }

  /** A request leaves that covers every row so far. */
  ask(): void {
    for (const rows of this.rows.values()) rows.asked = rows.ids.length;
  }

  /** The service has taken it. After a failure nothing is called: the next request covers them as well. */
  confirm(): void {
    for (const [conversationId, rows] of this.rows) {
      this.count -= rows.asked;
      rows.ids.splice(0, rows.asked);
      rows.asked = 0;
      if (rows.ids.length === 0) this.rows.delete(conversationId);
    }
  }
}

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
  private readonly open = new LazyMap<string, Row>();
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
