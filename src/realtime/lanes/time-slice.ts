import type { Clock } from '../../clock/index.js';

/** BP-2: what handlers may use of the event loop in one go. */
const SLICE_MS = 30;
/** A call that takes no longer than this is no work: what it costs is mostly to read its frame. It lengthens the slice. */
const QUICK_MS = 0.03;
/** The longest slice, however many calls were quick. */
const LONGEST_MS = 200;
/** So many quick calls share one look at the clock: 70 to 95 ns each, as measured on Node 20. */
const QUICK_CALLS_PER_LOOK = 4;

/**
 * BP-2: handlers that work without ever waiting would keep the event loop for themselves: no ack would leave, no signal be
 * heard. So once they have used a slice of time the lanes hold the next messages back until the loop has had a turn.
 *
 * A slice begins with the first call after a turn of the loop. Nothing runs while no handler is called.
 */
export class TimeSlice {
  /** True from when the slice is used up until the loop has had its turn. A plain field: it is read for every message. */
  isOver = false;
  private isOpen = false;
  private startedAt = 0;
  private calls = 0;
  private untilLook = 0;
  private waiters: (() => void)[] = [];
  private readonly turn = () => this.turned();

  /** `onTurn`: the loop has had its turn, and handlers that were held back may be called. */
  constructor(
    private readonly clock: Clock,
    private readonly onTurn: () => void,
  ) {}

  /** Before a handler is called. */
  begin(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.startedAt = this.clock.now();
    this.calls = 0;
    this.untilLook = 1;
    this.clock.defer(this.turn);
  }

  /** A handler has returned. */
  called(): void {
    this.calls += 1;
    this.untilLook -= 1;
    if (this.untilLook <= 0) this.look();
  }

  /** Some code of the user has run, wherever: is the slice over? */
  look(): void {
    this.begin();
    const usedMs = this.clock.now() - this.startedAt;
    const quickMs = this.calls * QUICK_MS;
    this.untilLook = usedMs < quickMs ? QUICK_CALLS_PER_LOOK : 1;
    if (usedMs > Math.min(SLICE_MS + quickMs, LONGEST_MS)) this.isOver = true;
  }

  /** Resolves after the next turn of the loop. Others may have used up that slice by then. */
  next(): Promise<void> {
    this.begin();
    return new Promise((resolve) => {
      this.waiters.push(resolve);
    });
  }

  private turned(): void {
    this.isOpen = false;
    const wasOver = this.isOver;
    this.isOver = false;
    for (const resolve of this.waiters.splice(0)) resolve();
    if (wasOver) this.onTurn();
  }
}
