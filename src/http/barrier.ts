import type { Clock } from '../clock/index.js';
import { isTooQuick, Pace, Tally } from './pace.js';
import { JITTER } from './retry-policy.js';
import { Round, type Turn, type WaitEnd } from './turn.js';
import { startTimer } from './wait.js';

/** New calls beyond so many are not taken in; those that were refused always are. */
const MOST_WAITING = 10_000;
/** Several clients that were refused together come back spread over this at most. */
const MOST_JITTER_MS = 1_000;
/** Nobody waits longer for the answer of the call that goes first, which may never come. */
const FIRST_ANSWER_MS = 1_000;
/** What a late timer makes up for. More would leave in one go. */
const LATE_MS = 50;
/** A barrier at which nobody had to wait for so long is taken down. */
const QUIET_MS = 1_000;

/** A refusal that closes a barrier. */
export interface Refusal {
  /** When the refused call left. */
  readonly leftAt: number;
  /** The service's `Retry-After`, 0 without one. */
  readonly retryAfterMs: number;
  /** The pause after so many refusals in a row, without a hint. */
  backoffMs(failures: number): number;
}

/**
 * Where calls of one kind wait after a 429 (RATE-1): closed until the time that the service asked for; then one call goes, and
 * when that gets through the others follow at a measured pace, the oldest first (RATE-2). The next refusal closes it again.
 */
export class Barrier {
  readonly kind: string;
  readonly #clock: Clock;
  readonly #pace = new Pace();
  /** What the service took of the calls of this kind. */
  readonly #taken = new Tally();
  readonly #refused = new Tally();
  /** What it took of all calls in the second before it refused the first. */
  readonly #takenBefore: number;
  readonly #refusedFirstAt: number;
  /** Sorted by age, but for who steps aside. */
  readonly #line: Turn[] = [];
  #round: Round | undefined;
  /** Rounds in which nobody got through: in a row, and in all. */
  #inVain = 0;
  #allInVain = 0;
  #closedUntil = 0;
  #jitterMs = 0;
  /** Who goes first, alone, and since when. */
  #first: { readonly turn: Turn; readonly leftAt: number } | undefined;
  #flows = false;
  #hasFlowed = false;
  #nextAt = 0;
  /** Refused when it went first: it lets another one try. */
  #stepsAside: Turn | undefined;
  /** To whom those spoke that were refused since the last one got through: it may be about them alone. */
  readonly #refusing = new Set<string | undefined>();
  #waitedAt = 0;
  #stopTimer: (() => void) | undefined;

  /** @param takenBefore How many calls the service took in the second before. @param leftAt When the call left that it refused. */
  constructor(kind: string, clock: Clock, takenBefore: number, leftAt: number) {
    this.kind = kind;
    this.#clock = clock;
    this.#takenBefore = takenBefore;
    this.#refusedFirstAt = leftAt;
  }

  /** Nobody may leave before. */
  get closedUntil(): number {
    return this.#closedUntil + this.#jitterMs;
  }

  get isFull(): boolean {
    return this.#line.length >= MOST_WAITING;
  }

