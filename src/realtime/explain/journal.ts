import type { Clock } from '../../clock/index.js';
import type { AgentChatError } from '../../errors/index.js';

/** So many are remembered. */
const MOST = 5;

/** An error that was told, as data. */
export interface ErrorInsight {
  readonly code: string;
  readonly message: string;
  /** How long ago it was told, in ms. */
  readonly agoMs: number;
  /** How often in a row. */
  readonly times: number;
}

/** The last errors that were told, whether or not anybody listened. */
export class RecentErrors {
  private errors: { readonly code: string; readonly message: string; at: number; times: number }[] = [];

  constructor(private readonly clock: Clock) {}

  add({ code, message }: AgentChatError): void {
    const at = this.clock.now();
    const last = this.errors.at(-1);
    if (last?.code === code && last.message === message) {
      last.at = at;
      last.times += 1;
      return;
    }
    this.errors.push({ code, message, at, times: 1 });
    if (this.errors.length > MOST) this.errors.shift();
  }

  /** Oldest first. */
  insight(): ErrorInsight[] {
    const now = this.clock.now();
    return this.errors.map(({ code, message, at, times }) => ({ code, message, agoMs: now - at, times }));
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

/** Remembers how the last pass through the undelivered queue went. */
export class PassLog {
  private current: { readonly startedAt: number; rows: number } | null = null;
  private last: {
    readonly endedAt: number;
    readonly tookMs: number;
    readonly rows: number;
    readonly complete: boolean;
  } | null = null;

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
    const { last } = this;
    return {
      draining,
      rowsSoFar: this.current?.rows ?? null,
      lastPass:
        last === null
          ? null
          : { agoMs: now - last.endedAt, tookMs: last.tookMs, rows: last.rows, complete: last.complete },
    };
  }
}
