import { AgentChatError } from '../../errors/index.js';
import type { RestPorts } from '../catchup/rest-ports.js';
import type { Lives } from '../util/life.js';
import { failureOf, pause, Retrying } from '../util/retrying.js';
import { Ledger, type LedgerAnswer } from './ledger.js';
import { Unconfirmed } from './unconfirmed.js';

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