  /** Nobody has had to wait for a while: calls may go as they please again. */
  isOver(now: number): boolean {
    if (this.#line.length > 0 || this.#first !== undefined) return false;
    return now >= Math.max(this.closedUntil, this.#waitedAt + QUIET_MS);
  }

  /** How long a call waits here at least. */
  waitMs(now: number): number {
    return Math.max(0, this.#openAt() - now);
  }

  /** Takes a call in; `turn.end` is called once, perhaps at once, unless it {@link leave}s before. */
  join(turn: Turn): void {
    turn.joinedAt = this.#allInVain;
    const line = this.#line;
    line.splice(this.#placeOf(turn), 0, turn);
    const now = this.#clock.now();
    if (line.length > 1) this.#waitedAt = now;
    if (this.#stopTimer === undefined) this.#pump();
  }

  #placeOf(turn: Turn): number {
    const { length } = this.#line;
    const younger = this.#line.findIndex(({ age }) => age > turn.age);
    if (younger < 0) return length;
    return turn === this.#stepsAside ? Math.max(1, younger) : younger;
  }

  /** A call gives up waiting. */
  leave(turn: Turn): void {
    const at = this.#line.indexOf(turn);
    if (at >= 0) this.#line.splice(at, 1);
    if (this.#line.length === 0) this.#disarm();
  }

  /** Takes the place of another one: it stays closed as long, and who waits there is sent here. */
  replace(other: Barrier): void {
    this.#stayClosedUntil(other.#closedUntil);
    other.#disarm();
    for (const turn of other.#line.splice(0)) turn.end?.('moved');
  }

  /** A call got through, wherever it had waited. */
  passed(turn: Turn, leftAt: number): void {
    this.#taken.add(leftAt);
    const round = this.#round;
    if (round === undefined || turn.round !== round) return;
    round.passed += 1;
    this.#inVain = 0;
    this.#stepsAside = undefined;
    this.#refusing.clear();
    const now = this.#clock.now();
    if (!this.#flows && now >= this.closedUntil) this.#flow(now);
    this.#pump();
  }

  /** A call that had left came to nothing that says whether it got through. It was not refused, then. */
  unknown(turn: Turn): void {
    if (this.#first?.turn !== turn) return;
    this.#first = undefined;
    const now = this.#clock.now();
    if (now >= this.closedUntil) this.#flow(now);
    this.#pump();
  }

  /** A call was refused. False: it is to wait by itself, nothing is said about others. */
  refused(turn: Turn, { leftAt, retryAfterMs, backoffMs }: Refusal): boolean {
    const now = this.#clock.now();
    this.#refused.add(leftAt);
    // Calls that left together are refused together: the first of them closes the barrier.
    const news = this.#round === undefined || turn.round === this.#round;
    if (!news && retryAfterMs === 0) return true;
    if (news && this.#round !== undefined) this.#round.refused += 1;
    if (news && this.#flows && !this.#wasTooQuick(leftAt)) return false;
    if (news) this.#close(turn, leftAt);
    const delayMs = news ? Math.max(retryAfterMs, backoffMs(this.#inVain + 1)) : retryAfterMs;
    // The backoff has jitter of its own.
    if (news) {
      const spreadMs = delayMs === retryAfterMs ? Math.min(JITTER * retryAfterMs, MOST_JITTER_MS) : 0;
      this.#jitterMs = spreadMs * this.#clock.random();
    }
    this.#stayClosedUntil(now + delayMs);
    this.#flows = false;
    this.#first = undefined;
    this.#pump();
    return true;
  }

  #stayClosedUntil(time: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, time);
  }

  #wasTooQuick(leftAt: number): boolean {
    const { passed, refused } = this.#round as Round;
    return isTooQuick(
      Math.min(refused, this.#refused.perSecond(leftAt)),
      Math.min(passed, this.#taken.perSecond(leftAt)),
    );
  }

  #close(turn: Turn, leftAt: number): void {
    const before = this.#round;
    this.#round = new Round();
    if (before === undefined) return;
    if (before.passed > 0) {
      this.#pace.slowDown(this.#taken.perSecond(leftAt));
      return;
    }
    this.#inVain += 1;
    this.#allInVain += 1;
    this.#stepsAside = turn;
    this.#refusing.add(turn.addressee);
    // RATE-3: who waits has been refused with the one that went first.
    const hopeless = this.#line.filter(
      ({ failures, maxRetries, joinedAt }) =>
        failures + Math.min(this.#inVain, this.#allInVain - joinedAt) > maxRetries,
    );
    for (const each of hopeless) this.#dismiss(each, 'in_vain');
  }

  #flow(now: number): void {
    this.#flows = true;
    this.#first = undefined;
    this.#nextAt = now;
    if (this.#hasFlowed) this.#pace.resume(now);
    else this.#pace.begin(this.#takenBefore + this.#taken.perSecond(this.#refusedFirstAt), now);
    this.#hasFlowed = true;
  }

  /** When the next one may leave. */
  #openAt(): number {
    if (this.#flows) return this.#nextAt;
    const first = this.#first;
    return first === undefined
      ? this.closedUntil
      : Math.max(this.closedUntil, first.leftAt + FIRST_ANSWER_MS);
  }

  #pump(): void {
    this.#disarm();
    for (let turn = this.#next(); turn !== undefined; turn = this.#next()) {
      const now = this.#clock.now();
      const waitMs = this.#openAt() - now;
      if (waitMs > 0) {
        this.#stopTimer = startTimer(this.#clock, () => this.#pump(), waitMs);
        return;
      }
      if (this.#first !== undefined) this.#flow(now);
      turn.round = this.#round;
      if (this.#flows) this.#nextAt = Math.max(this.#nextAt, now - LATE_MS) + this.#pace.intervalMs(now);
      else this.#first = { turn, leftAt: now };
      this.#dismiss(turn, 'go');
    }
  }

  /** The oldest; to find out whether anybody gets through, the oldest that speaks to somebody else than those before it. */
  #next(): Turn | undefined {
    const [oldest] = this.#line;
    if (this.#flows || this.#first !== undefined || this.#refusing.size === 0) return oldest;
    return this.#line.find(({ addressee }) => !this.#refusing.has(addressee)) ?? oldest;
  }

  #dismiss(turn: Turn, how: WaitEnd): void {
    this.#line.splice(this.#line.indexOf(turn), 1);
    turn.end?.(how);
  }

  #disarm(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
