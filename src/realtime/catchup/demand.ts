import { AgentChatClientError, fieldOf, isTimeout } from '../../errors/index.js';

/** How long nothing may come: long enough for a slow service, short enough for a bot that must hear. */
const WAIT_MS = 10_000;
/** What that grows to: the time that the service's reference client gives a request. */
const LONGEST_WAIT_MS = 30_000;
/** What a time-out leaves of a page, and how small pages get. */
const SHRINK = 4;
const LEAST_ROWS = 5;
/** A full page that comes in less than this part of the wait may be larger the next time. */
const QUICK = 4;

/**
 * CATCH-2: what one kind of background read asks for: how many rows at a time, and a sign of life within how long. What has
 * timed out would time out again, so the next one asks for less, and waits longer where nothing came at all. It is
 * remembered, and taken back by steps once answers are quick.
 */
export class Demand {
  /** Rows to ask for. */
  limit: number;
  /** How long nothing may come, in milliseconds. */
  waitMs: number;
  private readonly leastWaitMs: number;

  /** @param chosenMs What somebody has chosen for `timeoutMs`: that is kept to. */
  constructor(
    private readonly most = 1,
    private readonly chosenMs?: number | undefined,
  ) {
    this.limit = most;
    this.leastWaitMs = chosenMs !== undefined && chosenMs > 0 ? chosenMs : WAIT_MS;
    this.waitMs = this.leastWaitMs;
  }

  /** An answer came whole: so many rows where `limit` were asked for. */
  came(rows: number, limit: number, tookMs: number): void {
    // It came in time only because nothing else was on the link: half of it is handled earlier, and lost less easily.
    if (tookMs > this.waitMs && rows >= limit && limit <= this.limit) this.shrink(2);
    if (tookMs * QUICK >= this.leastWaitMs) return;
    this.waitMs = Math.max(this.leastWaitMs, this.waitMs / 2);
    // A short page says nothing about what a full one would take. Neither does one of those that were smaller by then.
    if (rows >= limit && limit >= this.limit) this.limit = Math.min(this.most, this.limit * 2);
  }

  /** A read for `limit` rows failed. One that was asked for before others had failed already teaches nothing more. */
  failed(error: unknown, limit: number): void {
    if (!wasTooMuch(error) || limit > this.limit) return;
    this.shrink(SHRINK);
    if (this.chosenMs === undefined && !hadBegun(error))
      this.waitMs = Math.min(LONGEST_WAIT_MS, this.waitMs * 2);
  }

  private shrink(by: number): void {
    this.limit = Math.min(this.most, Math.max(LEAST_ROWS, Math.ceil(this.limit / by)));
  }
}

/** No answer in time, or one that began well and did not come whole: cut short, or larger than is taken. */
function wasTooMuch(error: unknown): boolean {
  if (isTimeout(error) || hadBegun(error)) return true;
  if (error instanceof AgentChatClientError)
    return error.status === 408 || error.status === 413 || error.status === 504;
  // A source of somebody's own that was called off by `AbortSignal.timeout`.
  return fieldOf(error, 'name') === 'TimeoutError';
}

function hadBegun(error: unknown): boolean {
  return error instanceof AgentChatClientError && error.status !== null && error.status < 300;
}
