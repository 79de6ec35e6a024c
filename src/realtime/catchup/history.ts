import {
  HISTORY_PAGE_MAX,
  isMessageLike,
  type Message,
  messageProblem,
  readDate,
  readSeq,
  withSender,
} from '../../wire/index.js';
import { type Bounds, TIMING } from '../bounds.js';
import { messageEvent } from '../events.js';
import type { Arrival } from '../order/arrival.js';
import type { Sequencer } from '../order/sequencer.js';
import type { FetchPurpose, OrderEvent } from '../order/step.js';
import type { SourceHistoryOptions } from '../source.js';
import { failureOf, Retrying } from '../util/retrying.js';
import { fieldsOf } from './answers.js';
import { CLOCK_SKEW_SLACK_MS, type Comparison } from './comparison.js';
import type { Deafness } from './deafness.js';
import type { Demand } from './demand.js';
import type { UndeliveredQueue } from './gap-look.js';
import { HistoryLine } from './history-line.js';
import { type Agenda, parkDelay } from './parking.js';
import type { RestPorts } from './rest-gate.js';

/** About five minutes of asking. */
const LOOKS_AT_MOST = 24;

/** Reads `getMessages` for the sequencer: pages of a fill, far-off seqs, what is older, parked messages. */
export class History {
  private readonly line: HistoryLine;
  private readonly demand: Demand;

  constructor(
    private readonly ports: RestPorts,
    bounds: Bounds,
    private readonly sequencer: Sequencer,
    private readonly comparison: Comparison,
    private readonly deafness: Deafness,
    private readonly agenda: Agenda,
    queue: UndeliveredQueue,
  ) {
    this.line = new HistoryLine(ports.clock, ports.lives, bounds, agenda, queue);
    this.demand = ports.rest.pagesOf(HISTORY_PAGE_MAX);
  }

  /** One page above `after`: of a gap (GAP-2), or of which only what was shed is wanted (BP-1). */
  fetch(conversationId: string, after: number, purpose: FetchPurpose): void {
    const { line, sequencer } = this;
    const tell = this.tellerOf(conversationId);
    const isForGap = purpose === 'gap';
    line.join(
      {
        wanted: () => (isForGap ? sequencer.needsHistory(conversationId) : this.isWaiting(conversationId)),
        run: async () => {
          const rows = await this.readAbove(conversationId, after);
          if (isForGap) this.tellFound(conversationId, rows);
          tell({ kind: 'page', purpose, after, rows });
        },
        failed: (error) => tell({ kind: 'fetch-failed', purpose, ...failureOf(error) }),
        dropped: () => tell({ kind: 'fetch-dropped' }),
      },
      isForGap,
    );
  }

  /** REP-5: answers are for the conversation that asked. It may go to another replica and come back meanwhile, and know more. */
  private tellerOf(conversationId: string): (event: OrderEvent) => void {
    const { sequencer } = this;
    const asking = sequencer.conversations.get(conversationId);
    return (event) => {
      if (sequencer.conversations.get(conversationId) === asking) sequencer.tell(conversationId, event);
    };
  }

  private tellFound(conversationId: string, rows: readonly Arrival[]): void {
    for (const { message, seq } of rows) {
      if (message !== null && !this.sequencer.knows(conversationId, seq)) this.deafness.found(message);
    }
  }

  private async readAbove(conversationId: string, after: number): Promise<Arrival[]> {
    const { page } = await this.readPage(conversationId, { afterSeq: Math.max(after, 0) });
    const rows = this.arrivals(conversationId, page).filter((arrival) => arrival.seq > after);
    return rows.sort((a, b) => a.seq - b.seq);
  }

  /** GAP-2: does history know this far-off seq? Anything but a clear yes is a no; a clear no is remembered. */
  confirm(conversationId: string, seq: number): void {
    const tell = this.tellerOf(conversationId);
    const confirmed = (exists: boolean) => tell({ kind: 'confirmed', seq, exists });
    this.line.join({
      wanted: () => this.isWaiting(conversationId),
      run: async () => {
        const page = await this.read(conversationId, { afterSeq: seq - 1, limit: 1 });
        const exists = this.arrivals(conversationId, page).some((arrival) => arrival.seq === seq);
        if (!exists) this.comparison.denied(conversationId, seq);
        confirmed(exists);
      },
      failed: (error) => {
        if (failureOf(error).final) this.comparison.denied(conversationId, seq);
        confirmed(false);
      },
    });
  }

  /**
   * ORD-3 without ack mode: rows older than `before` that were written since our first `hello.ok`. Goes on when the
   * conversation has started without an answer: what is found then is delivered late.
   */
  lookBehind(
    id: string,
    before: number,
    wantedAt = this.ports.clock.now(),
    retrying = new Retrying(this.ports.clock, TIMING.fillBackoffMin, TIMING.fillBackoffMax),
  ): void {
    this.line.join({
      wanted: () => this.sequencer.remembers(id),
      run: async () => {
        const askedAt = this.ports.clock.now();
        const unbroken = await this.readBehind(id, before);
        // As in a fill: what is being written may still be invisible while a later message is not.
        if (!unbroken && askedAt < wantedAt + TIMING.holeSettle) throw HISTORY_LAGS;
        this.sequencer.tell(id, { kind: 'looked', failed: false });
      },
      failed: (error) => {
        const { final, retryAfterMs } = failureOf(error);
        if (final || retrying.failures >= LOOKS_AT_MOST) {
          this.sequencer.tell(id, { kind: 'looked', failed: true });
          return;
        }
        const again = () => this.lookBehind(id, before, wantedAt, retrying);
        this.agenda.after(retrying.failed(retryAfterMs), again);
      },
    });
  }

