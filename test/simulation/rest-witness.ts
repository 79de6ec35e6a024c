import type { VirtualClock } from '../support/virtual-clock.js';
import type { Facts } from './facts.js';

/** What a request asks for: how many rows, and a sign of life within how long. */
interface Asked {
  readonly limit?: number;
  readonly timeoutMs?: number;
  /** Where a page of the queue begins; the first of a pass has none. */
  readonly after?: string;
}

type Demanded = Required<Pick<Asked, 'limit' | 'timeoutMs'>>;

/** Who is told what a bot asks of REST, and what becomes of it. */
export interface RestWatcher {
  asks(what: string, asked: Asked): void;
  timedOut(what: string, asked: Asked): void;
  answered(what: string, asked: Asked, answer: unknown): void;
  oneRowAnswered(): void;
  limited(what: string, retryAfterMs: number): void;
}

/** CATCH-2: no page gets smaller than that, and nothing is waited for longer. */
const LEAST_ROWS = 5;
const LONGEST_WAIT_MS = 30_000;

/** The kind of all reads that do not come in pages. */
const ONE_ROW = 'one row';

/** Watches what the bot asks of REST in the background: not too much at once, and nothing before its time. */
export class RestWitness implements RestWatcher {
  private asked: number[] = [];
  /** By what was asked: not again before this moment. */
  private notBefore = new Map<string, number>();
  /** What timed out last, by kind, until an answer came. */
  private tooMuch = new Map<string, Demanded>();

  /** The last page of the queue had as many rows as were asked for. */
  private queueGoesOn = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly facts: Facts,
    private readonly perSecond: number,
    /** A request may leave so long after it was admitted, because handlers have the loop. */
    private readonly latestMs: number,
  ) {}

  /** A client that begins anew knows nothing of what an earlier one was told. */
  connects(): void {
    this.notBefore = new Map();
    this.tooMuch = new Map();
    this.queueGoesOn = false;
  }

  newLife(): void {
    this.asked = [];
    this.connects();
  }

  /** A read has gone out. */
  asks(what: string, asked: Asked): void {
    const { facts, perSecond } = this;
    const now = this.clock.now();
    // The queue keeps a pace of its own: page by page.
    if (what !== 'sync') this.asked.push(now);
    const first = this.asked.at(-1 - perSecond);
    if (first !== undefined && now - first < 1_000 - this.latestMs)
      facts.object('BOUNDS', `${perSecond + 1} background reads within ${Math.round(now - first)} ms`);
    if (this.asked.length > perSecond) this.asked.shift();
    const earliest = this.notBefore.get(what) ?? 0;
    if (now < earliest)
      facts.object('GAP-2', `${what} was asked ${Math.round(earliest - now)} ms before its Retry-After`);
    if (what === 'sync') {
      if (this.queueGoesOn && asked.after === undefined)
        facts.object('CATCH-2', 'a page of the queue was taken for the last, and was full');
      this.queueGoesOn = false;
    }
    const { limit, timeoutMs } = demanded(asked);
    const last = this.tooMuch.get(kindOf(what, asked));
    const isLeast = limit <= LEAST_ROWS && timeoutMs >= LONGEST_WAIT_MS;
    if (last !== undefined && !isLeast && limit >= last.limit && timeoutMs <= last.timeoutMs)
      facts.object(
        'CATCH-2',
        `${what} was asked for ${limit} rows in ${timeoutMs} ms again after it timed out`,
      );
  }

  /** CATCH-2: nothing came of a read in time. */
  timedOut(what: string, asked: Asked): void {
    // Of this list there are two readers, each with a demand of its own.
    if (what !== 'listConversations') this.tooMuch.set(kindOf(what, asked), demanded(asked));
  }

  answered(what: string, asked: Asked, answer: unknown): void {
    if (what === 'sync') this.queueGoesOn = Array.isArray(answer) && answer.length === asked.limit;
    this.tooMuch.delete(kindOf(what, asked));
  }

  /** A request that is no read was answered: it shares the demand of single rows. */
  oneRowAnswered(): void {
    this.tooMuch.delete(ONE_ROW);
  }

  /** A read was answered with 429. */
  limited(what: string, retryAfterMs: number): void {
    this.notBefore.set(what, this.clock.now() + retryAfterMs);
  }
}

function demanded({ limit = 1, timeoutMs = Number.POSITIVE_INFINITY }: Asked): Demanded {
  return { limit, timeoutMs };
}

/** Reads of a single row share one demand. */
function kindOf(what: string, { limit = 1 }: Asked): string {
  return limit === 1 ? ONE_ROW : what;
}
