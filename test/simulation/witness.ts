import type { EventContext, MessageEvent, SequenceGapInfo } from '../../src/realtime/index.js';
import type { StoredCursor } from '../../src/stores/index.js';
import { BOT, type Stored } from './model-service.js';

/** Sees everything that handlers, reports, acknowledgements and the store see, and objects when a rule is broken. */
export class Witness {
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Messages handled in any life. */
  readonly handled = new Set<string>();
  /** Messages that a report named as missing, in any life. */
  readonly named = new Set<string>();
  /** Messages that no client could still have delivered. */
  readonly excused = new Set<string>();
  /** Handler calls so far. */
  starts = 0;
  private inThisLife = new Set<string>();
  private readonly atWork = new Map<string, string>();
  private highest = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  note(line: string): void {
    this.trace.push(`${String(Math.round(this.now())).padStart(8)}  ${line}`);
  }

  object(rule: string, what: string): void {
    this.note(`!! ${rule}: ${what}`);
    this.violations.push(`${rule}: ${what} (at ${Math.round(this.now())} ms)`);
  }

  newLife(): void {
    this.inThisLife = new Set();
    this.atWork.clear();
    this.highest = new Map();
  }

  handlerStarts({ payload }: MessageEvent, context: EventContext): void {
    const { id, conversation_id: conversation, seq, sender } = payload;
    this.starts += 1;
    this.note(
      `handler  ${id} ${conversation}#${seq} ${context.source}${context.late ? ' late' : ''} try ${context.attempt}`,
    );
    const other = this.atWork.get(conversation);
    if (other !== undefined)
      this.object('ORD-1', `${id} began while ${other} of ${conversation} was at work`);
    if (this.inThisLife.has(id)) this.object('ONCE', `${id} was given to handlers after it was handled`);
    if (sender === BOT) this.object('GAP-5', `own message ${id} was delivered`);
    const highest = this.highest.get(conversation) ?? -1;
    if (!context.late && context.attempt === 1 && seq <= highest) {
      this.object('ORD-1', `${id} #${seq} began after #${highest} of ${conversation}`);
    }
    this.highest.set(conversation, Math.max(highest, seq));
    this.atWork.set(conversation, id);
  }

  handlerEnds({ payload }: MessageEvent, succeeded: boolean): void {
    this.atWork.delete(payload.conversation_id);
    if (!succeeded) return;
    this.handled.add(payload.id);
    this.inThisLife.add(payload.id);
  }

  acked(stored: Stored, how: string): void {
    const { id } = stored.message;
    this.note(`acked    ${id} by ${how}`);
    if (how !== 'write' && !this.handled.has(id))
      this.object('ACK-1', `${id} was acknowledged unhandled, by ${how}`);
  }

  saved(cursors: readonly StoredCursor[], history: ReadonlyMap<string, readonly Stored[]>): void {
    for (const { conversationId, expected, floor, missing, parked } of cursors) {
      this.note(`saved    ${conversationId} expected ${expected}`);
      for (const stored of history.get(conversationId) ?? []) {
        const { seq, id, sender } = stored.message;
        if (seq < floor || seq >= expected || sender === BOT || stored.hidden) continue;
        const owed =
          missing.some(({ from, to }) => seq >= from && seq <= to) ||
          parked.some((entry) => entry.seq === seq);
        if (!owed && !this.handled.has(id)) this.object('ACK-1', `the cursor passed ${id} #${seq} unhandled`);
      }
    }
  }

  gap(report: SequenceGapInfo, history: ReadonlyMap<string, readonly Stored[]>): void {
    const ranges = report.missing.map(({ from, to }) => `${from}-${to}`).join(',');
    this.note(
      `report   ${report.conversationId} ${report.reason} recovered=${report.recovered} missing=${ranges}`,
    );
    for (const stored of history.get(report.conversationId) ?? []) {
      const { seq, id } = stored.message;
      if (report.missing.some(({ from, to }) => seq >= from && seq <= to)) this.named.add(id);
    }
    if (report.recovered && report.missing.length > 0)
      this.object('GAP-3', 'recovered, and yet something is missing');
  }

  /** STOP-1, LIVE: what must hold when everything has calmed down. */
  atTheEnd(inbox: readonly Stored[], ackMode: boolean): void {
    for (const { message, hidden, state } of inbox) {
      const { id, conversation_id: conversation, seq } = message;
      if (hidden || this.excused.has(id)) continue;
      if (!this.handled.has(id) && !this.named.has(id))
        this.object('LOST', `${id} ${conversation}#${seq} (${state})`);
      if (ackMode && this.handled.has(id) && state !== 'delivered') {
        this.object('ACK-1', `${id} ${conversation}#${seq} was handled and never acknowledged`);
      }
    }
  }

  noStorm(opened: readonly number[], attempts: number, windowMs: number): void {
    for (let at = attempts; at < opened.length; at += 1) {
      const span = (opened[at] ?? 0) - (opened[at - attempts] ?? 0);
      if (span < windowMs) this.object('RCN-1', `${attempts + 1} attempts within ${Math.round(span)} ms`);
    }
  }
}
