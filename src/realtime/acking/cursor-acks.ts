import { AgentChatError } from '../../errors/index.js';
import type { RestPorts } from '../catchup/rest-gate.js';
import type { Lives } from '../util/life.js';
import { failureOf, pause, Retrying } from '../util/retrying.js';
import { Ledger, type LedgerAnswer } from './ledger.js';

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
  private ledger: Ledger | null = null;
  private cursor: string | null = null;
  private sentAt = Number.NEGATIVE_INFINITY;
  private sending: Promise<void> | null = null;

  constructor(
    private readonly ports: RestPorts,
    private readonly lives: Lives,
  ) {}

  /** A pass through the queue begins at its front. What the one before it listed comes again. */
  beginPass(): void {
    this.ledger = new Ledger((cursor) => this.advance(cursor));
  }

  /** The pass has read a row, whose message goes to its handlers. */
  listed(messageId: string, deliveryId: string | null): void {
    this.ledger?.add(messageId, deliveryId);
  }

  /** The pass has read a row that can never be handled. */
  malformed(): void {
    this.ledger?.addMalformed();
  }

  /** What the handled message means for the cursor. */
  handled(messageId: string): LedgerAnswer {
    return this.pending === 0 ? 'unknown' : (this.ledger?.handled(messageId) ?? 'unknown');
  }

  /** Rows that wait for their handlers. */
  get pending(): number {
    return this.ledger?.pending ?? 0;
  }

  /** Resolves when fewer than `count` rows wait for their handlers. */
  async whenBelow(count: number): Promise<void> {
    await this.ledger?.whenBelow(count);
  }

  /** Everything at or before `cursor` has been handled. */
  advance(cursor: string): void {
    this.cursor = cursor;
    this.resume();
  }

  /** Sends what is due, unless the client is stopped. */
  resume(): void {
    if (this.sending !== null || this.cursor === null || this.lives.current.ended) return;
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
    const life = this.lives.current;
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
  /** Rows that no request has covered yet. */
  private waiting = new Map<string, string[]>();
  /** Rows that are covered by the request under way, or by one that failed. */
  private asked = new Map<string, string[]>();
  private count = 0;

  constructor(private readonly most = MOST) {}

  /** False when there is no room for one more. */
  add(conversationId: string, messageId: string): boolean {
    if (this.count >= this.most) return false;
    this.count += 1;
    const ids = this.waiting.get(conversationId);
    if (ids === undefined) this.waiting.set(conversationId, [messageId]);
    else ids.push(messageId);
    return true;
  }

  /** The rows of a conversation, oldest first. They are acknowledged otherwise, so they are forgotten here. */
  take(conversationId: string): readonly string[] {
    if (this.count === 0) return NONE;
    const ids = [...(this.asked.get(conversationId) ?? []), ...(this.waiting.get(conversationId) ?? [])];
    this.asked.delete(conversationId);
    this.waiting.delete(conversationId);
    this.count -= ids.length;
    return ids;
  }

  /** A request leaves that covers every row so far. */
  ask(): void {
    for (const [conversationId, ids] of this.waiting) {
      const earlier = this.asked.get(conversationId);
      if (earlier === undefined) this.asked.set(conversationId, ids);
      else earlier.push(...ids);
    }
    this.waiting = new Map();
  }

  /** The service has taken it. After a failure nothing is called: the next request covers them as well. */
  confirm(): void {
    for (const ids of this.asked.values()) this.count -= ids.length;
    this.asked = new Map();
  }
}
