import type { Clock } from '../../clock/index.js';
import { SYNC_PAGE_MAX } from '../../wire/index.js';
import { TIMING } from '../bounds.js';
import { type Lives, timeLimit } from '../util/life.js';

/** After a look that brought less than half of what it was for, the next one may follow so much later. */
const LOOK_AGAIN_MS = 60_000;

/** The queue of undelivered messages, as far as gaps are concerned. */
export interface UndeliveredQueue {
  /** Somebody can read it at present, and it keeps what was pushed until that is acknowledged. */
  readonly isReadable: boolean;
  /** It has at least so many rows. */
  readonly rowsAtLeast: number;
  /** One more pass through it. */
  drain(): Promise<number>;
}

/** Goes back into the line for history. Returns false when there is no need any more: the gap has closed. */
export type BackInLine = () => boolean;

/**
 * GAP-6: history is asked gap by gap, a few at a time. Where many gaps wait for that, one look through the undelivered
 * queue comes first: what was pushed and lost has not been acknowledged, so all of it is still there.
 */
export class GapLook {
  /** Reads of gaps that stand in line for history and have not waited for a look. */
  private inLine = 0;
  /** Those that wait for the look that is under way; null while none is. */
  private waiters: BackInLine[] | null = null;
  private notBefore = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly lives: Lives,
    /** So many gaps are filled from history at once. */
    private readonly fillsAtOnce: number,
    private readonly queue: UndeliveredQueue,
  ) {}

  get waiting(): number {
    return this.waiters?.length ?? 0;
  }

  lineUp(): void {
    this.inLine += 1;
  }

  /** The turn of a read has come. Returns true when it waits for a look instead. */
  takes(read: BackInLine): boolean {
    this.inLine -= 1;
    if (this.waiters !== null) {
      this.waiters.push(read);
      return true;
    }
    if (!this.pays()) return false;
    this.waiters = [read];
    void this.look(this.waiters);
    return true;
  }

  /** A look has fewer pages to read than history has gaps, as far as anybody knows. */
  private pays(): boolean {
    const pages = 1 + Math.floor(this.queue.rowsAtLeast / SYNC_PAGE_MAX);
    if (this.inLine < Math.max(this.fillsAtOnce, pages)) return false;
    return this.queue.isReadable && this.clock.now() >= this.notBefore;
  }

  private async look(waiters: readonly BackInLine[]): Promise<void> {
    await new Promise<void>((resolve) => {
      const { clock, lives } = this;
      const callOff = timeLimit(clock, TIMING.lookPatience, lives.current, () => resolve(), 'background');
      void this.queue.drain().then(() => {
        callOff();
        resolve();
      });
    });
    this.waiters = null;
    const left = waiters.filter((backInLine) => backInLine()).length;
    if (left * 2 > waiters.length) this.notBefore = this.clock.now() + LOOK_AGAIN_MS;
  }
}
