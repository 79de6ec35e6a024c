import type { Clock } from '../clock/index.js';
import {
  type ApiKeySource,
  type ClientIdentity,
  checkDuration,
  checkFunction,
  checkInteger,
  checkOptionNames,
  checkValidateMode,
  invalid,
  type ValidateMode,
  type WireMismatch,
} from '../http/index.js';
import type { CursorStore, DedupeStore } from '../stores/index.js';
import { normalizeHandle, SYNC_POLLING_FLOOR_MS } from '../wire/index.js';
import { type Bounds, DEFAULT_BOUNDS, TIMING } from './bounds.js';
import { type ConnectionSettings, connectionSettings } from './connection/options.js';
import type { OpenSocket, WebSocketConstructor } from './connection/socket.js';
import type { SequenceGapInfo } from './events.js';
import type { DeadLetterHandler, HandlerFailurePolicy, HandlerRetry } from './lanes/lane.js';
import type { GapFillWindow } from './order/gap-window.js';
import type { RealtimeSource } from './source.js';
import { checkBoolean, checkMethods, checkObject } from './util/checks.js';

/** Options of {@link RealtimeClient}. All times are in milliseconds. */
export interface RealtimeOptions {
  /**
   * The agent's key, or a function that gives it: asked before each attempt and once more after a refusal, so that a
   * rotated key goes on by itself. Default: the environment variable `AGENTCHAT_API_KEY`.
   */
  apiKey?: ApiKeySource | undefined;
  /** `wss`, `ws`, `https` or `http`. Default: `AGENTCHAT_BASE_URL`, else the public service. */
  baseUrl?: string | undefined;
  /**
   * REST for what the socket lost: usually an `AgentChatClient`. Without one there is no drain and no gap fill, and
   * what is missing can only be reported.
   */
  client?: RealtimeSource | undefined;
  /** Who is calling, told in the hello. Default: nothing. */
  clientIdentity?: ClientIdentity | undefined;
  /** `false`: do not reconnect. Default `true`. */
  reconnect?: boolean | undefined;
  /** The wait before the first reconnect; it doubles. Default 500. */
  reconnectInterval?: number | undefined;
  /** The longest wait between attempts. Default 30,000. */
  maxReconnectInterval?: number | undefined;
  /** Failed attempts in a row until it gives up. Default: never. */
  maxReconnectAttempts?: number | undefined;
  /** Read what was missed after every connect. Default `true` (when there is a `client`). */
  autoDrainOnConnect?: boolean | undefined;
  /** Message ids remembered for messages that have no usable seq. Default 2,048. */
  dedupCacheSize?: number | undefined;
  /** Told of every gap that did not close by itself. Must not throw; it is guarded if it does. */
  onSequenceGap?: ((gap: SequenceGapInfo) => void) | undefined;
  /** A W3C-like WebSocket class to use instead of the platform's. */
  webSocket?: WebSocketConstructor | undefined;

