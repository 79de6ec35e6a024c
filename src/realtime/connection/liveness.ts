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
export interface Sample {
  /** Grows whenever bytes come in: frames, pings, pongs. */
  readonly activity: number;
  /** Bytes that we wrote and that the peer has not taken. */
  readonly unsentBytes: number;
  readonly now: number;
}

/** What we know about the peer, between two looks. `since` is the last look that found something new. */
export type Hearing =
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
export type LivenessAction = 'fine' | 'ping' | 'tell' | 'lost' | 'unread';

export interface Assessment {
  readonly hearing: Hearing;
  readonly action: LivenessAction;
  readonly nextMs: number;
}

/** More than this written and not taken: the peer does not read, and our memory is not its buffer. 16 MiB. */
export const MAX_UNSENT_BYTES = 16 * 1024 * 1024;
/** Silence is measured in looks: five to a span, so that 15 s are noticed within 18. */
const LOOKS_PER_SPAN = 5;

/** The peer was just heard. */
export function justHeard(activity: number, now: number): Hearing {
  return { kind: 'listening', activity, since: now, countFrom: now };
}

/** Looks at a socket that can ping: silence, a ping, an answer or the end. */
export function assessWithPings(settings: LivenessSettings, hearing: Hearing, sample: Sample): Assessment {
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
export function askNow(settings: LivenessSettings, hearing: Hearing, now: number): Assessment {
  const nextMs = Math.min(settings.pingAfterMs / LOOKS_PER_SPAN, settings.pongTimeoutMs);
  if (hearing.kind === 'asked') return { hearing, action: 'fine', nextMs };
  const { activity, since } = hearing;
  return { hearing: { kind: 'asked', activity, since, askedAt: now }, action: 'ping', nextMs };
}

/** Looks at a socket that cannot ping: silence is told, again after each further span of it. */
export function assessWithoutPings(settings: LivenessSettings, hearing: Hearing, sample: Sample): Assessment {
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
export function tellSooner(settings: LivenessSettings, hearing: Hearing, inMs: number, now: number): Hearing {
  const { activity, since } = hearing;
  const sooner = Math.min(countFrom(hearing), now + inMs - settings.livenessTimeoutMs);
  return { kind: 'listening', activity, since, countFrom: sooner };
}

function countFrom(hearing: Hearing): number {
  return hearing.kind === 'listening' ? hearing.countFrom : hearing.since;
}
