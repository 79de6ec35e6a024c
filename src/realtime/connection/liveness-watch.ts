import type { Clock, TimerHandle } from '../../clock/index.js';
import {
  type Assessment,
  askNow,
  assessWithoutPings,
  assessWithPings,
  type Hearing,
  justHeard,
  type LivenessSettings,
  tellSooner,
} from './liveness.js';
import { GRACE_MS, SLEPT_MS } from './steps.js';

/** What the watch needs of a socket. */
export interface WatchedSocket {
  readonly canPing: boolean;
  activity(): number;
  unsentBytes(): number;
  ping(): void;
}

/** What the watch finds out. `quiet`: ask another way, this socket cannot. The others mean that the socket is over. */
export type LivenessNews = 'quiet' | 'silent' | 'unread';

/** After `offline`, a socket that cannot ping gets this long before the owner is told of its silence. */
const OFFLINE_PATIENCE_MS = 10_000;

/**
 * Looks at one socket now and then, and says when it is dead (LIVE-1). Nothing runs per frame: a look compares the
 * socket's counter with that of the look before.
 */
export class LivenessWatch {
  private hearing: Hearing;
  private dueAt = 0;
  private timer: TimerHandle | null = null;
  private grace: 'unused' | 'running' = 'unused';
  private over = false;

  constructor(
    private readonly clock: Clock,
    private readonly settings: LivenessSettings,
    private readonly socket: WatchedSocket,
    private readonly onNews: (news: LivenessNews) => void,
  ) {
    const now = clock.now();
    this.hearing = justHeard(socket.activity(), now);
    this.schedule(this.assess(now).nextMs);
  }

  /** No look and no news after this. */
  stop(): void {
    this.over = true;
    this.clearTimer();
  }

  /** The platform says that the network changed: find out now instead of later. */
  networkChanged(online: boolean): void {
    if (this.over) return;
    const now = this.clock.now();
    if (this.socket.canPing) {
      this.act(askNow(this.settings, this.hearing, now));
    } else {
      this.hearing = tellSooner(this.settings, this.hearing, online ? 0 : OFFLINE_PATIENCE_MS, now);
      this.look();
    }
  }

  /** How long nothing was heard, and how long a ping has been out. For people. */
  insight(): { silentForMs: number; pingOutForMs: number | null } {
    const now = this.clock.now();
    const { hearing } = this;
    const heardSince = this.socket.activity() !== hearing.activity;
    return {
      silentForMs: heardSince ? 0 : now - hearing.since,
      pingOutForMs: hearing.kind === 'asked' && !heardSince ? now - hearing.askedAt : null,
    };
  }

  private look(): void {
    if (this.over) return;
    const now = this.clock.now();
    const assessment = this.assess(now);
    const slept = this.timer === null && now - this.dueAt >= SLEPT_MS;
    if (slept && this.grace === 'unused' && isJudgement(assessment)) {
      // We slept: what the peer sent meanwhile still has to reach us.
      this.grace = 'running';
      this.dueAt = now + GRACE_MS;
      this.clock.defer(() => this.schedule(GRACE_MS));
      return;
    }
    this.grace = 'unused';
    this.act(assessment);
  }

  private assess(now: number): Assessment {
    const { socket, hearing, settings } = this;
    const sample = { activity: socket.activity(), unsentBytes: socket.unsentBytes(), now };
    return socket.canPing
      ? assessWithPings(settings, hearing, sample)
      : assessWithoutPings(settings, hearing, sample);
  }

  private act(assessment: Assessment): void {
    this.hearing = assessment.hearing;
    switch (assessment.action) {
      case 'lost':
      case 'unread':
        this.stop();
        this.onNews(assessment.action === 'lost' ? 'silent' : 'unread');
        return;
      case 'ping':
        this.socket.ping();
        break;
      case 'tell':
        this.schedule(assessment.nextMs);
        this.onNews('quiet');
        return;
      case 'fine':
        break;
    }
    this.schedule(assessment.nextMs);
  }

  private schedule(delayMs: number): void {
    if (this.over) return;
    this.clearTimer();
    this.dueAt = this.clock.now() + delayMs;
    // The open socket keeps the process alive; the watch need not.
    this.timer = this.clock.setTimer(
      () => {
        this.timer = null;
        this.look();
      },
      delayMs,
      'background',
    );
  }

  private clearTimer(): void {
    if (this.timer !== null) this.clock.clearTimer(this.timer);
    this.timer = null;
  }
}

function isJudgement(assessment: Assessment): boolean {
  return assessment.action === 'lost' || assessment.action === 'unread' || assessment.action === 'tell';
}
