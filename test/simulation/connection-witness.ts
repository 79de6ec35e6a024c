import type { ConnectionState } from '../../src/realtime/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { Facts } from './facts.js';
import type { SimulatedSocket, SocketWitness } from './model-socket.js';

/** The option that the simulated bots are given: the wait after the first failure. */
export const RECONNECT_MS = 500;
const MAX_RECONNECT_MS = 30_000;
const JITTER = 0.25;
/** RCN-1: at most so many attempts in so many milliseconds, under all paths. */
const LIMIT = { attempts: 20, windowMs: 20 * RECONNECT_MS };
/** The longest wait between two attempts: the backoff, or the limiter's window, and a moment. */
const PATIENCE_MS = Math.max(MAX_RECONNECT_MS * (1 + JITTER), LIMIT.windowMs) + 1_000;
/** LIVE-1: a half-open socket is noticed within this: silence, the distance of two looks, and the longest wait for a pong. */
const NOTICED_MS = 15_000 + 3_000 + 30_000;
/** LIVE-3: the first wait for hello.ok, and the longest. */
const HELLO_MS = { first: 4_000, longest: 30_000 };
/** LIVE-3: so many sessions may end by a ping that nobody answered, before that is taken for the way's fault. */
const ENOUGH_SILENCE = 2;
/** BP-3: more than this unsent is much, and a peer that takes nothing of it for a span does not read. */
const MUCH_UNSENT_BYTES = 4 * 1024 * 1024;
const SPAN_MS = 15_000;
/** So many waits without any spread are no chance. */
const ENOUGH_WAITS = 4;

/** Watches the sockets: one at most, no storm, no deafness, and none given up without need. */
export class ConnectionWitness implements SocketWitness {
  private current: SimulatedSocket | null = null;
  private connectedAt: number | null = null;
  /** When the last socket ended; null when there is nothing to reconnect for. */
  private endedAt: number | null = null;
  /** For how long the process was frozen since then. */
  private frozenMs = 0;
  private failures = 0;
  /** LIVE-3: sockets in a row that were given up because no hello.ok had come. */
  private missedHellos = 0;
  /** RCN-4: no attempt before this. */
  private askedUntil = 0;
  /** How long the last session lived. */
  private lastedMs = 0;
  /** LIVE-3: sessions that an unanswered ping ended, and whether one was ever answered, in this life. */
  private silentSessions = 0;
  private hasPonged = false;
  private openings: number[] = [];
  /** How each wait compares with the backoff before its jitter. */
  private waits: number[] = [];
  /** Whether the bot wants a socket: `soon` when a stop is still under way. */
  private wanted: 'no' | 'soon' | 'yes' = 'no';

  constructor(
    private readonly clock: VirtualClock,
    private readonly facts: Facts,
    /** Whether the bot can find out without pings that a silent socket is dead. */
    private readonly canAskRest: boolean,
  ) {}

  /** LIVE-3: whether the bot has reason to think that pings are lost on the way. */
  get isPingLost(): boolean {
    return this.canAskRest && !this.hasPonged && this.silentSessions >= ENOUGH_SILENCE;
  }

  /** The bot has been told that it is connected, and nothing else since. */
  get hasSession(): boolean {
    return this.connectedAt !== null && this.wanted === 'yes';
  }

  // -- what the bot does --------------------------------------------------------------------------------------------

  newLife(): void {
    this.current = null;
    this.openings = [];
    this.missedHellos = 0;
    this.silentSessions = 0;
    this.hasPonged = false;
    this.askedUntil = 0;
    this.connectedAt = null;
    this.wanted = 'no';
  }

  /** `connect()` was called. */
  connects(): void {
    if (this.wanted === 'no') this.wanted = 'soon';
  }

  /** `disconnect()` was called. */
  stops(): void {
    this.wanted = 'no';
    this.endedAt = null;
  }

  state(state: ConnectionState): void {
    if (state !== 'connecting' || this.wanted !== 'soon') return;
    this.wanted = 'yes';
    this.endedAt = null;
    this.failures = 0;
  }

  connected(): void {
    this.connectedAt = this.clock.now();
    this.failures = 0;
    this.missedHellos = 0;
  }

  /** The process was frozen: nobody could notice anything. */
  froze(ms: number): void {
    this.frozenMs += ms;
    if (this.current !== null && this.current.deadSince !== null) this.current.deadSince += ms;
  }

  // -- what becomes of the sockets ------------------------------------------------------------------------------------

  /** RCN-4: an upgrade is answered with `Retry-After`. */
  askedToWait(ms: number): void {
    this.askedUntil = Math.max(this.askedUntil, this.clock.now() + ms);
  }

