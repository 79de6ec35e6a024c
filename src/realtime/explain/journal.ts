import type { Clock } from '../../clock/index.js';
import { type AgentChatClientError, textOf } from '../../errors/index.js';

const MOST_ERRORS = 5;

/** An error that was told, as data. */
export interface ErrorInsight {
  readonly code: string;
  readonly message: string;
  /** What its cause says; `null` without one. Without secrets, like the message. */
  readonly cause: string | null;
  /** How long ago it was told, in ms. */
  readonly agoMs: number;
  /** How often in a row. */
  readonly times: number;
}

/** The last errors that were told, whether or not anybody listened. */
export class RecentErrors {
  private readonly errors: (Omit<ErrorInsight, 'agoMs'> & { readonly at: number })[] = [];

  constructor(private readonly clock: Clock) {}

  add({ code, message, cause }: AgentChatClientError): void {
    const last = this.errors.at(-1);
    const again = last?.code === code && last.message === message;
    if (again) this.errors.pop();
    const why = cause === undefined ? null : textOf(cause);
    const times = again ? last.times + 1 : 1;
    this.errors.push({ code, message, cause: why, at: this.clock.now(), times });
    if (this.errors.length > MOST_ERRORS) this.errors.shift();
  }

  /** Oldest first. */
  insight(): ErrorInsight[] {
    const now = this.clock.now();
    return this.errors.map(({ at, ...error }) => ({ ...error, agoMs: now - at }));
  }
}

/** What is known of the reading of the undelivered queue. All times in ms. */
export interface CatchUpInsight {
  /** It is being read after a connect: gaps and new conversations wait for its end, 10 s at most. */
  readonly draining: boolean;
  /** Rows that the pass under way has read; `null` between passes. */
  readonly rowsSoFar: number | null;
  /** The last pass that has ended: after a connect, to look for what is older, or to reconcile. `null` before the first. */
  readonly lastPass: {
    readonly agoMs: number;
    readonly tookMs: number;
    readonly rows: number;
    /** False when it was cut short: the queue may hold more. */
    readonly complete: boolean;
  } | null;
}

type PassInsight = NonNullable<CatchUpInsight['lastPass']>;

/** Remembers how the last pass through the undelivered queue went. */
export class PassLog {
  private current: { readonly startedAt: number; rows: number } | null = null;
  private last: (Omit<PassInsight, 'agoMs'> & { readonly endedAt: number }) | null = null;

  began(now: number): void {
    this.current = { startedAt: now, rows: 0 };
  }

  read(rows: number): void {
    if (this.current !== null) this.current.rows += rows;
  }

  ended(complete: boolean, now: number): void {
    const { current } = this;
    this.current = null;
    if (current === null) return;
    this.last = { endedAt: now, tookMs: now - current.startedAt, rows: current.rows, complete };
  }

  insight(draining: boolean, now: number): CatchUpInsight {
    const rowsSoFar = this.current?.rows ?? null;
    if (this.last === null) return { draining, rowsSoFar, lastPass: null };
    const { endedAt, ...last } = this.last;
    return { draining, rowsSoFar, lastPass: { agoMs: now - endedAt, ...last } };
  }
}
