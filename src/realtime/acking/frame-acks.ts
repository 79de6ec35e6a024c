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

/**
 * Acknowledges handled messages by frame, where the service negotiated it (ACK-1). What one turn of the loop collects
 * is written together; what falls due between two sessions goes out on the next.
 */
export class FrameAcks {
  private queue: string[] = [];
  private mode: 'off' | 'waiting' | 'on' = 'off';
  private scheduled = false;
  private retryTimer: TimerHandle = null;
  private readonly flushLater = () => {
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
    return this.queue.length;
  }

  add(messageId: string): void {
    if (this.mode === 'off') return;
    this.queue.push(messageId);
    if (this.queue.length > this.most) this.relieve();
    if (this.mode === 'on' && !this.scheduled && this.retryTimer === null) {
      this.scheduled = true;
      this.clock.defer(this.flushLater);
    }
  }

  private relieve(): void {
    this.flush();
    // The oldest half goes: those messages come again with the next drain, and are acknowledged then.
    if (this.queue.length > this.most) this.queue = this.queue.slice(this.queue.length >> 1);
  }

  sessionStarted(session: Session): void {
    this.mode = session.ackMode ? 'on' : 'off';
    if (session.ackMode) this.flush();
    else this.queue = [];
  }

  sessionEnded(): void {
    if (this.mode === 'on') this.mode = 'waiting';
    this.clock.clearTimer(this.retryTimer);
    this.retryTimer = null;
  }

  /** BP-3: they wait on our side, where they are bounded, until the peer has read what it has. */
  private keep(queue: string[]): void {
    this.queue = queue;
    if (this.retryTimer !== null) return;
    const tryAgain = () => {
      this.retryTimer = null;
      this.flush();
    };
    this.retryTimer = this.clock.setTimer(tryAgain, TRY_AGAIN_MS, 'background');
  }

  flush(): void {
    const { queue } = this;
    if (this.mode !== 'on' || queue.length === 0) return;
    this.queue = [];
    let written = 0;
    while (written < queue.length && this.socket.takesMore) {
      const portion = queue.slice(written, written + PORTION);
      if (!this.socket.write(portion.map(frameOf))) break;
      written += portion.length;
    }
    this.counters.acksSent += written;
    if (written < queue.length) this.keep(written === 0 ? queue : queue.slice(written));
  }
}

function frameOf(messageId: string): string {
  return `{"type":"ack","message_id":${JSON.stringify(messageId)}}`;
}
