import type { Clock } from '../../clock/index.js';
import type { Bounds } from '../bounds.js';
import { Fifo } from '../util/collections.js';
import type { Lives } from '../util/life.js';
import { GapLook, type UndeliveredQueue } from './gap-look.js';
import type { Agenda } from './parking.js';

/** A read that hangs gives its place to the next after this, so that it delays its own conversation only (GAP-2). */
const PLACE_MS = 2_000;
/** Reads that wait for a place. Far more than get one within the time in which a gap is given up. */
const READS_AT_MOST = 10_000;

/** A read of history, and what becomes of it. */
export interface HistoryRead {
  /** Whoever asked for it may not need it any more when its turn comes. */
  wanted(): boolean;
  /** Only this may throw, when the read fails. One that the end of the client cut short has not failed: it is repeated. */
  run(): Promise<void>;
  failed(error: unknown): void;
  /** It was not made, because it was not wanted any more. */
  dropped?(): void;
}

interface Turn {
  readonly read: HistoryRead;
  /** GAP-6: a look through the undelivered queue may come before it. */
  readonly mayWait: boolean;
}

/** The line for history: so many reads at once, first come first served. */
export class HistoryLine {
  private readonly turns = new Fifo<Turn>();
  private readonly gapLook: GapLook;
  private places: number;

  constructor(
    private readonly clock: Clock,
    private readonly lives: Lives,
    { fillsAtOnce }: Pick<Bounds, 'fillsAtOnce'>,
    private readonly agenda: Agenda,
    queue: UndeliveredQueue,
  ) {
    this.places = fillsAtOnce;
    this.gapLook = new GapLook(clock, lives, fillsAtOnce, queue);
  }

  /** `forGap`: a gap waits for it, which a look through the undelivered queue may close as well (GAP-6). */
  join(read: HistoryRead, forGap = false): void {
    if (this.turns.size + this.gapLook.waiting >= READS_AT_MOST) {
      read.failed(new Error('So many conversations wait for history that one more has to ask again later.'));
      return;
    }
    if (forGap) this.gapLook.lineUp();
    this.turns.push({ read, mayWait: forGap });
    this.next();
  }

  private next(): void {
    while (this.places > 0) {
      const turn = this.turns.shift();
      if (turn === undefined) return;
      const { read, mayWait } = turn;
      if (!mayWait || !this.gapLook.takes(() => this.rejoin(read))) this.begin(read);
    }
  }

  /** A look is over. Returns false when it has brought what the read was for. */
  private rejoin(read: HistoryRead): boolean {
    const wanted = read.wanted();
    if (wanted) {
      this.turns.push({ read, mayWait: false });
      this.next();
    } else {
      read.dropped?.();
    }
    return wanted;
  }

  private begin(read: HistoryRead): void {
    this.places -= 1;
    let holds = true;
    const giveBack = () => {
      if (!holds) return;
      holds = false;
      this.places += 1;
      this.next();
    };
    const timer = this.clock.setTimer(giveBack, PLACE_MS, 'background');
    this.make(read).finally(() => {
      this.clock.clearTimer(timer);
      giveBack();
    });
  }

  private async make(read: HistoryRead): Promise<void> {
    if (!read.wanted()) {
      read.dropped?.();
      return;
    }
    const life = this.lives.current;
    try {
      await read.run();
    } catch (error) {
      if (life.ended) this.agenda.after(0, () => this.join(read));
      else read.failed(error);
    }
  }
}
