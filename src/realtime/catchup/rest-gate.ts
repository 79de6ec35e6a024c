import type { Clock, TimerHandle } from '../../clock/index.js';
import { AbortedError, TimeoutError } from '../../errors/index.js';
import type { Counters } from '../explain/counters.js';
import type { ErrorListener } from '../listeners.js';
import type { RealtimeSource, SourceCallOptions } from '../source.js';
import { Fifo } from '../util/collections.js';
import { type Life, type Lives, type TimeLimit, timeLimit } from '../util/life.js';
import type { Complaints } from './answers.js';

/** Per attempt of a background request: long enough for a slow service, short enough for a bot that must hear. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** A source that neither answers nor fails is given up after this, whatever it promised. */
const PATIENCE_MS = 60_000;
/** The stretch of time of which the bound speaks. */
const WINDOW_MS = 1_000;

/**
 * The gate through which fills, drains and reconciles go to REST: at most so many in any second, so that a bot's own calls
 * come first, and each bounded in time even when the source is not. After a quiet second, requests go at once.
 */
export class RestGate {
  /** When those of the last second went out, the oldest first. */
  private readonly starts = new Fifo<number>();
  /** First come first served. */
  private readonly waiting = new Set<() => void>();
  private timer: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {}

  /** Runs one request when its turn comes. Rejects with what it rejects with, or when `life` ends. */
  async run<T>(request: (options: SourceCallOptions) => Promise<T>, life: Life): Promise<T> {
    await this.turn(life);
    return this.runNow(request, life);
  }

  /** The same at once. For acknowledgements: they keep a pace of their own, and a drain must not wait for them. */
  async runNow<T>(request: (options: SourceCallOptions) => Promise<T>, life: Life): Promise<T> {
    if (life.ended) throw new AbortedError('The client stopped before this background request was sent.');
    const own = new AbortController();
    return new Promise<T>((resolve, reject) => {
      const giveUp = (why: TimeLimit) => {
        const error =
          why === 'late'
            ? new TimeoutError(`A background request gave no answer for ${PATIENCE_MS / 1000} s.`)
            : new AbortedError('The client stopped while this background request was under way.');
        own.abort(error);
        reject(error);
      };
      const callOff = timeLimit(this.clock, PATIENCE_MS, life, giveUp, 'background');
      // Inside a promise, so that a source that throws instead of rejecting is no different.
      new Promise<T>((answer) => {
        answer(request({ signal: own.signal, timeoutMs: ATTEMPT_TIMEOUT_MS }));
      })
        .then(resolve, reject)
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
  readonly counters: Counters;
  /** The client's, each between `connect()` and `disconnect()`. */
  readonly lives: Lives;
  readonly listener: ErrorListener;
  readonly complaints: Complaints;
}
