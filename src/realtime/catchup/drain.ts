import {
  type Message,
  readDate,
  readSeq,
  SYNC_PAGE_MAX,
  syncRowProblem,
  withSender,
} from '../../wire/index.js';
import type { CursorAcks, Ledger } from '../acking/cursor-acks.js';
import { type Bounds, TIMING } from '../bounds.js';
import type { Session } from '../connection/session.js';
import { messageEvent } from '../events.js';
import { PassLog } from '../explain/journal.js';
import { NO_SEQ } from '../order/arrival.js';
import type { Sequencer } from '../order/sequencer.js';
import type { Tenancy } from '../replicas/tenancy.js';
import { LazyMap, LruSet } from '../util/collections.js';
import type { Life } from '../util/life.js';
import { type Failure, pause, Retrying, Trouble } from '../util/retrying.js';
import { fieldsOf } from './answers.js';
import type { Comparison } from './comparison.js';
import type { Deafness } from './deafness.js';
import type { Demand } from './demand.js';
import type { History } from './history.js';
import type { RestPorts } from './rest-gate.js';

/** A page whose handlers are slow holds the next one back at most this long: one stuck lane must not stop the rest. */
const PAGE_PATIENCE_MS = 1_000;
/** Messages that are remembered as counted. Beyond it the oldest may be counted again. */
const MOST_TOLD = 10_000;
/** Passes after the first of a session do not follow each other faster. */
const PASS_SPACING_MS = 500;

interface Page {
  readonly rows: readonly unknown[];
  /** It has as many rows as were asked for, so there may be more (CATCH-2: not as many as may be asked for). */
  readonly full: boolean;
}

interface Pass {
  readonly isFirst: boolean;
  readonly ledger: Ledger;
  news: number;
  /** Conversations of which a row was left to somebody else: what follows of them need not be the oldest. */
  readonly skipped: Set<string>;
}

/**
 * Reads what was missed offline (CATCH-1): after every `hello.ok`, page by page through `sync`, into the same sequencer
 * and lanes as live frames. Later passes of a session are looks (ORD-3) and reconciles: same reading, same rules.
 */
export class Drain {
  private wanted = false;
  private lastPassAt = Number.NEGATIVE_INFINITY;
  /** ORD-3: conversations that wait for the end of a pass, and the seq below which they look. */
  private lookers = new LazyMap<string, number>();
  private session: Session | null = null;
  /** True from `hello.ok` until everything that was undelivered has been read. A plain field: it is read for every message. */
  draining = false;
  readonly trouble: Trouble;
  private loop: Promise<void> | null = null;
  private passWaiters: ((news: number) => void)[] = [];
  /** What was news once. A message that was shed comes again with each pass, and is none then. */
  private readonly told = new LruSet<string>(MOST_TOLD);
  readonly passes = new PassLog();
  /** The end of the service's last `Retry-After`. */
  private notBefore = Number.NEGATIVE_INFINITY;
  private readonly demand: Demand;

  constructor(
    private readonly ports: RestPorts,
    private readonly bounds: Bounds,
    private readonly sequencer: Sequencer,
    private readonly acks: CursorAcks,
    private readonly history: History,
    private readonly comparison: Comparison,
    private readonly deafness: Deafness,
    /** Null without replicas. */
    private readonly tenancy: Tenancy | null,
  ) {
    this.demand = ports.rest.pagesOf(SYNC_PAGE_MAX);
    this.trouble = new Trouble(
      'sync() failed, so what was missed offline is not read yet. It is tried again; see the cause.',
      ports.listener,
    );
  }

  get busy(): boolean {
    return this.loop !== null;
  }

  get inSession(): boolean {
    return this.session !== null;
  }

  sessionStarted(session: Session, drainNow: boolean): void {
    this.session = session;
    this.draining = drainNow;
    if (drainNow || this.lookers.size > 0) void this.request();
  }

  /**
   * A pass that is under way goes on: its rows are good whatever becomes of the socket. Where no session lives long
   * enough for a whole pass, this is what gets through.
   */
  sessionEnded(): void {
    this.session = null;
    this.wanted = false;
    for (const done of this.passWaiters.splice(0)) done(0);
    if (!this.draining) return;
    this.draining = false;
    this.sequencer.runner.drainEnded();
  }

