import type { Clock, TimerHandle } from '../../clock/index.js';
import { AbortedError, TimeoutError } from '../../errors/index.js';
import type { Counters } from '../explain/counters.js';
import type { ErrorListener } from '../listeners.js';
import type { ServiceClock } from '../service-clock.js';
import type { RealtimeSource, SourceCallOptions } from '../source.js';
import { Fifo, LazySet } from '../util/collections.js';
import { type Life, type Lives, type TimeLimit, timeLimit } from '../util/life.js';
import type { Complaints } from './answers.js';
import { Demand } from './demand.js';

/** A source that neither answers nor fails is given up after this, whatever it promised; later where it may wait for longer. */
const PATIENCE_MS = 60_000;
const PATIENCE_IN_WAITS = 2;
/** The stretch of time of which the bound speaks. */
const WINDOW_MS = 1_000;

/** A request of a source. `limit`: how many rows it asks for, where there are pages. */
type BackgroundRequest<T> = (options: SourceCallOptions, limit: number) => Promise<T>;

/**
 * The gate through which background reads go to REST: at most so many in any second, so that a bot's own calls come first,
 * and each bounded in time even when the source is not. After a quiet second, requests go at once.
 */
export class RestGate {
  /** When those of the last second went out, the oldest first. */
  private readonly starts = new Fifo<number>();
  /** First come first served. */
  private readonly waiting = new LazySet<() => void>();
  private timer: TimerHandle = null;
  /** What does not come in pages. */
  private readonly single: Demand;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
    /** What the source's owner has chosen for `timeoutMs`, if anything. */
    private readonly chosenMs?: number | undefined,
    private readonly serviceClock?: ServiceClock | undefined,
  ) {
    this.single = new Demand(1, chosenMs);
  }

  /** What a kind of read asks for that comes in pages of `most` rows. */
  pagesOf(most: number): Demand {
    return new Demand(most, this.chosenMs);
  }

  /**
   * Runs one request when its turn comes, for as many rows as `demand` has it by then. Rejects with what it rejects with, or
   * when `life` ends.
   */
  async run<T>(request: BackgroundRequest<T>, life: Life, demand = this.single): Promise<T> {
    await this.turn(life);
    return this.runNow(request, life, demand);
  }

  /**
   * The same at once. For what keeps a pace of its own: acknowledgements, and the pages of the undelivered queue, which
   * follow each other.
   */
  async runNow<T>(request: BackgroundRequest<T>, life: Life, demand = this.single): Promise<T> {
    const { limit } = demand;
    const startedAt = this.clock.now();
    try {
      const answer = await this.bounded((options) => request(options, limit), life, demand.waitMs);
      demand.came(Array.isArray(answer) ? answer.length : 0, limit, this.clock.now() - startedAt);
      return answer;
    } catch (error) {
      demand.failed(error, limit);
      throw error;
    }
  }

  private async bounded<T>(
    request: (options: SourceCallOptions) => Promise<T>,
    life: Life,
    timeoutMs: number,
  ): Promise<T> {
    if (life.ended) throw new AbortedError('The client stopped before this background request was sent.');
    const patienceMs = Math.max(PATIENCE_MS, PATIENCE_IN_WAITS * timeoutMs);
    const own = new AbortController();
    const askedAt = this.clock.now();
    // CATCH-4: the time of day of an answer that was no good may be a stranger's.
    let date: string | null = null;
    return new Promise<T>((resolve, reject) => {
      const giveUp = (why: TimeLimit) => {
        const error =
          why === 'late'
            ? new TimeoutError(`A background request gave no answer for ${patienceMs / 1000} s.`)
            : new AbortedError('The client stopped while this background request was under way.');
        own.abort(error);
        reject(error);
      };
      const callOff = timeLimit(this.clock, patienceMs, life, giveUp, 'background');
      // Inside a promise, so that a source that throws instead of rejecting is no different.
      new Promise<T>((answer) => {
        const onResponse: SourceCallOptions['onResponse'] = ({ headers }) => {
          date = headers.get('date');
        };
        answer(request({ signal: own.signal, timeoutMs, onResponse }));
      })
        .then((answer) => {
          this.serviceClock?.heard(date, askedAt);
          resolve(answer);
        }, reject)
        .finally(callOff);
    });
  }

  /** Resolves when a request may go out, or when there is no need any more. */
  private turn(life: Life): Promise<void> {
    if ((this.waiting.size === 0 && this.admit()) || life.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        this.waiting.delete(go);
        off();
        resolve();
      };
      const off = life.onEnd(() => {
        go();
        if (this.waiting.size > 0) return;
        this.clock.clearTimer(this.timer);
        this.timer = null;
      });
      this.waiting.add(go);
      this.arm();
    });
  }

  /** Takes a place in the second that ends now, if there is one. */
  private admit(): boolean {
    const now = this.clock.now();
    while ((this.starts.first ?? now) + WINDOW_MS <= now) this.starts.shift();
    if (this.starts.size >= this.perSecond) return false;
    this.starts.push(now);
    return true;
  }

  private arm(): void {
    if (this.timer !== null) return;
    const freeAt = (this.starts.first ?? 0) + WINDOW_MS;
    const delay = Math.max(1, Math.ceil(freeAt - this.clock.now()));
    this.timer = this.clock.setTimer(() => {
      this.timer = null;
      for (const next of this.waiting) {
        if (!this.admit()) break;
        next();
      }
      if (this.waiting.size > 0) this.arm();
    }, delay);
  }
}

/** What everything that works through REST in the background is given for it. */
export interface RestPorts {
  readonly clock: Clock;
  readonly source: RealtimeSource;
  readonly rest: RestGate;
  readonly serviceClock: ServiceClock;
  readonly counters: Counters;
  /** The client's, each between `connect()` and `disconnect()`. */
  readonly lives: Lives;
  readonly listener: ErrorListener;
  readonly complaints: Complaints;
}
