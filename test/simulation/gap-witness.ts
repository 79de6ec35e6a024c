import type { SequenceGapInfo } from '../../src/realtime/index.js';
import type { Facts } from './facts.js';
import { isOwed, keyOf, type Stored } from './stored.js';

export interface GapWitnessPorts {
  readonly facts: Facts;
  readonly gapGiveUpMs: number;
  readonly hasRest: boolean;
  /** Whether ranges of seqs may be forgotten for want of room. */
  readonly forgets: boolean;
  historyOf(conversationId: string): readonly Stored[];
  /** Whether REST has ever refused history for good. */
  historyRefused(): boolean;
  /** A far-off message was delivered by itself. */
  onStray(conversationId: string, seq: number): void;
}

/** Watches the reports: nothing is claimed that is not so, nothing is given up too soon, and what is named is named. */
export class GapWitness {
  constructor(private readonly ports: GapWitnessPorts) {}

  reported(report: SequenceGapInfo): void {
    const { facts } = this.ports;
    const { conversationId, missing, reason, recovered } = report;
    const ranges = missing.map(({ from, to }) => `${from}-${to}`).join(',');
    facts.note(
      () =>
        `report   ${conversationId} ${report.expectedSeq}..${report.bufferedSeq} ${reason} ` +
        `recovered=${recovered} missing=${ranges} after ${Math.round(report.gapMs)} ms`,
    );
    if (recovered !== (reason === 'gap_filled'))
      facts.object('GAP-3', `recovered=${recovered} for ${reason}`);
    if (recovered && missing.length > 0) facts.object('GAP-3', `recovered, and yet ${ranges} is missing`);
    if (missing.length > 0) this.judgeMissing(report, ranges);
    else if (!recovered) this.judgeUnnamed(report);
  }

  private judgeMissing(report: SequenceGapInfo, ranges: string): void {
    const { facts, gapGiveUpMs, hasRest, forgets } = this.ports;
    const wasForgotten = forgets && report.reason === 'buffer_overflow';
    if (hasRest && report.gapMs < gapGiveUpMs && !this.ports.historyRefused() && !wasForgotten)
      facts.object('GAP-2', `${ranges} was given up after ${Math.round(report.gapMs)} ms`);
    for (const stored of this.ports.historyOf(report.conversationId)) {
      const { seq } = stored.message;
      if (!report.missing.some(({ from, to }) => seq >= from && seq <= to)) continue;
      const key = keyOf(stored.message);
      if (isOwed(stored) && facts.handledInLife.has(key) && !facts.strays.has(key))
        facts.object('GAP-3', `${key} was named as missing, and is handled`);
      facts.named.add(key);
    }
  }

  /** Not recovered, and nothing named: far-off by itself (GAP-2), or begun without an answer (ORD-3). */
  private judgeUnnamed({ conversationId, expectedSeq, bufferedSeq }: SequenceGapInfo): void {
    if (bufferedSeq === null) return;
    if (bufferedSeq > expectedSeq) {
      this.ports.onStray(conversationId, bufferedSeq);
      return;
    }
    // Nobody will ever say what is older where history is refused for good.
    if (this.ports.hasRest && !this.ports.historyRefused()) return;
    for (const stored of this.ports.historyOf(conversationId)) {
      if (stored.message.seq < bufferedSeq) this.ports.facts.named.add(keyOf(stored.message));
    }
  }
}
