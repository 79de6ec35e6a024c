import type { Clock } from '../../clock/index.js';
import { TIMING } from '../bounds.js';
import type { Counters } from '../counters.js';
import type { SequenceGapInfo } from '../events.js';
import type { GapWindow } from './gap-window.js';
import type { SequenceEffect } from './sequence.js';

/** Conversations that are remembered as impatient. */
const IMPATIENT_AT_MOST = 10_000;

/** Counts gaps, learns from how they close, and reports those that did not close by themselves. */
export class GapBook {
  /** Conversations that showed rows which were never pushed (a muted sender): until when they fill at once (GAP-1). */
  private readonly impatient = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly window: GapWindow,
    private readonly counters: Counters,
    private readonly report: (gap: SequenceGapInfo) => void,
  ) {}

  /** How long a gap of this conversation waits for natural arrival. */
  windowOf(id: string): number {
    const until = this.impatient.get(id);
    if (until === undefined) return this.window.current;
    if (this.clock.now() < until) return 0;
    this.impatient.delete(id);
    return this.window.current;
  }

  opened(): void {
    this.counters.gapsOpened += 1;
  }

  closed(id: string, { gap, reason, missing }: Extract<SequenceEffect, { kind: 'gap-closed' }>): void {
    const gapMs = this.clock.now() - gap.since;
    if (reason === null) {
      this.counters.gapsClosedByThemselves += 1;
      this.window.closedByItself(gapMs);
      return;
    }
    const recovered = reason === 'gap_filled';
    if (recovered) {
      this.counters.gapsFilled += 1;
      this.window.hadToBeFilled();
      this.growImpatient(id);
    } else {
      this.counters.gapsUnfilled += 1;
    }
    this.report({
      conversationId: id,
      expectedSeq: gap.from,
      bufferedSeq: gap.buffered,
      gapMs,
      recovered,
      reason,
      missing,
    });
  }

  /** ORD-3: nobody said in time what is older. */
  startedBlind(id: string, expected: number): void {
    this.report({
      conversationId: id,
      expectedSeq: expected,
      bufferedSeq: expected,
      gapMs: TIMING.lookPatience,
      recovered: false,
      reason: 'gap_fill_failed',
      missing: [],
    });
  }

  private growImpatient(id: string): void {
    this.impatient.delete(id);
    this.impatient.set(id, this.clock.now() + TIMING.impatience);
    if (this.impatient.size <= IMPATIENT_AT_MOST) return;
    for (const oldest of this.impatient.keys()) {
      this.impatient.delete(oldest);
      return;
    }
  }
}
