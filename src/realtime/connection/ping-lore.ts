import { waitAfter } from './deadlines.js';

/** So many sessions end by an unanswered ping before it is held against the way there instead of against the sockets. */
const ENOUGH_SESSIONS = 2;

/** LIVE-3: what pings have come to at this address, over all sessions of a connection. */
export class PingLore {
  private answered = false;
  private silentSessions = 0;
  private extensions = 0;
  /** The attempt whose session an unanswered ping ended, until the next session. */
  private silentAttempt: number | null = null;

  constructor(
    /** How long an answer may take, at first. */
    private readonly firstWaitMs: number,
    /** Whether a silent socket can be judged without pings. */
    private readonly canAskRest: boolean,
  ) {}

  /** How long an answer may take. */
  get waitMs(): number {
    return waitAfter(this.extensions, this.firstWaitMs);
  }

  /** Pings were never answered here, so something in between swallows them: their silence says nothing about a socket. */
  get swallowed(): boolean {
    return this.canAskRest && !this.answered && this.silentSessions >= ENOUGH_SESSIONS;
  }

  /** A pong came. */
  ponged(): void {
    this.answered = true;
  }

  /** The session of an attempt was ended, because a ping was not answered. */
  fellSilent(attempt: number): void {
    this.silentSessions++;
    this.silentAttempt = attempt;
  }

  /** An attempt has become a session. If it is the very next one, the socket before it may only have been slow. */
  sessionBegan(attempt: number): void {
    if (this.silentAttempt === attempt - 1) this.extensions++;
    this.silentAttempt = null;
  }
}
