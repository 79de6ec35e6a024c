/** How long a gap waits for natural arrival: a number of milliseconds, or learned from what was seen (GAP-1). */
export type GapFillWindow = number | 'adaptive';

const DEFAULT_WINDOW_MS = 2_000;
/** Outcomes that are remembered, and how many make a judgement. */
const REMEMBERED = 32;
const ENOUGH = 8;
/** The share of gaps that must close by themselves for waiting to be worth it. */
const WORTH_WAITING = 1 / 4;
/** A wait that nobody notices is worth it for fewer, too. */
const UNNOTICED_MS = 50;
/** The share of the late frames that a wait is to cover: one straggler does not make everybody wait. */
const COVERED = 0.9;
/** What was learned is stretched, and a little is added: the next frame may be later, and timers are not exact. */
const STRETCH = 1.5;
const MARGIN_MS = 10;

/** How one gap ended: milliseconds until what was missing came by itself, or -1 when it did not. */
export interface GapOutcome {
  ms: number;
}

/**
 * The window of `'adaptive'`. Gaps that close by themselves teach how late frames can be; gaps that never do teach
 * that waiting is pointless. A gap that was filled tells nothing at first: what was missing may have come by itself a
 * moment later, and when it does, its outcome is corrected. So a window that has become too short grows again.
 *
 * Starts at two seconds, never exceeds them, and is 0 while most gaps have to be filled anyway.
 */
export class GapWindow {
  private outcomes: GapOutcome[] = [];
  private learned = DEFAULT_WINDOW_MS;

  constructor(private readonly setting: GapFillWindow = DEFAULT_WINDOW_MS) {}

  get current(): number {
    return this.setting === 'adaptive' ? this.learned : this.setting;
  }

  /** What comes later than this was not worth waiting for in any case. */
  get longest(): number {
    return this.setting === 'adaptive' ? DEFAULT_WINDOW_MS : this.setting;
  }

  closedByItself(afterMs: number): void {
    this.remember({ ms: afterMs });
  }

  hadToBeFilled(): GapOutcome {
    const outcome = { ms: -1 };
    this.remember(outcome);
    return outcome;
  }

  /** What was filled has come by itself after all. */
  cameAfterAll(outcome: GapOutcome, afterMs: number): void {
    outcome.ms = Math.max(outcome.ms, afterMs);
    this.learn();
  }

  private remember(outcome: GapOutcome): void {
    if (this.setting !== 'adaptive') return;
    this.outcomes.push(outcome);
    if (this.outcomes.length > REMEMBERED) this.outcomes.shift();
    this.learn();
  }

  private learn(): void {
    const { outcomes } = this;
    if (outcomes.length < ENOUGH) return;
    const late = outcomes.map(({ ms }) => ms).filter((ms) => ms >= 0);
    late.sort((a, b) => a - b);
    const typical = late[Math.ceil(late.length * COVERED) - 1] ?? 0;
    const window = Math.min(DEFAULT_WINDOW_MS, typical * STRETCH + MARGIN_MS);
    const worthIt = late.length >= outcomes.length * WORTH_WAITING;
    this.learned = late.length > 0 && (worthIt || window <= UNNOTICED_MS) ? window : 0;
  }
}
