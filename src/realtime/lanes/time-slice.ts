import type { Clock } from '../../clock/index.js';

/** BP-2: what handlers may use of the event loop in one go. */
const SLICE_MS = 30;
/** A call that takes no longer than this is no work: what it costs is mostly to read its frame. It lengthens the slice. */
const QUICK_MS = 0.03;
/** The longest slice, however many calls were quick. */
const LONGEST_MS = 200;
/** The socket rests for no longer at a time: its end has to be seen. */
const LONGEST_REST_MS = 1_000;
/** Nor again and again for longer: a ping of the service stands in line behind all that waits, and has to be answered. */
const MOST_RESTING_MS = 5_000;
/** So many quick calls share one look at the clock: 70 to 95 ns each, as measured on Node 20. */
const QUICK_CALLS_PER_LOOK = 2;
/** So many handlers that have returned a promise may be under way that were called in one turn. What they do next, all do in one go. */
const AT_ONCE = 4;

/** What brings the messages. It can be asked to rest: then the service's next ones wait in its own buffers. */
export interface Inflow {
  pauseReading(): void;
  resumeReading(): void;
}

/**
 * BP-2: handlers that work without ever waiting would keep the event loop for themselves: no ack would leave, no signal be
 * heard. So once they have used a slice of time the lanes hold the next messages back until the loop has had a turn.
 *
 * Handlers that return promises may work behind them, all in one go and unseen: so only a few begin in one turn, and only one
 * after a turn that was used up. Those that end in the turn they began in make room for others.
 *
 * A slice begins with the first call after a turn of the loop. Nothing runs while no handler is called. While messages are
 * held back no more are read, or a burst would fill the lanes that quick handlers could have emptied in time.
 */
export class TimeSlice {
  /** True while messages are held back. A plain field: it is read for every message. */
  isOver = false;
  /** The time of this turn is used up. */
  private isUsedUp = false;
  /** Counts the turns of the loop in which handlers were called. */
  private turnNumber = 0;
  /** Calls of this turn that are not over, and how many there may be. */
  private underWay = 0;
  private atOnce = AT_ONCE;
  private isOpen = false;
  /** On the monotonic clock. */
  startedAt = 0;
  private calls = 0;
  private untilLook = 0;
  private waiters: (() => void)[] = [];
  /** Since when nothing is read; null while it is. */
  private restsSince: number | null = null;
  /** Since when it rests again and again, because more waits than handlers get done; null once they have caught up. */
  private behindSince: number | null = null;
  private readonly turn = () => this.turned();

  /** `onTurn`: the loop has had its turn, and handlers that were held back may be called. */
  constructor(
    private readonly clock: Clock,
    private readonly onTurn: () => void,
    private readonly inflow: Inflow,
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
    if (usedMs <= Math.min(SLICE_MS + quickMs, LONGEST_MS)) return;
    this.isUsedUp = true;
    this.hold();
  }

  /** A handler has returned a promise. Returns the number of the turn, for {@link ended}. */
  begun(): number {
    this.begin();
    this.underWay += 1;
    if (this.underWay >= this.atOnce) this.hold();
    return this.turnNumber;
  }

  /** A call is over that had begun in that turn. Others may be begun for it. */
  ended(turnNumber: number): void {
    if (turnNumber !== this.turnNumber) return;
    this.underWay -= 1;
    // What was read is given out; more is read from the next turn on. A pause and a resume for each call cost more than the call.
    if (this.isOver && !this.isUsedUp) this.isOver = false;
  }

  private hold(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.restsSince !== null) return;
    const now = this.clock.now();
    this.behindSince ??= now;
    if (now - this.behindSince >= MOST_RESTING_MS) return;
    this.restsSince = now;
    this.inflow.pauseReading();
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
    this.turnNumber += 1;
    this.underWay = 0;
    this.atOnce = this.isUsedUp ? 1 : AT_ONCE;
    const wasOver = this.isOver;
    this.isOver = false;
    this.isUsedUp = false;
    for (const resolve of this.waiters.splice(0)) resolve();
    if (wasOver) this.onTurn();
    this.readOn();
  }

  /** What was held back is with its handlers; or they need so long for it that the socket must be heard. */
  private readOn(): void {
    if (!this.isOver) this.behindSince = null;
    if (this.restsSince === null || (this.isOver && this.clock.now() - this.restsSince < LONGEST_REST_MS))
      return;
    this.restsSince = null;
    this.inflow.resumeReading();
  }
}
