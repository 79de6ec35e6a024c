import type { GapOutcome } from './gap-window.js';
import type { Gap } from './sequence.js';

/** Gaps that are watched at the same time. Those of one moment teach the same. */
const WATCHED_AT_MOST = 64;

/** A gap of which history was asked: what was missing may still come by itself, and tell how late it was. */
export interface AskedGap {
  readonly conversationId: string;
  readonly gap: Gap;
  readonly through: number;
  /** Milliseconds until what was missing came by itself; -1 while it has not. */
  lateMs: number;
  closed: boolean;
  /** What the window remembers of it, once it is closed. */
  outcome: GapOutcome | null;
}

/** The gaps that were asked about lately, oldest first. */
export class AskedGaps {
  private gaps: AskedGap[] = [];

  /** A page is asked for: of a gap that is known, or of a new one. */
  note(conversationId: string, gap: Gap): void {
    if (this.of(gap) !== undefined) return;
    this.gaps.push({ conversationId, gap, through: gap.through, lateMs: -1, closed: false, outcome: null });
    if (this.gaps.length > WATCHED_AT_MOST) this.gaps.shift();
  }

  of(gap: Gap): AskedGap | undefined {
    return this.gaps.find((asked) => asked.gap === gap);
  }

  /** The gap in which a frame lands that came by itself at `at`, at most `longest` milliseconds after it had opened. */
  landing(conversationId: string, seq: number, at: number, longest: number): AskedGap | undefined {
    if (this.gaps.length === 0) return undefined;
    this.gaps = this.gaps.filter(({ gap }) => at - gap.since <= longest);
    return this.gaps.find(
      (asked) => asked.conversationId === conversationId && seq >= asked.gap.from && seq <= asked.through,
    );
  }
}
