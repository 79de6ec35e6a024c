const SECOND_MS = 1_000;

/** How many of something there were in the last second. Two numbers and a time, however many there are. */
export class Tally {
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;
  #before = 0;

  add(at: number): void {
    const age = at - this.#since;
    if (age >= SECOND_MS) {
      const adjacent = age < 2 * SECOND_MS;
      this.#before = adjacent ? this.#count : 0;
      this.#since = adjacent ? this.#since + SECOND_MS : at;
      this.#count = 0;
    }
    this.#count += 1;
  }

  /** Those of the second that ended at `at`; what came before it is taken to have come evenly. */
  perSecond(at: number): number {
    const age = Math.max(0, (at - this.#since) / SECOND_MS);
    if (age < 1) return this.#count + this.#before * (1 - age);
    return age < 2 ? this.#count * (2 - age) : 0;
  }
}

/** A refusal among more than so many calls that were taken may be about that call alone, or chance. */
const RARE = 10;

/** Whether so many refusals in a second say that calls come too quickly, where so many others were taken. */
export function isTooQuick(refused: number, taken: number): boolean {
  return refused * RARE >= taken;
}

/** The pace as long as nothing is known, and the slowest, in calls a second. */
const FIRST = 10;
const LEAST = 1;
/** What is kept of what the service took in a second: its seconds are not ours. */
const SAFE = 0.95;
/** What is kept, at most and at least, of a pace that was too quick. */
const KEPT_AT_MOST = 0.8;
const KEPT_AT_LEAST = 0.5;
/** What has worked for so long may be exceeded, by this factor each second. */
const PROVEN_MS = 5_000;
const GROWTH = 1.25;

/**
 * RATE-2: at which pace calls leave. It begins with what the service took before it refused, or slowly where that is too
 * little to go by. A pace that was refused is not gone back to at once: below it the pace doubles each second, and exceeds it
 * only after five quiet seconds.
 */
export class Pace {
  #perSecond = FIRST;
  /** What is believed to work. */
  #known = Number.POSITIVE_INFINITY;
  #since = 0;

  /** `taken`: how many calls the service took in the second before it refused one. */
  begin(taken: number, now: number): void {
    this.#since = now;
    if (taken <= FIRST) return;
    this.#perSecond = SAFE * taken;
    this.#known = this.#perSecond;
  }

  /** Goes on as before after a rest. */
  resume(now: number): void {
    this.#since = now;
  }

  /** It was too quick; so many were taken in the second before that showed. */
  slowDown(taken: number): void {
    this.#known = Math.max(LEAST, KEPT_AT_MOST * this.#perSecond);
    const measured = Math.min(this.#known, SAFE * taken);
    this.#perSecond = Math.max(LEAST, KEPT_AT_LEAST * this.#perSecond, measured);
  }

  /** Milliseconds from one call to the next. */
  intervalMs(now: number): number {
    const quietMs = now - this.#since;
    if (this.#perSecond < this.#known) {
      if (quietMs >= SECOND_MS) {
        this.#perSecond = Math.min(this.#known, 2 * this.#perSecond);
        this.#since = now;
      }
    } else if (quietMs >= PROVEN_MS) {
      this.#perSecond *= GROWTH;
      this.#known = this.#perSecond;
      this.#since = now - PROVEN_MS + SECOND_MS;
    }
    return SECOND_MS / this.#perSecond;
  }
}
