import type { Clock, TimerHandle } from '../../clock/index.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';

export interface FrameWriter {
  /** False when there is no session, or when much is unsent already (BP-3). Asked before frames are made. */
  readonly takesMore: boolean;
  /** Sends frames on the current session, all or none. False when it takes no more. */
  write(frames: readonly string[]): boolean;
}

/** BP-3: how long until a write that was refused is tried again. */
const TRY_AGAIN_MS = 100;
/** BP-3: so many are written before we look again how much is unsent. What waited for a session may be any number. */
const PORTION = 1_000;
/** So many are worth a write of their own. Handlers that wait for the loop end a few in each turn. */
const WORTH_A_WRITE = 32;
/** Nobody waits longer for company. */
const WAIT_MS = 5;

/**
 * Acknowledges handled messages by frame, where the service negotiated it (ACK-1). What one turn of the loop collects
 * is written together, and so is what a few turns collect that bring a little each; what falls due between two sessions goes
 * out on the next.
 */
export class FrameAcks {
  /** What this turn of the loop has collected. Written, or moved to the backlog, when the turn ends. */
  private turn: string[] = [];
  /** What waits for a session, or for the peer to read. A message that comes again meanwhile still waits once. */
  private backlog = new Set<string>();
  private mode: 'off' | 'waiting' | 'on' = 'off';
  private scheduled = false;
  private retryTimer: TimerHandle = null;
  /** When the first of them came, and how many there were when a turn last ended. */
  private collectedSince = 0;
  private collectedBefore = 0;
  private readonly flushLater = () => {
    if (this.isWorthWaiting()) {
      this.clock.defer(this.flushLater);
      return;
    }
    this.scheduled = false;
    this.flush();
  };

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly counters: Counters,
    private readonly socket: FrameWriter,
  ) {}

  /** False while the service wants none. */
  get wanted(): boolean {
    return this.mode !== 'off';
  }

  get pending(): number {
    return this.turn.length + this.backlog.size;
  }

  add(messageId: string): void {
    if (this.mode === 'off') return;
    if (this.mode === 'waiting' || this.retryTimer !== null) {
      this.keep(messageId);
      return;
    }
    this.turn.push(messageId);
    if (this.turn.length > this.most) this.flush();
    if (!this.scheduled) {
      this.scheduled = true;
      this.collectedSince = this.clock.now();
      this.collectedBefore = 0;
      this.clock.defer(this.flushLater);
    }
  }

  /** This turn has brought some, so the next may too: a write costs as much as a dozen of them. */
  private isWorthWaiting(): boolean {
    const { length } = this.turn;
    const hasGrown = length > this.collectedBefore;
    this.collectedBefore = length;
    return hasGrown && length < WORTH_A_WRITE && this.clock.now() - this.collectedSince < WAIT_MS;
  }

  sessionStarted(session: Session): void {
    this.mode = session.ackMode ? 'on' : 'off';
    if (session.ackMode) this.flush();
    else this.forget();
  }

  sessionEnded(): void {
    if (this.mode === 'on') this.mode = 'waiting';
    // In front of what is handled until the next session, so that acknowledgements go out in their order.
    const { turn } = this;
    this.turn = [];
    for (const messageId of turn) this.keep(messageId);
    this.clock.clearTimer(this.retryTimer);
    this.retryTimer = null;
  }

  flush(): void {
    if (this.mode !== 'on' || this.pending === 0) return;
    if (this.backlog.size > 0) this.writeBacklog();
    const { turn } = this;
    this.turn = [];
    // Behind the backlog, so that acknowledgements go out in their order.
    const written = this.backlog.size > 0 ? 0 : this.write(turn);
    for (let place = written; place < turn.length; place += 1) this.keep(turn[place] as string);
    if (this.backlog.size > 0) this.tryAgainLater();
  }

  /** How many of them were written, from the first on. */
  private write(ids: readonly string[]): number {
    let written = 0;
    while (written < ids.length && this.socket.takesMore) {
      const portion = ids.slice(written, written + PORTION);
      if (!this.socket.write(portion.map(frameOf))) break;
      written += portion.length;
    }
    this.counters.acksSent += written;
    return written;
  }

  private writeBacklog(): void {
    if (!this.socket.takesMore) return;
    const ids = [...this.backlog];
    const written = this.write(ids);
    if (written > 0) this.backlog = new Set(ids.slice(written));
  }

  /** BP-3: it waits on our side, where the number is bounded. */
  private keep(messageId: string): void {
    this.backlog.add(messageId);
    if (this.backlog.size <= this.most) return;
    // The oldest half goes: those messages come again with the next drain, and are acknowledged then.
    const ids = [...this.backlog];
    this.backlog = new Set(ids.slice(ids.length >> 1));
  }

  private forget(): void {
    this.turn = [];
    this.backlog = new Set();
  }

  private tryAgainLater(): void {
    if (this.retryTimer !== null) return;
    const tryAgain = () => {
      this.retryTimer = null;
      this.flush();
    };
    this.retryTimer = this.clock.setTimer(tryAgain, TRY_AGAIN_MS, 'background');
  }
}

function frameOf(messageId: string): string {
  return `{"type":"ack","message_id":${JSON.stringify(messageId)}}`;
}
