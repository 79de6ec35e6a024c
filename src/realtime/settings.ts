import type { Clock } from '../clock/index.js';
import {
  checkDuration,
  checkFunction,
  checkInteger,
  checkOptionNames,
  checkValidateMode,
  invalid,
} from '../http/index.js';
import { normalizeHandle, SYNC_POLLING_FLOOR_MS } from '../wire/index.js';
import { accountFor } from './account.js';
import { type Bounds, DEFAULT_BOUNDS, TIMING } from './bounds.js';
import { type ConnectionSettings, connectionSettings } from './connection/options.js';
import type { HandlerFailurePolicy, HandlerRetry } from './lanes/lane.js';
import type { RealtimeOptions } from './options.js';
import type { GapFillWindow } from './order/gap-window.js';
import { checkBoolean, checkMethods, checkObject } from './util/checks.js';

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

const HANDLER_RETRY: HandlerRetry = { retries: 3, minDelayMs: 500, maxDelayMs: 10_000 };
const MOST = 1_000_000_000;
const CLOCK_METHODS = ['now', 'wallNow', 'setTimer', 'clearTimer', 'defer', 'random'];
const SOURCE_METHODS = ['getMessages', 'sync', 'syncAck'];
const A_SOURCE = 'an AgentChatClient, or an object with getMessages, sync and syncAck';
const REPLICA_METHODS = ['start', 'stop', 'owns', 'partitionOf', 'tell'];
const DEDUPE_METHODS = ['claim', 'commit', 'release'];

type Check = (value: unknown, name: string) => void;

const checkCount: Check = (value, name) => checkInteger(value, name, 1, MOST);
/** For an option that is checked where it is read. */
const later: Check = () => {};

/** Every option there is, and what it may be when it is given at all. */
const OPTIONS: { readonly [Name in keyof RealtimeOptions]-?: Check } = {
  clock: (value, name) => checkMethods(value, name, CLOCK_METHODS, 'a Clock'),
  apiKey: later,
  baseUrl: later,
  clientIdentity: later,
  reconnect: checkBoolean,
  reconnectInterval: later,
  maxReconnectInterval: later,
  maxReconnectAttempts: later,
  webSocket: checkFunction,
  openSocket: checkFunction,
  pingAfterMs: later,
  livenessTimeoutMs: later,
  pongTimeoutMs: later,
  openTimeoutMs: later,
  helloTimeoutMs: later,
  handle: checkHandle,
  autoDrainOnConnect: checkBoolean,
  deliverOwn: checkBoolean,
  client: (value, name) => checkMethods(value, name, SOURCE_METHODS, A_SOURCE),
  store: checkStore,
  replicas: (value, name) => checkMethods(value, name, REPLICA_METHODS, 'what `store.replicas()` gives'),
  dedupe: (value, name) =>
    checkMethods(value, name, DEDUPE_METHODS, 'a dedupe store such as MemoryDedupeStore'),
  dedupCacheSize: (value, name) => checkInteger(value, name, 0, MOST),
  concurrency: checkCount,
  gapGiveUpMs: checkDuration,
  reconcileIntervalMs: checkDuration,
  onSequenceGap: checkFunction,
  onDeadLetter: checkFunction,
  validate: checkValidateMode,
  onWireMismatch: checkFunction,
  gapFillWindowMs: (value, name) => {
    if (value !== 'adaptive') checkDuration(value, name);
  },
  onHandlerFailure: (value, name) => {
    if (value === undefined || value === 'park' || value === 'block') return;
    throw invalid(name, '"onHandlerFailure" must be "park" or "block"');
  },
  handlerRetry: later,
  bounds: later,
};

/** A whole store has its cursors in it. Those that take time to open are promised, and easily not awaited. */
function checkStore(value: unknown, name: string): void {
  if (value === undefined) return;
  const { cursors, load, then } = (value ?? {}) as Record<string, unknown>;
  if (typeof then === 'function') {
    throw invalid(name, `"${name}" must be a store, and is a promise. Write: await lmdbStore(...)`);
  }
  checkMethods(
    load === undefined ? (cursors ?? value) : value,
    name,
    ['load', 'save'],
    'a store such as memoryStore(), or a cursor store',
  );
}

/**
 * Checks the options before anything is opened.
 *
 * @throws ValidationError that names the option, the nearest valid name for a misspelt one, and what it may be.
 */
export function realtimeSettings(options: RealtimeOptions): RealtimeSettings {
  checkBraces(options);
  checkOptionNames(options, Object.keys(OPTIONS), 'RealtimeClient option');
  for (const [name, check] of Object.entries(OPTIONS)) check(Reflect.get(options, name), name);
  const connection = connectionSettings({ ...options, ...accountFor(options) });
  return {
    connection,
    autoDrain: options.autoDrainOnConnect ?? true,
    // 0 means the default, as in the official SDK.
    dedupCacheSize: options.dedupCacheSize || 2_048,
    handlerRetry: handlerRetryOf(options.handlerRetry),
    onHandlerFailure: options.onHandlerFailure ?? 'park',
    gapFillWindow: options.gapFillWindowMs ?? 2_000,
    gapGiveUpMs: options.gapGiveUpMs ?? 300_000,
    reconcileIntervalMs: reconcileIntervalOf(options, connection.url),
    bounds: boundsOf(options),
    clock: connection.clock,
  };
}

/** A client in the place of the options: its methods would be told to be unknown options, one of fifty. */
function checkBraces(options: unknown): void {
  if (
    SOURCE_METHODS.some((name) => typeof (options as Record<string, unknown> | null)?.[name] !== 'function')
  )
    return;
  throw invalid(
    'options',
    'the client is one of the options: write `new RealtimeClient({ client })`, with braces',
  );
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
function reconcileIntervalOf(options: RealtimeOptions, url: string): number {
  const { reconcileIntervalMs: given, replicas } = options;
  // REP-4: what no notice has told of is found in time, whatever was given.
  if (replicas !== undefined) return Math.min(given || TIMING.reconcile, replicas.reconcileMs);
  if (given === undefined) return TIMING.reconcile;
  if (given === 0 || isLoopback(url)) return given;
  return Math.max(given, SYNC_POLLING_FLOOR_MS);
}

export function isLoopback(url: string): boolean {
  return /^\w+:\/\/(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?(\/|$)/i.test(url);
}

function checkHandle(handle: unknown, name: string): void {
  if (handle === undefined) return;
  if (typeof handle !== 'string' || normalizeHandle(handle) === '') {
    throw invalid(name, '"handle" must be the handle of your agent, such as "alice"');
  }
}

/** Without the keys whose value is undefined: they mean "the default", not "nothing". */
function defined<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
