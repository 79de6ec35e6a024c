import type { Clock, TimerHandle } from '../../clock/index.js';
import { readSeq } from '../../wire/index.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';
import { UNANCHORED } from '../order/conversation.js';
import type { Sequencer } from '../order/sequencer.js';
import { readDate } from '../read-date.js';
import type { RealtimeSource } from '../source.js';
import { Life } from '../util/life.js';
import { LruSet } from '../util/lru-set.js';
import type { Drain } from './drain.js';
import { CLOCK_SKEW_SLACK_MS } from './history.js';
import type { BackgroundRest } from './rest-gate.js';

const LIST_PAGE = 100;
/** Conversations are listed by activity, newest first: so many pages are looked at, at most. */
const LIST_PAGES_AT_MOST = 50;
/** Activity older than the last look, minus this, has been looked at. */
const OVERLAP_MS = 300_000;
/** Conversations that were turned away and are remembered until the next look, at most. */
const MOST_TURNED_AWAY = 10_000;
/**
 * Seqs so far away that history has to confirm them: so many in one look, and none that it denied again so soon. A
 * history that lags behind the list denies what it shows a little later, so that is not for long.
 */
const DOUBTS_PER_LOOK = 8;
const DENIAL_LASTS_MS = 120_000;
const MOST_DENIALS = 1_000;

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
  private denials = new LruSet<string>(MOST_DENIALS);
  private denialsSince = 0;
  private doubtsLeft = DOUBTS_PER_LOOK;
  /** What was known of conversations that the sequencer had no room for (GAP-4). They come first in the next look. */
  private leftOver: Map<string, number> | null = null;

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
    const { leftOver } = this;
    this.leftOver = null;
    for (const [id, newest] of leftOver ?? []) this.note(id, newest);
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
    if (known) this.note(id, newest);
    return fresh;
  }

  private note(id: string, newest: number): void {
    if (!this.isPlausible(id, newest)) return;
    if (this.ports.sequencer().noteKnown(id, newest)) this.ports.counters.reconciled += 1;
  }

  /**
   * GAP-4: too many conversations wait, so this one does not. The list names those first that were active last, so
   * without a memory the same ones would take all places at each look.
   */
  turnedAway(id: string, newest: number): void {
    this.leftOver ??= new Map();
    if (this.leftOver.size < MOST_TURNED_AWAY) this.leftOver.set(id, newest);
  }

  /** GAP-2: a list of absurd seqs must not keep history busy with questions. */
  private isPlausible(id: string, seq: number): boolean {
    if (!this.ports.sequencer().isFarOff(id, seq)) return true;
    if (this.doubtsLeft === 0 || this.denials.has(denialOf(id, seq))) return false;
    this.doubtsLeft -= 1;
    return true;
  }

  /** History says that this far-off seq does not exist. */
  denied(id: string, seq: number): void {
    if (this.denials.size === 0) this.denialsSince = this.ports.clock.now();
    this.denials.add(denialOf(id, seq));
  }

  /** Nothing is asked about a second time before everything was asked about once. */
  private renewDoubts(): void {
    const someWereLeft = this.doubtsLeft > 0;
    this.doubtsLeft = DOUBTS_PER_LOOK;
    if (someWereLeft && this.ports.clock.now() - this.denialsSince >= DENIAL_LASTS_MS)
      this.denials = new LruSet(MOST_DENIALS);
  }
}

function denialOf(conversationId: string, seq: number): string {
  return `${conversationId} ${seq}`;
}
