import type { Misses } from './deadlines.js';
import type { Ending, Problem } from './endings.js';
import type { Doubts } from './refusals.js';
import type { ConnectionState, Session, SocketEnd } from './session.js';

/**
 * What the machine remembers across states. Numbers only grow: an attempt, a session or a timer that has ended is
 * never meant by a later number, so an answer that comes too late is recognised and dropped.
 */
export interface Memory {
  /** The number of the last attempt: the one that is under way, if there is one. So are the next two. */
  readonly attempt: number;
  readonly session: number;
  readonly timer: number;
  /** Failed attempts in a row; `hello.ok` sets it back to 0. */
  readonly failures: number;
  /** When the most recent attempts began, oldest first: the limiter's book. At most `LIMITER_ATTEMPTS` entries. */
  readonly starts: readonly number[];
  /** No attempt begins before this moment of the monotonic clock, whoever asks for it: what `Retry-After` asked for. */
  readonly notBefore: number;
  /** What the deadlines of the next attempt go by. */
  readonly misses: Misses;
  /** Refusals in a row of which nobody knows whose word they are; `null` while there is none. */
  readonly doubts: Doubts | null;
  /** The key that the service refused last, while no `hello.ok` has come since. */
  readonly refusal: { readonly keyNumber: number; readonly problem: Problem } | null;
}

type Remembering = { readonly memory: Memory };

export type Idle = Remembering & { readonly kind: 'idle' };

export type Connecting = Remembering & { readonly kind: 'connecting' } & (
    | { readonly phase: 'asking_key' }
    /** `openingSince`: when the socket was asked for. */
    | { readonly phase: 'opening'; readonly keyNumber: number; readonly openingSince: number }
    | {
        readonly phase: 'authenticating';
        readonly keyNumber: number;
        readonly openingSince: number;
        /** When our hello went out. */
        readonly helloSince: number;
        /** What the service said in a `hello.error` or the like, if it said anything. */
        readonly hint: string | null;
      }
  );

export type Connected = Remembering & {
  readonly kind: 'connected';
  readonly keyNumber: number;
  readonly session: Session;
};

/** The next attempt is scheduled: `until` is when it is due, on the monotonic clock. */
export type Waiting = Remembering & { readonly kind: 'waiting'; readonly until: number };

export type Stopping = Remembering & {
  readonly kind: 'stopping';
} /** `beginStop()` was called: nothing is taken in any more, what was handled may still be acknowledged. */ & (
    | { readonly phase: 'flushing'; readonly session: Session | null }
    /** The close frame is out; the peer has a moment to answer it. */
    | { readonly phase: 'closing'; readonly session: Session }
  );

/** All states of a connection. Exactly one of them holds, and every event has an answer in each of them. */
export type State = Idle | Connecting | Connected | Waiting | Stopping;

export type Event =
  | { readonly type: 'connect' | 'begin_stop' | 'close' }
  /** The signal given to the `connect()` that began this life was aborted. */
  | { readonly type: 'abort'; readonly cause: unknown }
  /** The key for an attempt; equal keys have equal numbers, so that the machine never holds a secret. */
  | { readonly type: 'key'; readonly attempt: number; readonly keyNumber: number }
  | { readonly type: 'opened'; readonly attempt: number }
  | { readonly type: 'hello_ok'; readonly attempt: number; readonly ackMode: boolean }
  | { readonly type: 'hello_hint'; readonly attempt: number; readonly hint: string }
  /** An attempt or its socket is over, whoever found out. */
  | { readonly type: 'ended'; readonly attempt: number; readonly ending: Ending }
  | { readonly type: 'replace'; readonly session: number; readonly why: string }
  | { readonly type: 'timer'; readonly timer: number }
  | { readonly type: 'online' };

/** What is to be done. Effects of an attempt concern the one that the new state remembers. */
export type Effect =
  | { readonly do: 'ask_key' | 'open' | 'hello' }
  /**
   * Starts the one timer of the machine; a timer that was running is forgotten. `judges`: somebody should have answered
   * by then, and gets a grace if we slept.
   */
  | { readonly do: 'timer'; readonly timer: number; readonly delayMs: number; readonly judges: boolean }
  | { readonly do: 'clear_timer' }
  /** The public state has changed. Every effect that tells somebody something sees the new one already. */
  | { readonly do: 'state'; readonly state: ConnectionState; readonly previous: ConnectionState }
  /** Fences the attempt's socket: listeners off, closed with `code` if it still listens, terminated. Nobody waits. */
  | { readonly do: 'discard'; readonly code: number; readonly reason: string }
  /** Sends the close frame and leaves the peer a moment to answer. */
  | { readonly do: 'say_goodbye' }
  | { readonly do: 'session_start' | 'session_end'; readonly session: Session }
  /** Frames of the session are no longer taken in; the socket stays. */
  | { readonly do: 'stop_intake' }
  /** `session`: the one that ended with the socket, if it had become one. */
  | { readonly do: 'disconnected'; readonly end: SocketEnd; readonly session: Session | null }
  | { readonly do: 'report'; readonly problem: Problem }
  | { readonly do: 'connect_ok' }
  | { readonly do: 'connect_failed'; readonly problem: Problem }
  | { readonly do: 'stopped' };

/** The world as the machine may see it at an event: the monotonic clock, and a number in [0, 1) for the jitter. */
export interface Moment {
  readonly now: number;
  readonly chance: number;
}

/** What a transition answers: the next state, and what is to be done about it, in this order. */
export type Step = readonly [State, readonly Effect[]];

/** The numbers that the machine decides by. All times in milliseconds. */
export interface MachineSettings {
  /** Whether the first attempt after a session, or after a failure, waits for nothing but the limiter. */
  readonly reconnectsAtOnce: boolean;
  readonly reconnectIntervalMs: number;
  readonly maxReconnectIntervalMs: number;
  /** Failed attempts in a row after the first; 0 when reconnecting is off, `Infinity` when it never ends. */
  readonly maxReconnectAttempts: number;
  /** The first deadlines; LIVE-3 lets them grow. */
  readonly openTimeoutMs: number;
  readonly helloTimeoutMs: number;
  /** Whether another key may exist: a function is asked once more after a refusal. */
  readonly keySource: 'fixed' | 'function';
}
