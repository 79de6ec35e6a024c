import { AgentChatError } from '../../errors/index.js';
import type { RestPorts } from '../catchup/rest-gate.js';
import { failureOf, pause, Retrying } from '../util/retrying.js';
import { Ledger } from './ledger.js';

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

  constructor(private readonly ports: RestPorts) {}

  /** A pass through the queue begins at its front. What the one before it listed comes again. */
  beginPass(): Ledger {
    this.ledger = this.newLedger();
    return this.ledger;
  }

  private newLedger(): Ledger {
    return new Ledger((cursor) => this.advance(cursor));
  }

  /** Rows that wait for their handlers. */
  get pending(): number {
    return this.ledger.pending;
  }

  /** Everything at or before `cursor` has been handled. */
  advance(cursor: string): void {
    this.cursor = cursor;
    this.resume();
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

  private async send(): Promise<void> {
    const { clock, source, rest, counters, listener } = this.ports;
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
        // A refusal is final: the rows come again with the next drain, and are acknowledged then.
        if (error instanceof AgentChatError && error.outcome === 'rejected' && !error.retryable) {
          listener.onError(error);
          continue;
        }
        this.cursor ??= cursor;
        await retrying.pause(life, failureOf(error).retryAfterMs);
      }
    }
  }
}

/** Rows whose acknowledgement by cursor may be on its way, at most. What is beyond is acknowledged by frame instead. */
const MOST = 10_000;

const NONE: readonly string[] = [];

/**
 * Handled rows that the REST cursor covers, by conversation, until the service has confirmed a cursor at or behind
 * them. The cursor is sent a few times a second, a frame at once, so a message that came live could be acknowledged
 * before the row in front of it; a process that dies in between would leave a hole that its next life, which knows
 * nothing, fills from history: with messages that were acknowledged (ACK-2).
 */
export class Unconfirmed {
  /** Oldest first; the first `asked` ones are covered by the request under way, or by one that failed. */
  private readonly rows = new Map<string, { ids: string[]; asked: number }>();
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
    const ids = this.rows.get(conversationId)?.ids ?? NONE;
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
