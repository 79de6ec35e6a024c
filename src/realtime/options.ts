import type { Clock } from '../clock/index.js';
import type { ApiKeySource, ClientIdentity, ValidateMode, WireMismatch } from '../http/index.js';
import type { BotStore, CursorStore, DedupeStore, ReplicaCoordinator } from '../stores/index.js';
import type { Bounds } from './bounds.js';
import type { OpenSocket, WebSocketConstructor } from './connection/socket.js';
import type { SequenceGapInfo } from './events.js';
import type { DeadLetterHandler, HandlerFailurePolicy, HandlerRetry } from './lanes/lane.js';
import type { GapFillWindow } from './order/gap-window.js';
import type { RealtimeSource } from './source.js';

/** Options of {@link RealtimeClient}. All times are in milliseconds. */
export interface RealtimeOptions {
  /**
   * The agent's key, or a function that gives it: asked before each attempt and once more after a refusal, so that a
   * rotated key goes on by itself. Default: that of `client`; with a `client` that has none, or without one, the environment
   * variable `AGENTCHAT_API_KEY`. A key that is not that of `client` is refused; functions are not compared.
   */
  apiKey?: ApiKeySource | undefined;
  /**
   * `wss`, `ws`, `https` or `http`. Default: that of `client`, else as for `AgentChatClient`. Another place than that of
   * `client` is refused.
   */
  baseUrl?: string | undefined;
  /**
   * REST for what the socket lost: usually an `AgentChatClient`, which also says which agent this is, and where. Without one
   * there is no drain and no gap fill, and what is missing can only be reported.
   */
  client?: RealtimeSource | undefined;
  /** Who is calling, told in the hello. Default: nothing. */
  clientIdentity?: ClientIdentity | undefined;
  /** `false`: do not reconnect. Default `true`. */
  reconnect?: boolean | undefined;
  /**
   * The wait before a reconnect, with jitter; it doubles with each attempt that fails. Default 500. 0: the first attempt
   * follows at once, and only further ones wait, as by default.
   */
  reconnectInterval?: number | undefined;
  /** The longest wait between attempts. Default 30,000. */
  maxReconnectInterval?: number | undefined;
  /** Failed attempts in a row until it gives up. One that reached `hello.ok` has not failed. Default: never. */
  maxReconnectAttempts?: number | undefined;
  /** Read what was missed after every connect. Default `true` (when there is a `client`). */
  autoDrainOnConnect?: boolean | undefined;
  /** Message ids remembered for messages that have no usable seq. Default 2,048; so is 0. */
  dedupCacheSize?: number | undefined;
  /** Told of every gap that did not close by itself. Must not throw; it is guarded if it does. */
  onSequenceGap?: ((gap: SequenceGapInfo) => void) | undefined;
  /**
   * A W3C-like WebSocket class to use. Default: `ws` on Node, Bun and Deno, else the platform's. A class that was put in the
   * place of the global one, as tests do, is used on Node too.
   */
  webSocket?: WebSocketConstructor | undefined;

  /**
   * Remembers across restarts what was handled: a `CursorStore`, or a whole `BotStore`, whose cursors are used. Default: nothing
   * outlives the process but the service's own queue.
   */
  store?: CursorStore | BotStore | undefined;
  /**
   * Shares the conversations with other processes of the same agent (REP-1 to REP-7): `store.replicas()` of a store that several
   * processes may use. Its cursors take the place of the store's. Default: this process has all conversations.
   */
  replicas?: ReplicaCoordinator | undefined;
  /**
   * Claims each message before its handlers are called, so that one which also comes by webhook, or to another process, is
   * handled once. While somebody else is at a message, or this store fails, its conversation waits. Default: none.
   */
  dedupe?: DedupeStore | undefined;
  /** Your agent's handle, which tells your own messages from others'. Default: asked of `client.getMe()`. */
  handle?: string | undefined;
  /** Deliver your own messages to your handlers too, as they come back. Default `false`: a bot must not answer itself. */
  deliverOwn?: boolean | undefined;
  /** Conversations whose handlers run at the same time. Default 64. */
  concurrency?: number | undefined;
  /**
   * How a failing handler is called again. Default `{ retries: 3, minDelayMs: 500, maxDelayMs: 10_000 }`. Errors of the REST
   * client that retrying cannot change (blocked, not found, not valid) are not retried (HND-2).
   */
  handlerRetry?: Partial<HandlerRetry> | undefined;
  /** When a handler keeps failing: `'park'` (default) goes on and comes back to the message later; `'block'` waits. */
  onHandlerFailure?: HandlerFailurePolicy | undefined;
  /** Takes over a message whose handler kept failing. When it succeeds the message counts as handled. */
  onDeadLetter?: DeadLetterHandler | undefined;
  /** How long a gap waits for natural arrival. `'adaptive'` learns it. Default 2,000. */
  gapFillWindowMs?: GapFillWindow | undefined;
  /** How long a gap is asked for while REST fails in passing ways. Default 300,000. */
  gapGiveUpMs?: number | undefined;
  /** Silence after which the socket is pinged, where it can be. Default 15,000. */
  pingAfterMs?: number | undefined;
  /**
   * How long the answer to a ping may take, at first. It doubles, to 30,000 at most, when a socket was given up for its
   * silence and the next attempt succeeded at once. Default 10,000, or two thirds of `pingAfterMs` if that is less.
   */
  pongTimeoutMs?: number | undefined;
  /**
   * How long a socket may take to open, at first. It doubles each time that it was not enough, to 30,000 at most (or to
   * what is given, if that is more), and comes down again to what was enough. Default 4,000.
   *
   * @example new RealtimeClient({ client, openTimeoutMs: 10_000, helloTimeoutMs: 10_000 })
   */
  openTimeoutMs?: number | undefined;
  /** How long the service may take to answer our hello, at first. It learns as `openTimeoutMs` does. Default 4,000. */
  helloTimeoutMs?: number | undefined;
  /** Silence after which REST is asked, where sockets cannot ping, or nobody ever answered a ping. Default 100,000: the service pings every 45 s. */
  livenessTimeoutMs?: number | undefined;
  /** How often a lost last message is looked for while connected; 0 turns it off. Default 60,000, at least 15,000. */
  reconcileIntervalMs?: number | undefined;
  /**
   * How closely frames are compared with the contract. Default `warn`: the first 20 of a kind and then 1 in 1,000, if
   * there is an `onWireMismatch` to be told. `strict` compares every frame, and tells `onError` of each that differs.
   * No mode keeps a frame from its handlers: what cannot be delivered at all (a message without an id) is told in every
   * mode, and so is what JSON is not.
   */
  validate?: ValidateMode | undefined;
  /** Told of frames that do not look as the contract says. The same function may serve an `AgentChatClient`. */
  onWireMismatch?: ((mismatch: WireMismatch) => void) | undefined;
  /** Bounds of memory and of background work. */
  bounds?: Partial<Bounds> | undefined;
  /** Replaces time and chance. For tests. */
  clock?: Clock | undefined;
  /** Replaces the making of sockets. For tests. */
  openSocket?: OpenSocket | undefined;
}
