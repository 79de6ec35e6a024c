import type { Clock } from '../../clock/index.js';
import type { ConnectionState, DisconnectInfo, Session } from './session.js';

/** One numbered try to connect, and what became of it. */
export interface AttemptInsight {
  readonly attempt: number;
  /** How long ago it began, in ms. */
  readonly agoMs: number;
  /** `connected`: it became a session, which lives. `ended`: it became one, which is over. */
  readonly outcome: 'pending' | 'connected' | 'ended' | 'failed';
  /** Why it failed or ended, in words; `null` while there is nothing to say. */
  readonly detail: string | null;
}

/** What a connection knows about itself: data for "why am I not receiving?". All times in ms. */
export interface ConnectionInsight {
  readonly url: string;
  readonly state: ConnectionState;
  /** Why nothing is tried, as a sentence; `null` unless `state` is `idle`. */
  readonly idleBecause: string | null;
  /** What an attempt that is under way waits for; `null` without one. */
  readonly phase: 'asking_key' | 'opening' | 'authenticating' | null;
  readonly session: Session | null;
  /** The number of the last attempt. */
  readonly attempt: number;
  /** Failed attempts in a row. A session that worked is none, however short it was. */
  readonly failuresInARow: number;
  readonly nextAttemptInMs: number | null;
  /** How much longer the other side asked us to stay away (`Retry-After`); `null` when it does not. */
  readonly askedToWaitMs: number | null;
  /** How long nothing came in, pings included, to within the distance of two looks. `null` without a session. */
  readonly silentForMs: number | null;
  /** How long a ping of ours has been unanswered. */
  readonly pingOutForMs: number | null;
  /** Pings were never answered at this address. A silent socket is no proof then, so REST is asked about it. */
  readonly pingsSwallowed: boolean;
  /** Bytes written and not taken by the peer. */
  readonly unsentBytes: number;
  /** Frames that could not be used. */
  readonly badFrames: number;
  /** Calls of the owner that threw. */
  readonly listenerFailures: number;
  /** What `onDisconnect` was told last. */
  readonly lastClose: (DisconnectInfo & { readonly attempt: number; readonly agoMs: number }) | null;
  /** The last error that was told. */
  readonly lastError: { readonly message: string; readonly agoMs: number } | null;
  /** The last ten, oldest first. */
  readonly attempts: readonly AttemptInsight[];
}

interface AttemptRecord {
  readonly attempt: number;
  readonly at: number;
  outcome: AttemptInsight['outcome'];
  detail: string | null;
}

const REMEMBERED_ATTEMPTS = 10;

/** Remembers the last attempts, the last close and the last error. Bounded. */
export class ConnectionHistory {
  private readonly attempts: AttemptRecord[] = [];
  private lastClose: (DisconnectInfo & { attempt: number; at: number }) | null = null;
  private lastError: { message: string; at: number } | null = null;
  /** Why nothing is tried, or was not when it was last idle: a sentence. */
  idleBecause = 'connect() has not been called.';

  constructor(private readonly clock: Clock) {}

  began(attempt: number): void {
    this.attempts.push({ attempt, at: this.clock.now(), outcome: 'pending', detail: null });
    if (this.attempts.length > REMEMBERED_ATTEMPTS) this.attempts.shift();
  }

  /** The last attempt became a session. */
  connected(): void {
    const last = this.attempts.at(-1);
    if (last !== undefined) last.outcome = 'connected';
  }

  /** The last attempt is over, before or after it became a session. */
  over(detail: string): void {
    const last = this.attempts.at(-1);
    if (last === undefined) return;
    if (last.outcome === 'pending') last.outcome = 'failed';
    if (last.outcome === 'connected') last.outcome = 'ended';
    last.detail = detail;
  }

  closed(attempt: number, info: DisconnectInfo): void {
    this.lastClose = { ...info, attempt, at: this.clock.now() };
    this.over(`closed with code ${info.code}${info.reason === '' ? '' : `: ${info.reason}`}`);
  }

  told(message: string): void {
    this.lastError = { message, at: this.clock.now() };
  }

  insight(): Pick<ConnectionInsight, 'attempts' | 'lastClose' | 'lastError'> {
    const { attempts, lastClose, lastError } = this;
    const now = this.clock.now();
    return {
      attempts: attempts.map((record) => aged(record, now)),
      lastClose: lastClose && aged(lastClose, now),
      lastError: lastError && aged(lastError, now),
    };
  }
}

function aged<T extends { readonly at: number }>({ at, ...rest }: T, now: number) {
  return { ...rest, agoMs: now - at };
}