  /**
   * One more pass, as soon as the running one is over. Resolves when it is, with the number of messages that it brought to
   * light; with 0 when there is no session.
   */
  request(): Promise<number> {
    if (this.session === null) return Promise.resolve(0);
    this.wanted = true;
    const done = new Promise<number>((resolve) => {
      this.passWaiters.push(resolve);
    });
    this.start();
    return done;
  }

  private start(): void {
    if (this.loop !== null || !this.wanted || this.session === null || this.ports.lives.current.ended) return;
    this.loop = this.run(this.ports.lives.current).finally(() => {
      this.loop = null;
      // A pass may have been asked for in the moment in which the loop ended.
      this.start();
    });
  }

  /** ORD-3: tell this conversation when a pass that begins from now on has ended. */
  look(conversationId: string, before: number): void {
    // More than can be remembered start without an answer, and the same pass brings what is older.
    if (this.lookers.size < this.bounds.idleConversations) this.lookers.set(conversationId, before);
    void this.request();
  }

  private async run(life: Life): Promise<void> {
    const { ports } = this;
    while (this.wanted && this.session !== null && !life.ended) {
      const sincePass = ports.clock.now() - this.lastPassAt;
      if (!this.draining && sincePass < PASS_SPACING_MS) {
        // ORD-3: a burst of new conversations shares its looks, rather than asking as fast as the service answers.
        await pause(ports.clock, PASS_SPACING_MS - sincePass, life);
        continue;
      }
      const { session } = this;
      this.lastPassAt = ports.clock.now();
      this.wanted = false;
      const served = this.lookers;
      const waiters = this.passWaiters.splice(0);
      this.lookers = new LazyMap();
      this.passes.began(ports.clock.now());
      const pass = {
        isFirst: this.draining,
        ledger: this.acks.beginPass(),
        news: 0,
        skipped: new Set<string>(),
      };
      const complete = await this.read(pass, life);
      this.passes.ended(complete, ports.clock.now());
      for (const done of waiters) done(pass.news);
      if (!complete) {
        // The next pass answers them.
        for (const [id, before] of served) this.lookers.set(id, before);
        continue;
      }
      if (this.draining && this.session === session) {
        this.draining = false;
        this.sequencer.runner.drainEnded();
        // CATCH-1: what a dead socket of an earlier session may have swallowed.
        void this.comparison.run();
      }
      for (const [id, before] of served) this.answer(id, before);
    }
  }

  /** A pass has ended. Where a session without acks came in between, the queue may have lost what is older: history tells. */
  private answer(id: string, before: number): void {
    if (this.comparison.hadLegacySession) this.history.lookBehind(id, before);
    else this.sequencer.tell(id, { kind: 'looked', failed: false });
  }

  /** Returns false when it was given up before its end. */
  private async read(pass: Pass, life: Life): Promise<boolean> {
    const seen = new Set<string>();
    let next = this.page({}, life);
    for (;;) {
      const page = await next;
      if (page === null) return false;
      const { rows, full } = page;
      const cursor = lastCursor(rows);
      const more = full && cursor !== undefined && !seen.has(cursor);
      if (full && !more)
        this.ports.complaints.tell(
          'stuck',
          'A full page of undelivered messages has no cursor to go on from.',
        );
      if (cursor !== undefined) seen.add(cursor);
      if (more) next = this.page({ after: cursor }, life);
      this.passes.read(rows.length);
      for (const row of rows) this.takeRow(row, pass);
      if (!more) return true;
      const patience = pause(this.ports.clock, PAGE_PATIENCE_MS, life);
      await Promise.race([pass.ledger.whenBelow(this.bounds.drainPending), patience]);
    }
  }

