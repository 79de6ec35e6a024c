import type { Clock, TimerHandle } from '../../clock/index.js';
import { AbortedError, TimeoutError } from '../../errors/index.js';
import type { Life } from '../life.js';
import type { SourceCallOptions } from '../source.js';

/** Per attempt of a background request: long enough for a slow service, short enough for a bot that must hear. */
const ATTEMPT_TIMEOUT_MS = 10_000;
/** A source that neither answers nor fails is given up after this, whatever it promised. */
const PATIENCE_MS = 60_000;

/**
 * The gate through which fills, drains and reconciles go to REST: at most so many a second, so that a bot's own calls
 * come first, and each bounded in time even when the source is not.
 */
export class BackgroundRest {
  private tokens: number;
  private refilledAt: number;
  /** First come first served. */
  private readonly waiting = new Set<() => void>();
  private timer: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
  ) {
    this.tokens = perSecond;
    this.refilledAt = clock.now();
  }

  /** Runs one request when its turn comes. Rejects with what it rejects with, or when `life` ends. */
  async run<T>(request: (options: SourceCallOptions) => Promise<T>, life: Life): Promise<T> {
    await this.turn(life);
    if (life.ended) throw new AbortedError('The client stopped before this background request was sent.');
    return this.bounded(request, life);
  }

  private bounded<T>(request: (options: SourceCallOptions) => Promise<T>, life: Life): Promise<T> {
    const { clock } = this;
    const own = new AbortController();
    return new Promise<T>((resolve, reject) => {
      const giveUp = (error: Error) => {
        done();
        own.abort(error);
        reject(error);
      };
      const done = () => {
        clock.clearTimer(timer);
        off();
      };
      const late = new TimeoutError(`A background request gave no answer for ${PATIENCE_MS / 1000} s.`);
      const timer = clock.setTimer(() => giveUp(late), PATIENCE_MS, 'background');
      const off = life.onEnd(() =>
        giveUp(new AbortedError('The client stopped while this background request was under way.')),
      );
      // Inside a promise, so that a source that throws instead of rejecting is no different.
      new Promise<T>((answer) => {
        answer(request({ signal: own.signal, timeoutMs: ATTEMPT_TIMEOUT_MS }));
      })
        .then(resolve, reject)
        .finally(done);
    });
  }

  /** Resolves when a request may go out, or when there is no need any more. */
  private turn(life: Life): Promise<void> {
    this.refill();
    if (this.tokens >= 1 && this.waiting.size === 0) {
      this.tokens -= 1;
      return Promise.resolve();
    }
    if (life.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const go = () => {
        this.waiting.delete(go);
        off();
        resolve();
      };
      const off = life.onEnd(() => {
        go();
        if (this.waiting.size === 0) this.disarm();
      });
      this.waiting.add(go);
      this.arm();
    });
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.refilledAt) / 1000) * this.perSecond);
    this.refilledAt = now;
  }

  private arm(): void {
    if (this.timer !== null) return;
    const delay = Math.max(1, Math.ceil(((1 - this.tokens) / this.perSecond) * 1000));
    this.timer = this.clock.setTimer(() => {
      this.timer = null;
      this.refill();
      for (const next of this.waiting) {
        if (this.tokens < 1) break;
        this.tokens -= 1;
        next();
      }
      if (this.waiting.size > 0) this.arm();
    }, delay);
  }

  private disarm(): void {
    this.clock.clearTimer(this.timer);
    this.timer = null;
  }
}