  opened(socket: SimulatedSocket): void {
    const { facts } = this;
    const now = this.clock.now();
    facts.note(() => 'socket   opening');
    if (this.current !== null) facts.object('RCN-1', 'a second socket was opened beside the first');
    if (this.wanted !== 'yes') facts.object('STOP-1', 'a socket was opened after disconnect()');
    if (now < this.askedUntil) {
      facts.object('RCN-4', `attempt ${Math.round(this.askedUntil - now)} ms before it was allowed`);
    }
    this.current = socket;
    this.openings.push(now);
    const first = this.openings.at(-1 - LIMIT.attempts);
    if (first !== undefined && now - first < LIMIT.windowMs - 1) {
      facts.object('RCN-1', `${LIMIT.attempts + 1} attempts within ${Math.round(now - first)} ms`);
    }
    if (this.endedAt !== null) this.judgeWait(now - this.endedAt);
    const limited = first !== undefined && now - first < LIMIT.windowMs + 1 + this.frozenMs;
    if (this.endedAt !== null && this.failures === 0 && !limited)
      this.judgePatience(now - Math.max(this.endedAt, this.askedUntil));
    this.endedAt = null;
    if (this.openings.length > LIMIT.attempts) this.openings.shift();
  }

  /** RCN-2: after a session the wait is the shortest, or half of what it lasted at most. */
  private judgePatience(waited: number): void {
    const most = Math.max(RECONNECT_MS * (1 + JITTER), this.lastedMs / 2);
    if (waited <= most + this.frozenMs + 1) return;
    const lasted = Math.round(this.lastedMs);
    this.facts.object(
      'RCN-2',
      `attempt after ${Math.round(waited)} ms, though the session lasted ${lasted} ms`,
    );
  }

  private judgeWait(waited: number): void {
    const backoff = Math.min(RECONNECT_MS * 2 ** Math.max(this.failures - 1, 0), MAX_RECONNECT_MS);
    if (waited < backoff * (1 - JITTER) - 1) {
      this.facts.object(
        'RCN-1',
        `attempt after ${Math.round(waited)} ms, ${this.failures} failures in a row`,
      );
    }
    this.waits.push(waited / backoff);
    if (this.waits.length >= ENOUGH_WAITS && this.waits.every((wait) => wait === this.waits[0])) {
      this.facts.object('RCN-1', `${this.waits.length} waits in a row without jitter`);
    }
  }

  /** It ended by itself. */
  ended(socket: SimulatedSocket): void {
    if (this.current !== socket) return;
    const now = this.clock.now();
    this.current = null;
    if (this.connectedAt === null) this.failures += 1;
    else this.lastedMs = now - this.connectedAt;
    this.connectedAt = null;
    this.endedAt = this.wanted === 'yes' ? now : null;
    this.frozenMs = 0;
  }

  /** The bot gave it up. */
  discarded(socket: SimulatedSocket, reason: string, wasOpen: boolean): void {
    this.facts.note(() => `socket   given up, "${reason}"`);
    if (wasOpen && reason === PING_TIMEOUT) this.judgeSilence(socket);
    if (reason === UNREAD && socket.deadSince === null && this.clock.now() - socket.takenAt < SPAN_MS)
      this.facts.object('BP-3', 'a socket was given up as unread, and is read');
    if (reason === HELLO_TIMEOUT) this.judgeHello();
    this.ended(socket);
  }

  private judgeSilence(socket: SimulatedSocket): void {
    const { facts } = this;
    if (this.isPingLost)
      facts.object('LIVE-3', `after ${this.silentSessions} sessions another was judged by its pings`);
    this.silentSessions += 1;
    if (socket.deadSince === null && !socket.hasLostPing)
      facts.object('LIVE-1', 'a socket that works was given up as silent');
  }

  /** A ping was answered. */
  ponged(): void {
    this.hasPonged = true;
  }

  /** BP-3: the bot writes acknowledgements, where so much has not been taken off yet. A stop writes all the same. */
  writes(unsentBytes: number): void {
    if (unsentBytes > MUCH_UNSENT_BYTES && this.wanted === 'yes')
      this.facts.object('BP-3', `acks were written where ${unsentBytes} bytes waited already`);
  }

  /** LIVE-3: each hello that was not answered in time gives the next one more. */
  private judgeHello(): void {
    const least = Math.min(HELLO_MS.first * 2 ** this.missedHellos, HELLO_MS.longest);
    const waited = this.clock.now() - (this.openings.at(-1) ?? 0);
    this.missedHellos += 1;
    if (waited >= least) return;
    this.facts.object(
      'LIVE-3',
      `hello.ok was waited for ${Math.round(waited)} ms, ${this.missedHellos} times in a row`,
    );
  }

  // -- after every step -----------------------------------------------------------------------------------------------

  check(): void {
    const now = this.clock.now();
    const deadSince = this.current?.deadSince ?? null;
    if (deadSince !== null && now - deadSince > NOTICED_MS && !this.isPingLost) {
      this.facts.object('LIVE-1', `a half-open socket was not noticed for ${Math.round(now - deadSince)} ms`);
    }
    if (
      this.endedAt !== null &&
      now - Math.max(this.endedAt, this.askedUntil) > PATIENCE_MS + this.frozenMs
    ) {
      this.facts.object('RCN-1', `nobody has tried to connect for ${Math.round(now - this.endedAt)} ms`);
    }
  }
}

/** What the bot says when it gives a socket up: one that gave no answer to a ping, ... */
const PING_TIMEOUT = 'ping timeout';
/** ... one of which nothing is taken off, ... */
const UNREAD = 'writes pile up';
/** ... and one whose hello.ok did not come. */
const HELLO_TIMEOUT = 'HELLO ack timeout';