  /**
   * One page, however often it has to be asked for while there is a session: a failing sync is a deaf bot. Null when it
   * is not to be had.
   */
  private page(query: { after?: string }, life: Life): Promise<Page | null> {
    const { clock, rest, source } = this.ports;
    let asked = SYNC_PAGE_MAX;
    const ask = (call: object, limit: number) => {
      asked = limit;
      return source.sync({ limit, ...query, ...call });
    };
    const retrying = new Retrying(clock);
    const read = async () => {
      if (retrying.failures > 0 && this.session === null) return null;
      // What the service said to an earlier life, before a stop, holds for this one.
      const early = this.notBefore - clock.now();
      if (early > 0) await pause(clock, early, life);
      // Without a turn: one page follows the other, and later passes keep their distance.
      const rows: unknown = await rest.runNow(ask, life, this.demand);
      if (!Array.isArray(rows)) throw NO_ROWS;
      const readable = rows.map(readableRow);
      this.trouble.over();
      return { rows: readable, full: rows.length >= asked };
    };
    return retrying.until(life, read, (error) => this.pageFailed(error));
  }

  private pageFailed(error: unknown): Failure {
    if (error === NO_ROWS) {
      this.trouble.kind = 'sync() did not return an array';
      this.ports.complaints.tell('shape', NO_ROWS.message);
      return { final: false, retryAfterMs: TIMING.syncBackoffMax };
    }
    const { retryAfterMs } = this.trouble.failed(error);
    this.notBefore = this.ports.clock.now() + retryAfterMs;
    return { final: false, retryAfterMs };
  }

  /** CATCH-1: good rows behind a malformed one are handled; the bad one is reported once. */
  private takeRow(row: unknown, pass: Pass): void {
    const { sequencer } = this;
    const { counters, complaints } = this.ports;
    counters.received += 1;
    counters.drainedRows += pass.isFirst ? 1 : 0;
    const problem = syncRowProblem(row);
    if (problem !== null) {
      pass.ledger.addMalformed();
      counters.malformed += 1;
      complaints.tell(rowKey(row), `A row of undelivered messages cannot be used: ${problem}.`);
      return;
    }
    const message = withSender(row as Message);
    // REP-4: its owner reads the queue too.
    if (this.tenancy?.owns(message.conversation_id) === false) {
      pass.skipped.add(message.conversation_id);
      return;
    }
    const seq = readSeq(message.seq);
    if (seq === undefined || !sequencer.knows(message.conversation_id, seq)) this.unknown(message, pass);
    pass.ledger.add(message.id, message.delivery_id ?? null);
    const event = messageEvent(message);
    if (seq === undefined) {
      sequencer.arriveUnordered(sequencer.arrivalOf(event, message, NO_SEQ, 'drain'));
    } else {
      // ORD-3: whatever is older than the oldest undelivered row has been acknowledged, in ack mode. Where that was not
      // negotiated at all times, it is only known of what was written before our first session.
      const { hadLegacySession, since } = this.comparison;
      const isOldest = !hadLegacySession || readDate(message.created_at) < since;
      const anchors = isOldest && !pass.skipped.has(message.conversation_id);
      sequencer.accept(event, message, 'drain', anchors);
    }
  }

  /** CATCH-1: a row of which nothing has been heard. One that was shed is not known either, but was counted before. */
  private unknown(message: Message, pass: Pass): void {
    if (!pass.isFirst) this.deafness.found(message);
    if (this.told.has(message.id)) return;
    this.told.add(message.id);
    pass.news += 1;
    if (!pass.isFirst) this.ports.counters.reconciled += 1;
  }
}

/** `sync` gave something else than a list of rows. Told by identity: what a source throws may not even bear `instanceof`. */
const NO_ROWS = /* @__PURE__ */ new Error('sync() did not return an array of rows.');

/** JSON holds nothing that throws when it is read. What a source of somebody's own gives may. */
function readableRow(row: unknown): unknown {
  try {
    syncRowProblem(row);
    return row;
  } catch {
    return undefined;
  }
}

function lastCursor(rows: readonly unknown[]): string | undefined {
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const { delivery_id: cursor } = fieldsOf(rows[at]);
    if (typeof cursor === 'string' && cursor !== '') return cursor;
  }
  return undefined;
}

function rowKey(row: unknown): string {
  const { id, delivery_id } = fieldsOf(row);
  return `row:${short(delivery_id)}:${short(id)}`;
}

/** Of what a bad row may hold, only a string is safe to touch. */
function short(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : typeof value;
}