  /** Remembers across restarts what was handled. Default: nothing outlives the process but the service's own queue. */
  store?: CursorStore | undefined;
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
  /** How a failing handler is called again. Default `{ retries: 3, minDelayMs: 500, maxDelayMs: 10_000 }`. */
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
  /** Silence after which REST is asked, where sockets cannot ping. Default 100,000: the service pings every 45 s. */
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

/** The options, checked and complete. */
export interface RealtimeSettings {
  readonly connection: ConnectionSettings;
  readonly autoDrain: boolean;
  readonly dedupCacheSize: number;
  readonly handlerRetry: HandlerRetry;
  readonly onHandlerFailure: HandlerFailurePolicy;
  readonly gapFillWindow: GapFillWindow;
  readonly gapGiveUpMs: number;
  readonly reconcileIntervalMs: number;
  readonly bounds: Bounds;
  readonly clock: Clock;
}

const OPTION_NAMES: Record<keyof RealtimeOptions, true> = {
  apiKey: true,
  baseUrl: true,
  client: true,
  clientIdentity: true,
  reconnect: true,
  reconnectInterval: true,
  maxReconnectInterval: true,
  maxReconnectAttempts: true,
  autoDrainOnConnect: true,
  dedupCacheSize: true,
  onSequenceGap: true,
  webSocket: true,
  store: true,
  dedupe: true,
  handle: true,
  deliverOwn: true,
  concurrency: true,
  handlerRetry: true,
  onHandlerFailure: true,
  onDeadLetter: true,
  gapFillWindowMs: true,
  gapGiveUpMs: true,
  pingAfterMs: true,
  livenessTimeoutMs: true,
  reconcileIntervalMs: true,
  validate: true,
  onWireMismatch: true,
  bounds: true,
  clock: true,
  openSocket: true,
};

const HANDLER_RETRY: HandlerRetry = { retries: 3, minDelayMs: 500, maxDelayMs: 10_000 };
const MOST = 1_000_000_000;
const CLOCK_METHODS = ['now', 'wallNow', 'setTimer', 'clearTimer', 'defer', 'random'];
const SOURCE_METHODS = ['getMessages', 'sync', 'syncAck'];
const A_SOURCE = 'an AgentChatClient, or an object with getMessages, sync and syncAck';
const DEDUPE_METHODS = ['claim', 'commit', 'release'];

/**
 * Checks the options before anything is opened.
 *
 * @throws ValidationError that names the option, the nearest valid name for a misspelt one, and what it may be.
 */
export function realtimeSettings(options: RealtimeOptions): RealtimeSettings {
  checkOptionNames(options, Object.keys(OPTION_NAMES), 'RealtimeClient option');
  checkMethods(options.clock, 'clock', CLOCK_METHODS, 'a Clock');
  const connection = connectionSettings(options);
  checkHandle(options.handle);
  checkBoolean(options.autoDrainOnConnect, 'autoDrainOnConnect');
  checkBoolean(options.deliverOwn, 'deliverOwn');
  checkMethods(options.client, 'client', SOURCE_METHODS, A_SOURCE);
  checkMethods(options.store, 'store', ['load', 'save'], 'a cursor store such as MemoryStore');
  checkMethods(options.dedupe, 'dedupe', DEDUPE_METHODS, 'a dedupe store such as MemoryDedupeStore');
  checkInteger(options.dedupCacheSize, 'dedupCacheSize', 1, MOST);
  checkInteger(options.concurrency, 'concurrency', 1, MOST);
  checkDuration(options.gapGiveUpMs, 'gapGiveUpMs');
  checkDuration(options.reconcileIntervalMs, 'reconcileIntervalMs');
  checkFunction(options.onSequenceGap, 'onSequenceGap');
  checkFunction(options.onDeadLetter, 'onDeadLetter');
  checkValidateMode(options.validate);
  checkFunction(options.onWireMismatch, 'onWireMismatch');
  if (options.gapFillWindowMs !== 'adaptive') checkDuration(options.gapFillWindowMs, 'gapFillWindowMs');
  const { onHandlerFailure = 'park' } = options;
  if (onHandlerFailure !== 'park' && onHandlerFailure !== 'block') {
    throw invalid('onHandlerFailure', '"onHandlerFailure" must be "park" or "block"');
  }
  return {
    connection,
    autoDrain: options.autoDrainOnConnect ?? true,
    dedupCacheSize: options.dedupCacheSize ?? 2_048,
    handlerRetry: handlerRetryOf(options.handlerRetry),
    onHandlerFailure,
    gapFillWindow: options.gapFillWindowMs ?? 2_000,
    gapGiveUpMs: options.gapGiveUpMs ?? 300_000,
    reconcileIntervalMs: reconcileIntervalOf(options.reconcileIntervalMs, connection.url),
    bounds: boundsOf(options),
    clock: connection.clock,
  };
}

function handlerRetryOf(given: Partial<HandlerRetry> | undefined): HandlerRetry {
  if (given === undefined) return HANDLER_RETRY;
  checkObject(given, 'handlerRetry');
  checkOptionNames(given, Object.keys(HANDLER_RETRY), 'handlerRetry option');
  checkInteger(given.retries, 'handlerRetry.retries', 0, MOST);
  checkDuration(given.minDelayMs, 'handlerRetry.minDelayMs');
  checkDuration(given.maxDelayMs, 'handlerRetry.maxDelayMs');
  return { ...HANDLER_RETRY, ...defined(given) };
}

function boundsOf({ bounds = {}, concurrency }: RealtimeOptions): Bounds {
  checkObject(bounds, 'bounds');
  checkOptionNames(bounds, Object.keys(DEFAULT_BOUNDS), 'bounds option');
  for (const [name, value] of Object.entries(bounds)) checkInteger(value, `bounds.${name}`, 1, MOST);
  const merged = { ...DEFAULT_BOUNDS, ...defined(bounds) };
  return concurrency === undefined ? merged : { ...merged, concurrency };
}

/** The service asks pollers to leave 15 s between looks. A server on this machine does not mind. */
function reconcileIntervalOf(given: number | undefined, url: string): number {
  if (given === undefined) return TIMING.reconcile;
  if (given === 0 || isLoopback(url)) return given;
  return Math.max(given, SYNC_POLLING_FLOOR_MS);
}

/** True for an address of this machine. */
export function isLoopback(url: string): boolean {
  return /^\w+:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i.test(url);
}

function checkHandle(handle: unknown): void {
  if (handle === undefined) return;
  if (typeof handle !== 'string' || normalizeHandle(handle) === '') {
    throw invalid('handle', '"handle" must be the handle of your agent, such as "alice"');
  }
}

/** Without the keys whose value is undefined: they mean "the default", not "nothing". */
function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
