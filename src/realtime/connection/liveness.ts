import type { Clock } from '../../clock/index.js';
import { JudgingTimer } from '../util/judging-timer.js';
import type { Socket } from './socket.js';

/** LIVE-1 in numbers. All in milliseconds. */
export interface LivenessSettings {
  /** Silence after which we ping, where the socket can. */
  readonly pingAfterMs: number;
  /** How long the peer gets to answer. Any byte is an answer. */
  readonly pongTimeoutMs: number;
  /** Silence after which the owner is told, where the socket cannot ping. */
  readonly livenessTimeoutMs: number;
}

/** What a look at the socket finds. Nothing of this is collected per frame except `activity`. */
interface Sample {
  /** Grows whenever bytes come in: frames, pings, pongs. */
  readonly activity: number;
  /** Bytes that we wrote and that the peer has not taken. */
  readonly unsentBytes: number;
  readonly now: number;
}

/** What we know about the peer, between two looks. `since` is the last look that found something new. */
type Hearing =
  /** `countFrom`: where the silence that matters began. Later than `since` once the owner was told of it. */
  | {
      readonly kind: 'listening';
      readonly activity: number;
      readonly since: number;
      readonly countFrom: number;
    }
  /** A ping is out. */
  | { readonly kind: 'asked'; readonly activity: number; readonly since: number; readonly askedAt: number };

/**
 * - `fine`: look again in `nextMs`.
 * - `ping`: ask the peer.
 * - `tell`: the owner should find out (a browser's socket cannot ask).
 * - `lost`: no answer, for good. `unread`: the peer takes nothing any more.
 */
type LivenessAction = 'fine' | 'ping' | 'tell' | 'lost' | 'unread';

interface Assessment {
  readonly hearing: Hearing;
  readonly action: LivenessAction;
  readonly nextMs: number;
}

/** More than this written and not taken: the peer does not read, and our memory is not its buffer. 16 MiB. */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
/** Silence is measured in looks: five to a span, so that 15 s are noticed within 18. */
const LOOKS_PER_SPAN = 5;

/** The peer was just heard. */
function justHeard(activity: number, now: number): Hearing {
  return { kind: 'listening', activity, since: now, countFrom: now };
}

/** Looks at a socket that can ping: silence, a ping, an answer or the end. */
function assessWithPings(settings: LivenessSettings, hearing: Hearing, sample: Sample): Assessment {
  const { now, activity } = sample;
  const step = settings.pingAfterMs / LOOKS_PER_SPAN;
  if (sample.unsentBytes > MAX_UNSENT_BYTES) return { hearing, action: 'unread', nextMs: step };
  if (activity !== hearing.activity) {
    return { hearing: justHeard(activity, now), action: 'fine', nextMs: step };
  }
  if (hearing.kind === 'asked') {
    const left = hearing.askedAt + settings.pongTimeoutMs - now;
    return left <= 0
      ? { hearing, action: 'lost', nextMs: step }
      : { hearing, action: 'fine', nextMs: Math.min(step, left) };
  }
  const left = hearing.since + settings.pingAfterMs - now;
  return left <= 0
    ? askNow(settings, hearing, now)
    : { hearing, action: 'fine', nextMs: Math.min(step, left) };
}

/** Pings without waiting for the silence to last, unless a ping is out already. */
function askNow(settings: LivenessSettings, hearing: Hearing, now: number): Assessment {
  const nextMs = Math.min(settings.pingAfterMs / LOOKS_PER_SPAN, settings.pongTimeoutMs);
  if (hearing.kind === 'asked') return { hearing, action: 'fine', nextMs };
  const { activity, since } = hearing;
  return { hearing: { kind: 'asked', activity, since, askedAt: now }, action: 'ping', nextMs };
}

/** Looks at a socket that cannot ping: silence is told, again after each further span of it. */
function assessWithoutPings(settings: LivenessSettings, hearing: Hearing, sample: Sample): Assessment {
  const { now, activity } = sample;
  const span = settings.livenessTimeoutMs;
  const step = span / LOOKS_PER_SPAN;
  if (sample.unsentBytes > MAX_UNSENT_BYTES) return { hearing, action: 'unread', nextMs: step };
  if (activity !== hearing.activity) {
    return { hearing: justHeard(activity, now), action: 'fine', nextMs: step };
  }
  const left = countFrom(hearing) + span - now;
  if (left > 0) return { hearing, action: 'fine', nextMs: Math.min(step, left) };
  return {
    hearing: { kind: 'listening', activity, since: hearing.since, countFrom: now },
    action: 'tell',
    nextMs: step,
  };
}

/** Brings the next `tell` forward to `inMs` from now, if it would come later. */
function tellSooner(settings: LivenessSettings, hearing: Hearing, inMs: number, now: number): Hearing {
  const { activity, since } = hearing;
  const sooner = Math.min(countFrom(hearing), now + inMs - settings.livenessTimeoutMs);
  return { kind: 'listening', activity, since, countFrom: sooner };
}

function countFrom(hearing: Hearing): number {
  return hearing.kind === 'listening' ? hearing.countFrom : hearing.since;
}

/** What the watch needs of a socket. */
type WatchedSocket = Pick<Socket, 'canPing' | 'activity' | 'unsentBytes' | 'ping'>;

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
  private readonly timer: JudgingTimer;
  private over = false;

  constructor(
    private readonly clock: Clock,
    private readonly settings: LivenessSettings,
    private readonly socket: WatchedSocket,
    private readonly onNews: (news: LivenessNews) => void,
  ) {
    // The open socket keeps the process alive; the watch need not.
    this.timer = new JudgingTimer(clock, 'background');
    this.hearing = justHeard(socket.activity(), clock.now());
    this.schedule(this.assess().nextMs);
  }

  /** No look and no news after this. */
  stop(): void {
    this.over = true;
    this.timer.clear();
  }

  /** The platform says that the network changed: find out now instead of later. */
  networkChanged(online: boolean): void {
    if (this.over) return;
    const now = this.clock.now();
    if (this.socket.canPing) {
      this.act(askNow(this.settings, this.hearing, now));
    } else {
      this.hearing = tellSooner(this.settings, this.hearing, online ? 0 : OFFLINE_PATIENCE_MS, now);
      this.act(this.assess());
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

  private assess(): Assessment {
    const { socket, hearing, settings } = this;
    const now = this.clock.now();
    const sample = { activity: socket.activity(), unsentBytes: socket.unsentBytes(), now };
    return socket.canPing
      ? assessWithPings(settings, hearing, sample)
      : assessWithoutPings(settings, hearing, sample);
  }

  private act({ hearing, action, nextMs }: Assessment): void {
    this.hearing = hearing;
    if (action === 'lost' || action === 'unread') {
      this.stop();
      this.onNews(action === 'lost' ? 'silent' : 'unread');
      return;
    }
    if (action === 'ping') this.socket.ping();
    this.schedule(nextMs);
    if (action === 'tell') this.onNews('quiet');
  }

  private schedule(delayMs: number): void {
    if (this.over) return;
    this.timer.start(
      delayMs,
      () => this.act(this.assess()),
      () => isJudgement(this.assess()),
    );
  }
}

/** Whether the peer is accused of silence. Only that waits for a grace; a ping or another look does no harm. */
function isJudgement({ action }: Assessment): boolean {
  return action === 'lost' || action === 'unread' || action === 'tell';
}
