import type { Clock, TimerHandle } from '../../clock/index.js';

/**
 * A stretch of time that ends once: of the client, between `connect()` and `disconnect()`, or of a session. What an
 * `AbortSignal` is for others; this one may have any number of followers without a warning, and costs nothing to make.
 */
export class Life {
  /** Made for the first one: most lives have none most of the time. */
  private followers: Set<() => void> | null = null;
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  /** Calls `follower` at the end; at once when that has been. Returns its `off`. */
  onEnd(follower: () => void): () => void {
    if (this.over) {
      follower();
      return () => {};
    }
    this.followers ??= new Set();
    this.followers.add(follower);
    return () => {
      this.followers?.delete(follower);
    };
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    const { followers } = this;
    this.followers = null;
    for (const follower of followers ?? []) follower();
  }
}

/** What was over first: the time, or the life. */
export type TimeLimit = 'late' | 'stopped';

/** Calls `over` once: after `ms`, or when `life` ends before that. Returns what calls it off. */
export function timeLimit(
  clock: Clock,
  ms: number,
  life: Life,
  over: (why: TimeLimit) => void,
  kind?: 'background',
): () => void {
  const timer = clock.setTimer(
    () => {
      off();
      over('late');
    },
    ms,
    kind,
  );
  const off = life.onEnd(() => {
    clock.clearTimer(timer);
    over('stopped');
  });
  return () => {
    clock.clearTimer(timer);
    off();
  };
}

/** The lives of something that ends and begins again, one after the other. */
export class Lives {
  private life = new Life();

  get current(): Life {
    return this.life;
  }

  /** Begins a new life, unless one is under way. */
  renew(): void {
    if (this.life.ended) this.life = new Life();
  }

  end(): void {
    this.life.end();
  }
}

/** A moment by which something is over, done or not. It may move closer, never away. */
export class Deadline {
  private readonly passed: Promise<void>;
  private pass: () => void = () => {};
  private at = Number.POSITIVE_INFINITY;
  private timer: TimerHandle = null;

  constructor(
    private readonly clock: Clock,
    ms: number,
  ) {
    this.passed = new Promise((resolve) => {
      this.pass = resolve;
    });
    this.shorten(ms);
  }

  /** From now on at most `ms` are left. */
  shorten(ms: number): void {
    const at = this.clock.now() + ms;
    if (at >= this.at) return;
    this.at = at;
    this.clock.clearTimer(this.timer);
    this.timer = this.clock.setTimer(this.pass, ms);
  }

  /** Resolves when `done` does, or at the deadline. */
  async orSooner(done: Promise<void>): Promise<void> {
    await Promise.race([done, this.passed]);
  }

  clear(): void {
    this.clock.clearTimer(this.timer);
  }
}
