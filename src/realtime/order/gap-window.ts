import type { Clock } from '../../clock/index.js';
import { TIMING } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import type { Counters } from '../explain/counters.js';
import { LazyMap } from '../util/collections.js';
import type { Arrival } from './arrival.js';
import type { Gap } from './conversation.js';
import type { Neighbours } from './neighbours.js';

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
  private readonly outcomes: GapOutcome[] = [];
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
    this.remember(afterMs);
  }

  hadToBeFilled(): GapOutcome {
    return this.remember(-1);
  }

  /** What was filled has come by itself after all. */
  cameAfterAll(outcome: GapOutcome, afterMs: number): void {
    outcome.ms = Math.max(outcome.ms, afterMs);
    this.learn();
  }

  private remember(ms: number): GapOutcome {
    const outcome = { ms };
    if (this.setting !== 'adaptive') return outcome;
    this.outcomes.push(outcome);
    if (this.outcomes.length > REMEMBERED) this.outcomes.shift();
    this.learn();
    return outcome;
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

/** Conversations that are remembered as impatient. */
const IMPATIENT_AT_MOST = 10_000;
/** Gaps that are watched at the same time. Those of one moment teach the same. */
const WATCHED_AT_MOST = 64;

/** A gap of which history was asked: what was missing may still come by itself, and tell how late it was. */
interface AskedGap {
  readonly conversationId: string;
  readonly gap: Gap;
  readonly through: number;
  /** Milliseconds until what was missing came by itself; -1 while it has not. */
  lateMs: number;
  closed: boolean;
  /** What the window remembers of it, once it is closed. */
  outcome: GapOutcome | null;
}

/** Counts gaps, learns from how they close, and reports those that did not close by themselves. */
export class GapBook {
  /** Conversations that showed rows which were never pushed (a muted sender): until when they fill at once (GAP-1). */
  private readonly impatient = new LazyMap<string, number>();
  /** Those that history was asked about lately, oldest first. */
  private askedGaps: AskedGap[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly window: GapWindow,
    private readonly counters: Counters,
    private readonly neighbours: Pick<Neighbours, 'observers'>,
  ) {}

  /** How long a gap of this conversation waits for natural arrival. */
  windowOf(id: string): number {
    if (this.clock.now() < (this.impatient.get(id) ?? 0)) return 0;
    this.impatient.delete(id);
    return this.window.current;
  }

  /** History is asked about a gap, perhaps once more. What was missing may still come by itself. */
  asked(conversationId: string, gap: Gap): void {
    if (this.askedGaps.some((asked) => asked.gap === gap)) return;
    const { through } = gap;
    this.askedGaps.push({ conversationId, gap, through, lateMs: -1, closed: false, outcome: null });
    if (this.askedGaps.length > WATCHED_AT_MOST) this.askedGaps.shift();
  }

  /** A message arrives, perhaps in a gap that history was asked about: then it had only been late. */
  arrived(id: string, { seq, source, at }: Arrival): void {
    if (source !== 'live' || this.askedGaps.length === 0) return;
    this.askedGaps = this.askedGaps.filter(({ gap }) => at - gap.since <= this.window.longest);
    const asked = this.askedGaps.find(
      ({ conversationId, gap, through }) => conversationId === id && seq >= gap.from && seq <= through,
    );
    if (asked === undefined) return;
    asked.lateMs = Math.max(asked.lateMs, at - asked.gap.since);
    // Its messages are pushed after all.
    this.impatient.delete(id);
    if (!asked.closed) return;
    asked.outcome ??= this.window.hadToBeFilled();
    this.window.cameAfterAll(asked.outcome, asked.lateMs);
  }

  opened(id: string, gap: Gap): void {
    this.counters.gapsOpened += 1;
    if (gap.asked) this.asked(id, gap);
  }

  closed(id: string, gap: Gap, reason: GapReason | null, missing: SeqRange[]): void {
    const { from, buffered, since } = gap;
    if (reason === null) {
      this.counters.gapsClosedByThemselves += 1;
      if (gap.live) this.window.closedByItself(gap.arrivedAt - since);
      return;
    }
    if (reason === 'gap_filled') {
      this.counters.gapsFilled += 1;
      this.learnFromFill(id, gap);
    } else {
      this.counters.gapsUnfilled += 1;
    }
    this.report(id, from, buffered, this.clock.now() - since, reason, missing);
  }

  /** ORD-3: nobody said in time what is older. */
  startedBlind(id: string, expected: number): void {
    this.report(id, expected, expected, TIMING.lookPatience, 'gap_fill_failed', []);
  }

  private report(
    conversationId: string,
    expectedSeq: number,
    bufferedSeq: number | null,
    gapMs: number,
    reason: GapReason,
    missing: SeqRange[],
  ): void {
    const recovered = reason === 'gap_filled';
    const { observers } = this.neighbours;
    observers.onGap({ conversationId, expectedSeq, bufferedSeq, gapMs, recovered, reason, missing });
  }

  private learnFromFill(id: string, gap: Gap): void {
    const asked = this.askedGaps.find((one) => one.gap === gap);
    if (asked !== undefined) asked.closed = true;
    if (asked !== undefined && asked.lateMs >= 0) {
      this.window.closedByItself(asked.lateMs);
      return;
    }
    // What is known of this conversation (somebody in it is muted) says nothing about the others.
    const outcome = this.impatient.has(id) ? null : this.window.hadToBeFilled();
    if (asked !== undefined) asked.outcome = outcome;
    this.impatient.delete(id);
    this.impatient.set(id, this.clock.now() + TIMING.impatience);
    for (const oldest of this.impatient.keys()) {
      if (this.impatient.size <= IMPATIENT_AT_MOST) return;
      this.impatient.delete(oldest);
    }
  }
}
