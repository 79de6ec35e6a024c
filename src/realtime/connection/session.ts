import type { AgentChatClientError } from '../../errors/index.js';
import type { ServerFrame } from '../../wire/index.js';

/** One authenticated life of a socket, from `hello.ok` to its end. Answers that belong to a stale number are dropped. */
export interface Session {
  /** Counts from 1 and is never reused by the same client. */
  readonly id: number;
  /** True when the service echoed the `ack` capability: messages stay undelivered until we acknowledge them. */
  readonly ackMode: boolean;
  /** When `hello.ok` arrived, on the monotonic clock. */
  readonly startedAt: number;
}

/** How a socket ended: its last words. */
export interface SocketEnd {
  /** The close code; 1006 when the socket ended without a close frame. */
  code: number;
  reason: string;
  wasClean: boolean;
}

/**
 * How a socket ended, and what follows, as `onDisconnect` listeners are told.
 *
 * @example
 * realtime.onDisconnect(({ code, lastedMs, nextAttemptInMs }) => {
 *   console.log(`lost after ${lastedMs} ms (${code}), next attempt in ${nextAttemptInMs} ms`);
 * });
 */
export interface DisconnectInfo extends SocketEnd {
  /** How long its session lasted, from `hello.ok` on, in milliseconds; `null` when it never became one. */
  lastedMs: number | null;
  /** When the next attempt begins, in milliseconds from now; `null` when there will be none by itself. */
  nextAttemptInMs: number | null;
}

/**
 * - `idle`: not connected, not trying (before `connect()`, after `disconnect()`, or after a terminal refusal).
 * - `connecting`: a socket is being opened or has not said `hello.ok` yet.
 * - `connected`: authenticated and receiving.
 * - `waiting`: the last attempt failed or the session was lost; the next attempt is scheduled.
 * - `stopping`: `disconnect()` is flushing what is under way.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'waiting' | 'stopping';

export interface FrameTaker {
  /** One parsed frame with a string `type`, in order of arrival. Never `hello.ok`. This is the hot path. */
  frame(frame: ServerFrame): void;
}

/** What the connection tells the rest of the realtime client. None of these calls may throw. */
export interface ConnectionListener {
  /** Who takes the frames. Asked at the beginning of each session, so that no frame has to. */
  readonly inbox: FrameTaker;
  /** Shown each `hello.ok`, before its session begins. */
  onHelloOk(frame: ServerFrame): void;
  /** `hello.ok` arrived. The frames that follow, until `onSessionEnd`, belong to this session. */
  onSessionStart(session: Session): void;
  /** A session was silent for `livenessTimeoutMs`, or the network changed, on a socket that cannot ping, or whose pings are swallowed. */
  onSilence(session: Session): void;
  /** The session is over, whatever ended it; nothing of it follows. Not called for attempts that never said hello. */
  onSessionEnd(session: Session): void;
  /** A socket (authenticated or not) ended. When the next attempt begins is settled by then. */
  onDisconnect(info: DisconnectInfo): void;
  onStateChange(state: ConnectionState, previous: ConnectionState): void;
  /** Nothing is tried any more: because of `why`, or called off by its signal. Told before anybody hears of the new state. */
  onGivenUp(why: AgentChatClientError | undefined): void;
  /** A frame that could not be used, a failed attempt, a terminal refusal. */
  onError(error: AgentChatClientError): void;
}
