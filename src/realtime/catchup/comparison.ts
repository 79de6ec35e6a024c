import { readDate, readSeq } from '../../wire/index.js';
import type { Session } from '../connection/session.js';
import { UNANCHORED } from '../order/conversation.js';
import type { Sequencer } from '../order/sequencer.js';
import type { Tenancy } from '../replicas/tenancy.js';
import { LazyMap, LruSet } from '../util/collections.js';
import { Life } from '../util/life.js';
import { fieldsOf } from './answers.js';
import type { Demand } from './demand.js';
import type { RestPorts } from './rest-gate.js';

/** What we know of the service's clock may be this much ahead of it. */
export const CLOCK_SKEW_SLACK_MS = 2_000;
const LIST_PAGE = 100;
/** Conversations are listed by activity, newest first: so many are read, at most. */
const LIST_ROWS_AT_MOST = 5_000;
/** Activity older than the last comparison, minus this, has been compared. */
const OVERLAP_MS = 300_000;
/** Conversations that were turned away and are remembered until the next comparison, at most. */
const MOST_TURNED_AWAY = 10_000;
/**
 * Seqs so far away that history has to confirm them: so many in one comparison, and none that it denied again so soon. A
 * history that lags behind the list denies what it shows a little later, so that is not for long.
 */
const DOUBTS_AT_MOST = 8;
const DENIAL_LASTS_MS = 120_000;
const MOST_DENIALS = 1_000;

/**
 * Compares the list of conversations with what has arrived (CATCH-1): without ack mode, messages count as delivered once
 * they were written to a socket that may have been dead, and the undelivered queue does not show them any more.
 */
export class Comparison {
  private life = new Life();
  private readonly demand: Demand;
  private listedAt: number | null = null;
  private firstHelloAt: number | null = null;
  /** A session without ack mode may have lost what it was written: the list is worth reading from then on. */
  hadLegacySession = false;
  private denials = new LruSet<string>(MOST_DENIALS);
  private denialsSince = 0;
  private doubtsLeft = DOUBTS_AT_MOST;
  /** What was known of conversations that the sequencer had no room for (GAP-4). They come first in the next comparison. */
  private leftOver = new LazyMap<string, number>();

  constructor(
    private readonly ports: RestPorts,
    private readonly sequencer: Sequencer,
    private readonly hasStore: boolean,
    private readonly tenancy: Tenancy | null,
  ) {
    this.demand = ports.rest.pagesOf(LIST_PAGE);
  }

  /** CATCH-4: when the first session of this client began, on the service's clock: what is older was never ours (ORD-3). */
  get since(): number {
    const { clock, serviceClock } = this.ports;
    return serviceClock.earliest(this.firstHelloAt ?? clock.now());
  }

  /** `life` is that of the session. */
  sessionStarted(session: Session, life: Life): void {
    this.firstHelloAt ??= this.ports.clock.now();
    if (!session.ackMode) this.hadLegacySession = true;
    this.life = life;
  }

  /** One comparison, if there is anything to find. Never rejects: what cannot be read now is read the next time. */
  async run(): Promise<void> {
    const { source, clock, serviceClock } = this.ports;
    const { listConversations } = source;
    if (!this.hadLegacySession || listConversations === undefined) return;
    const { life, listedAt, leftOver } = this;
    this.renewDoubts();
    const startedAt = clock.now();
    this.leftOver = new LazyMap();
    for (const [id, newest] of leftOver) this.note(id, newest);
    try {
      for (let offset = 0; offset < LIST_ROWS_AT_MOST; ) {
        const at = offset;
        let asked = LIST_PAGE;
        const ask = (call: object, limit: number) => {
          asked = limit;
          return listConversations.call(source, { limit, offset: at, ...call });
        };
        const rows: unknown = await this.read(ask, life);
        if (!Array.isArray(rows) || life.ended) return;
        const news = rows.filter((row) => this.compareRow(row, listedAt)).length;
        if (rows.length < asked || news === 0) break;
        offset += asked;
      }
      this.listedAt = serviceClock.earliest(startedAt);
    } catch {
      // The next comparison comes soon.
    }
  }

  /** CATCH-2: a page that was too much is asked for again at once, smaller; the last attempt's failure is the comparison's. */
  private async read(ask: (call: object, limit: number) => Promise<unknown>, life: Life): Promise<unknown> {
    const { rest } = this.ports;
    for (;;) {
      const { limit } = this.demand;
      try {
        return await rest.run(ask, life, this.demand);
      } catch (error) {
        if (life.ended || this.demand.limit >= limit) throw error;
      }
    }
  }

  /** Returns false for a row without activity since the last comparison. */
  private compareRow(row: unknown, listedAt: number | null): boolean {
    const { id, newest_unread_seq, last_message_at, updated_at } = fieldsOf(row);
    const newest = readSeq(newest_unread_seq);
    const active = readDate(last_message_at ?? updated_at);
    const fresh = listedAt === null || Number.isNaN(active) || active >= listedAt - OVERLAP_MS;
    if (typeof id !== 'string' || newest === undefined) return fresh;
    const expected = this.sequencer.conversations.get(id)?.expected ?? UNANCHORED;
    const ours = Number.isNaN(active) || active >= this.since - CLOCK_SKEW_SLACK_MS;
    // An unknown conversation is asked about only when it has come to life since we first connected (or a store may
    // know it): what an earlier process has handled is not ours to deliver again.
    const known = expected !== UNANCHORED || ours || this.hasStore;
    if (known) this.note(id, newest);
    return fresh;
  }

  private note(id: string, newest: number): void {
    if (this.tenancy?.owns(id) === false) return;
    if (this.isPlausible(id, newest) && this.sequencer.noteKnown(id, newest))
      this.ports.counters.reconciled += 1;
  }

  /**
   * GAP-4: too many conversations wait, so this one does not. The list names those first that were active last, so
   * without a memory the same ones would take all places at each comparison.
   */
  turnedAway(id: string, newest: number): void {
    if (this.leftOver.size < MOST_TURNED_AWAY) this.leftOver.set(id, newest);
  }

  /** GAP-2: a list of absurd seqs must not keep history busy with questions. */
  private isPlausible(id: string, seq: number): boolean {
    if (!this.sequencer.isFarOff(id, seq)) return true;
    if (this.doubtsLeft === 0 || this.denials.has(denialOf(id, seq))) return false;
    this.doubtsLeft -= 1;
    return true;
  }

  /** History says that this far-off seq does not exist. When it gives no answer, the next comparison may ask again. */
  denied(id: string, seq: number): void {
    if (this.denials.size === 0) this.denialsSince = this.ports.clock.now();
    this.denials.add(denialOf(id, seq));
  }

  /** Nothing is asked about a second time before everything was asked about once. */
  private renewDoubts(): void {
    const someWereLeft = this.doubtsLeft > 0;
    this.doubtsLeft = DOUBTS_AT_MOST;
    if (someWereLeft && this.ports.clock.now() - this.denialsSince >= DENIAL_LASTS_MS)
      this.denials = new LruSet(MOST_DENIALS);
  }
}

function denialOf(conversationId: string, seq: number): string {
  return `${conversationId} ${seq}`;
}