  /** Returns whether everything from `before` down to what is not ours was shown. */
  private async readBehind(conversationId: string, before: number): Promise<boolean> {
    let next = before - 1;
    let unbroken = true;
    for (let beforeSeq = before; ; ) {
      const { page: rows, limit } = await this.readPage(conversationId, { beforeSeq });
      const page = this.arrivals(conversationId, rows);
      // CATCH-4: now, since it may be this very answer that says what time it is for the service.
      const { since } = this.comparison;
      const ours = page.filter((arrival) => arrival.seq < beforeSeq && isSince(arrival.message, since));
      this.tellFound(conversationId, ours);
      for (const arrival of ours) this.sequencer.arrive(arrival, false);
      if (beforeSeq === before && !page.some((arrival) => arrival.seq === before - 1)) throw HISTORY_LAGS;
      for (const { seq, message } of page.sort((a, b) => b.seq - a.seq)) {
        unbroken &&= seq >= next;
        if (!isSince(message, since)) return unbroken;
        next = seq - 1;
      }
      // Nothing is older than the first seq.
      if (page.length < limit) return unbroken && next < 1;
      beforeSeq = Math.min(...page.map((arrival) => arrival.seq));
    }
  }

  /** HND-1: fetches a parked message again, later each time. */
  schedulePark(conversationId: string, seq: number, times: number, patienceMs?: number): void {
    this.agenda.after(parkDelay(times, patienceMs), () => this.refetchParked(conversationId, seq, times));
  }

  private refetchParked(conversationId: string, seq: number, times: number): void {
    this.line.join({
      wanted: () => this.sequencer.isParked(conversationId, seq),
      run: async () => {
        const page = await this.read(conversationId, { afterSeq: Math.max(seq - 1, 0), limit: 1 });
        const found = this.arrivals(conversationId, page).find((arrival) => arrival.seq === seq);
        if (found?.event == null) this.sequencer.forgetParked(conversationId, seq, 'gone');
        else this.sequencer.redeliver(conversationId, found.event, seq);
      },
      failed: (error) => {
        if (failureOf(error).final) this.sequencer.forgetParked(conversationId, seq, 'refused');
        else this.schedulePark(conversationId, seq, times);
      },
    });
  }

  /** CATCH-2: one page, of as many rows as links of late have let come. */
  private async readPage(
    conversationId: string,
    options: SourceHistoryOptions,
  ): Promise<{ page: unknown; limit: number }> {
    const { rest, source, lives } = this.ports;
    let asked = HISTORY_PAGE_MAX;
    const ask = (call: object, limit: number) => {
      asked = limit;
      return source.getMessages(conversationId, { limit, ...options, ...call });
    };
    const page: unknown = await rest.run(ask, lives.current, this.demand);
    return { page, limit: asked };
  }

  /** What takes one row only. */
  private read(conversationId: string, options: SourceHistoryOptions): Promise<unknown> {
    const { rest, source, lives } = this.ports;
    const ask = (call: object) => source.getMessages(conversationId, { ...options, ...call });
    return rest.run(ask, lives.current);
  }

  /**
   * The rows of a page, as arrivals. One that has a seq and cannot be used otherwise still takes its place: left out, it
   * would pass for a hole (GAP-3).
   */
  private arrivals(conversationId: string, page: unknown): Arrival[] {
    if (!Array.isArray(page)) throw new TypeError('getMessages did not return an array');
    const arrivals: Arrival[] = [];
    for (const row of page) {
      const seq = readSeq(fieldsOf(row).seq);
      if (seq === undefined) continue;
      if (isMessageLike(row) && row.conversation_id === conversationId) {
        const payload = withSender(row);
        const event = messageEvent(payload);
        arrivals.push(this.sequencer.arrivalOf(event, payload, seq, 'fill'));
      } else {
        const problem = messageProblem(row) ?? 'it belongs to another conversation';
        const message = `Message ${seq} of ${conversationId} cannot be used as history shows it: ${problem}.`;
        this.ports.complaints.tell(`${conversationId}:${seq}`, message);
        const at = this.ports.clock.now();
        const nothing = { message: null, event: null, source: 'fill', redelivered: false } as const;
        arrivals.push({ ...nothing, seq, at, standing: 'unusable' });
      }
    }
    return arrivals;
  }

  private isWaiting(conversationId: string): boolean {
    return this.sequencer.conversations.get(conversationId)?.busy?.sequence != null;
  }
}

const HISTORY_LAGS = /* @__PURE__ */ new Error('History does not show yet what has been seen already.');

function isSince(message: Message | null, since: number): boolean {
  const written = readDate(message?.created_at);
  // A row without a readable date is taken for ours: late beats lost.
  return Number.isNaN(written) || written >= since - CLOCK_SKEW_SLACK_MS;
}
