import type { Clock } from '../../clock/index.js';
import { JudgingTimer } from '../util/judging-timer.js';
import type { PingLore } from './ping-lore.js';
import type { Socket } from './socket.js';

/** LIVE-1 in numbers. All in milliseconds. */
export interface LivenessSettings {
  /** Silence after which we ping, where the socket can. */
  readonly pingAfterMs: number;
  /** How long the peer gets to answer, at first. Any byte is an answer. */
  readonly pongTimeoutMs: number;
  /** Silence after which the owner is told, where pings tell nothing. */
  readonly livenessTimeoutMs: number;
}

interface Hearing {
  readonly activity: number;
  /** The last look that found something new. */
  readonly since: number;
  /** Where the silence that matters began. Later than `since` once the owner was told of it. */
  readonly countFrom: number;
  /** When a ping went out that is not answered yet. */
  readonly askedAt: number | null;
  readonly taking: Taking;
}

/** BP-3: what the peer had taken at a look, and since when it takes nothing although much is there. */
interface Taking {
  readonly taken: number;
  readonly unsent: number;
  readonly since: number;
  /** It took some of what it was behind with: it reads. */
  readonly isGoingOn: boolean;
}

/**
 * What the watch finds out.
 * - `quiet`: the owner should ask another way (a browser's socket cannot).
 * - `silent`: no answer, for good. `unread`: the peer takes nothing any more. The socket is over.
 */
export type LivenessNews = 'quiet' | 'silent' | 'unread';

/** What a look comes to: nothing, a ping, or news; and when to look again. */
interface Assessment {
  readonly hearing: Hearing;
  readonly action: 'fine' | 'ping' | LivenessNews;
  readonly nextMs: number;
}

/**
 * BP-3: more than this written and not taken yet is much: 4 MiB, some 80,000 acks. Acks wait from there on. A peer that
 * takes nothing of it for a whole span does not read; one that reads slowly lives.
 */
