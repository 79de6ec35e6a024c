/** How long a gap waits for natural arrival: a number of milliseconds, or learned from what was seen (GAP-1). */
export type GapFillWindow = number | 'adaptive';

const DEFAULT_WINDOW_MS = 2_000;
/** Outcomes that are remembered, and how many make a judgement. */
const REMEMBERED = 32;
const ENOUGH = 8;
/** Added to what was learned: timers and loops are not exact. */
const MARGIN_MS = 10;

/**
 * The window of `'adaptive'`. Gaps that close by themselves teach how late frames can be; gaps that never do teach
 * that waiting is pointless. Starts at the default of two seconds and never exceeds it.
 */
export class GapWindow {
  /** Milliseconds until natural arrival; -1 for a gap that had to be filled. */
  private outcomes: number[] = [];

  constructor(private readonly setting: GapFillWindow = DEFAULT_WINDOW_MS) {}

  get current(): number {
    if (this.setting !== 'adaptive') return this.setting;
    if (this.outcomes.length < ENOUGH) return DEFAULT_WINDOW_MS;
    const slowest = Math.max(...this.outcomes);
    if (slowest < 0) return 0;
    return Math.min(DEFAULT_WINDOW_MS, slowest * 1.5 + MARGIN_MS);
  }

  closedByItself(afterMs: number): void {
    this.remember(afterMs);
  }

  hadToBeFilled(): void {
    this.remember(-1);
  }

  private remember(outcome: number): void {
    if (this.setting !== 'adaptive') return;
    this.outcomes.push(outcome);
    if (this.outcomes.length > REMEMBERED) this.outcomes.shift();
  }
}
