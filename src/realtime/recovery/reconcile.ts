import type { Clock, TimerHandle } from '../../clock/index.js';
import { readSeq } from '../../wire/index.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../counters.js';
import { Life } from '../life.js';
import { LruSet } from '../lru-set.js';
import { readDate } from '../read-date.js';
import { UNANCHORED } from '../sequencer/conversation.js';
import type { Sequencer } from '../sequencer/sequencer.js';
import type { RealtimeSource } from '../source.js';
import type { BackgroundRest } from './background-rest.js';
import type { Drain } from './drain.js';
import { CLOCK_SKEW_SLACK_MS } from './history.js';

const LIST_PAGE = 100;
/** Conversations are listed by activity, newest first: so many pages are looked at, at most. */
const LIST_PAGES_AT_MOST = 50;
/** Activity older than the last look, minus this, has been looked at. */
const OVERLAP_MS = 300_000;
/** Seqs so far away that history has to confirm them: so many are asked about in one look, and none again so soon. */
const DOUBTS_PER_LOOK = 8;
const DOUBT_SPACING_MS = 600_000;

export interface ReconcilePorts {
  readonly clock: Clock;
  readonly source: RealtimeSource;
  readonly rest: BackgroundRest;
  readonly drain: Drain;
  readonly counters: Counters;
  readonly intervalMs: number;
  readonly hasStore: boolean;
  sequencer(): Sequencer;
}

/**
 * Finds a lost *last* message, which no later seq betrays (CATCH-1). In ack mode the undelivered queue tells; without
 * it, messages count as delivered once they were written to a socket that may have been dead, so the conversation list
 * is compared with what has arrived.
 */
export class Reconcile {
  private timer: TimerHandle = null;
  private life = new Life();
  private listedAt: number | null = null;
  private firstHelloAt: number | null = null;
  /** A session without ack mode may have lost what it was written: the list is worth a look from then on. */
  hadLegacySession = false;
  private doubted = new LruSet<string>(1_000);
  private doubtedSince = Number.NEGATIVE_INFINITY;
  private doubtsLeft = 0;

  constructor(private readonly ports: ReconcilePorts) {}

  /** When the first session of this client began, on the wall clock: what is older was never ours (ORD-3). */
  get since(): number {
    return this.firstHelloAt ?? this.ports.clock.wallNow();
  }

  sessionStarted(session: Session): void {
    this.firstHelloAt ??= this.ports.clock.wallNow();
    if (!session.ackMode) this.hadLegacySession = true;
    this.life = new Life();
    this.arm(session);
  }

  sessionEnded(): void {
    this.life.end();
    this.ports.clock.clearTimer(this.timer);
    this.timer = null;
  }

  /** After the drain of a session: what a dead socket of an earlier one may have swallowed. */
  afterDrain(): void {
    if (this.hadLegacySession) void this.compareList(this.life);
  }

  /** One look, now. Also what answers "is this silence real?" where a socket cannot be pinged. */
  async look(session: Session): Promise<void> {
    // BP-1: without acks too, a row that found no room in its lane comes with the next pass.
    if (session.ackMode || this.ports.drain.pending > 0) await this.ports.drain.request();
    if (this.hadLegacySession) await this.compareList(this.life);
  }

  private arm(session: Session): void {
    const { clock, intervalMs } = this.ports;
    const { life } = this;
    if (intervalMs <= 0) return;
    this.timer = clock.setTimer(
      () => {
        const looked = this.ports.drain.busy && session.ackMode ? Promise.resolve() : this.look(session);
        looked.finally(() => {
          if (!life.ended) this.arm(session);
        });
      },
      intervalMs,
      'background',
    );
  }

  /** Never rejects: what cannot be read now is read at the next look. */
  private async compareList(life: Life): Promise<void> {
    const { source, rest, clock } = this.ports;
    if (source.listConversations === undefined) return;
    const { listedAt } = this;
    this.renewDoubts();
    const startedAt = clock.wallNow();
    try {
      for (let page = 0; page < LIST_PAGES_AT_MOST; page += 1) {
        const query = { limit: LIST_PAGE, offset: page * LIST_PAGE };
        const rows: unknown = await rest.run(
          // Called on the source: it may be a class.
          (call) => source.listConversations?.({ ...query, ...call }) ?? Promise.resolve([]),
          life,
        );
        if (!Array.isArray(rows) || life.ended) return;
        const news = rows.filter((row) => this.compareRow(row, listedAt)).length;
        if (rows.length < LIST_PAGE || news === 0) break;
      }
      this.listedAt = startedAt;
    } catch {
      // The next look comes soon.
    }
  }

  /** Returns false for a row without activity since the last look. */
  private compareRow(row: unknown, listedAt: number | null): boolean {
    if (typeof row !== 'object' || row === null) return true;
    const { id, newest_unread_seq, last_message_at, updated_at } = row as Record<string, unknown>;
    const newest = readSeq(newest_unread_seq);
    const active = readDate(last_message_at ?? updated_at);
    const fresh = listedAt === null || Number.isNaN(active) || active >= listedAt - OVERLAP_MS;
    if (typeof id !== 'string' || newest === undefined) return fresh;
    const sequencer = this.ports.sequencer();
    const expected = sequencer.conversations.get(id)?.expected ?? UNANCHORED;
    const ours = Number.isNaN(active) || active >= this.since - CLOCK_SKEW_SLACK_MS;
    // An unknown conversation is looked into only when it has come to life since we first connected (or a store may
    // know it): what an earlier process has handled is not ours to deliver again.
    const known = expected !== UNANCHORED || ours || this.ports.hasStore;
    if (known && this.isPlausible(id, newest) && sequencer.noteKnown(id, newest)) {
      this.ports.counters.reconciled += 1;
    }
    return fresh;
  }

  /** GAP-2: a list of absurd seqs must not keep history busy with questions. */
  private isPlausible(id: string, seq: number): boolean {
    if (!this.ports.sequencer().isFarOff(id, seq)) return true;
    const key = doubtOf(id, seq);
    if (this.doubtsLeft === 0 || this.doubted.has(key)) return false;
    this.doubtsLeft -= 1;
    this.doubted.add(key);
    return true;
  }

  /** History has not answered whether this far-off seq exists: the next look may ask again. */
  undecided(id: string, seq: number): void {
    this.doubted.delete(doubtOf(id, seq));
  }

  private renewDoubts(): void {
    this.doubtsLeft = DOUBTS_PER_LOOK;
    const now = this.ports.clock.now();
    if (now - this.doubtedSince < DOUBT_SPACING_MS) return;
    this.doubtedSince = now;
    this.doubted = new LruSet(1_000);
  }
}

function doubtOf(conversationId: string, seq: number): string {
  return `${conversationId} ${seq}`;
}