export const MUCH_UNSENT_BYTES = 4 * 1024 * 1024;
/** Silence is measured in looks: five to a span, so that 15 s are noticed within 18. */
const LOOKS_PER_SPAN = 5;
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
    private readonly socket: Pick<
      Socket,
      'canPing' | 'activity' | 'unsentBytes' | 'takenBytes' | 'ping' | 'pongs'
    >,
    private readonly lore: PingLore,
    private readonly onNews: (news: LivenessNews) => void,
  ) {
    // The open socket keeps the process alive; the watch need not.
    this.timer = new JudgingTimer(clock, 'background');
    const now = clock.now();
    this.hearing = justHeard(socket.activity(), now, { taken: 0, unsent: 0, since: now, isGoingOn: false });
    this.schedule(this.assess().nextMs);
  }

  stop(): void {
    this.hearPongs();
    this.over = true;
    this.timer.clear();
  }

  /** The platform says that the network changed: find out now instead of later. */
  networkChanged(online: boolean): void {
    if (this.over) return;
    if (this.judgesByPings) {
      this.act(this.ask(this.hearing));
      return;
    }
    const patienceMs = online ? 0 : OFFLINE_PATIENCE_MS;
    const sooner = this.clock.now() + patienceMs - this.settings.livenessTimeoutMs;
    this.hearing = { ...this.hearing, countFrom: Math.min(this.hearing.countFrom, sooner) };
    this.act(this.assess());
  }

  /** How long nothing was heard, and how long a ping has been out. For people. */
  insight(): { silentForMs: number; pingOutForMs: number | null } {
    const { activity, since, askedAt } = this.hearing;
    const now = this.clock.now();
    if (this.socket.activity() !== activity) return { silentForMs: 0, pingOutForMs: null };
    const pingOut = askedAt !== null && this.judgesByPings;
    return { silentForMs: now - since, pingOutForMs: pingOut ? now - askedAt : null };
  }

  /** LIVE-3: where pings are swallowed, a socket that can ping is judged like one that cannot. */
  private get judgesByPings(): boolean {
    return this.socket.canPing && !this.lore.swallowed;
  }

  private hearPongs(): void {
    const { socket } = this;
    if (socket.pongs === undefined || socket.pongs() > 0) this.lore.ponged();
  }

  private look(): void {
    this.hearPongs();
    this.act(this.assess());
  }

  /** Looks at the socket. A silence ends in a ping, and then in an answer or the end; or else it is told, span by span. */
  private assess(): Assessment {
    const { socket, settings, judgesByPings } = this;
    const now = this.clock.now();
    const activity = socket.activity();
    const span = judgesByPings ? settings.pingAfterMs : settings.livenessTimeoutMs;
    const step = (socket.canPing ? settings.pingAfterMs : span) / LOOKS_PER_SPAN;
    const taking = this.lookAtTaking(now);
    const hearing: Hearing = { ...this.hearing, taking };
    if (now - taking.since >= span) return { hearing, action: 'unread', nextMs: step };
    if (activity !== hearing.activity) {
      return { hearing: justHeard(activity, now, taking), action: 'fine', nextMs: step };
    }
    // A ping stands in line behind what is unsent: as long as that is taken, its answer is not late.
    if (taking.isGoingOn) {
      return { hearing: { ...hearing, countFrom: now, askedAt: null }, action: 'fine', nextMs: step };
    }
    const asked = judgesByPings && hearing.askedAt !== null;
    const dueAt = asked ? hearing.askedAt + this.lore.waitMs : hearing.countFrom + span;
    if (dueAt > now && this.triesAgain(now))
      return { hearing: { ...hearing, askedAt: now }, action: 'ping', nextMs: step };
    if (dueAt > now) return { hearing, action: 'fine', nextMs: Math.min(step, dueAt - now) };
    if (asked) return { hearing, action: 'silent', nextMs: step };
    if (judgesByPings) return this.ask(hearing);
    return { hearing: { ...hearing, countFrom: now }, action: 'quiet', nextMs: step };
  }

  private lookAtTaking(now: number): Taking {
    const { socket, hearing } = this;
    const { taking } = hearing;
    const unsent = socket.unsentBytes();
    const taken = socket.takenBytes();
    const tookSome = taken > taking.taken;
    const since = tookSome || unsent <= MUCH_UNSENT_BYTES ? now : taking.since;
    // What a socket writes that is not behind the system takes at once, and be the peer dead.
    return { taken, unsent, since, isGoingOn: tookSome && taking.unsent > 0 };
  }

  /** Whether a ping goes out that judges nobody: its answer would show that pings are answered here after all. */
  private triesAgain(now: number): boolean {
    const { askedAt, since } = this.hearing;
    return (
      this.socket.canPing && this.lore.swallowed && (askedAt ?? since) + this.settings.pingAfterMs <= now
    );
  }

  /** Pings, whether the silence has lasted or not; unless a ping is out already. */
  private ask(hearing: Hearing): Assessment {
    const { settings } = this;
    const nextMs = Math.min(settings.pingAfterMs / LOOKS_PER_SPAN, this.lore.waitMs);
    if (hearing.askedAt !== null) return { hearing, action: 'fine', nextMs };
    return { hearing: { ...hearing, askedAt: this.clock.now() }, action: 'ping', nextMs };
  }

  private act({ hearing, action, nextMs }: Assessment): void {
    this.hearing = hearing;
    if (action === 'silent' || action === 'unread') {
      this.stop();
      this.onNews(action);
      return;
    }
    if (action === 'ping') this.socket.ping();
    this.schedule(nextMs);
    if (action === 'quiet') this.onNews(action);
  }

  private schedule(delayMs: number): void {
    // A ping may have ended it.
    if (this.over) return;
    this.timer.start(
      delayMs,
      () => this.look(),
      () => this.judges(),
    );
  }

  /** Whether the peer is accused of silence. Only that waits for a grace; a ping or another look does no harm. */
  private judges(): boolean {
    const { action } = this.assess();
    return action !== 'fine' && action !== 'ping';
  }
}

function justHeard(activity: number, now: number, taking: Taking): Hearing {
  return { activity, since: now, countFrom: now, askedAt: null, taking };
}
