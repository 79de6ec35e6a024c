import { type Clock, systemClock } from '../../clock/index.js';
import type { ClientIdentity } from '../../http/index.js';
import { type ApiKeySource, checkFunction, invalid, resolveApiKeySource } from '../../http/index.js';
import { HELLO_OK_TIMEOUT_MS, type ServerFrame } from '../../wire/index.js';
import type { LivenessSettings } from './liveness.js';
import { type WatchNetwork, watchPlatformNetwork } from './network.js';
import { platformSockets } from './platform-socket.js';
import type { Session } from './session.js';
import type { OpenSocket, WebSocketConstructor } from './socket.js';
import type { MachineSettings } from './state.js';
import { socketUrl } from './url.js';

/** What a {@link Connection} may be told. Only the key is needed. */
export interface ConnectionOptions {
  /**
   * A function is asked before each attempt, and once more after the service refused a key: a rotated key goes on by
   * itself. A function that throws, hangs or gives no string is a failed attempt.
   */
  apiKey: ApiKeySource;
  /** `https`, `http`, `wss` or `ws`; `/v1/ws` is appended. Default: `AGENTCHAT_BASE_URL`, else the public service. */
  baseUrl?: string | undefined;
  /** Who is calling, in the hello. Default: nothing is said. */
  clientIdentity?: ClientIdentity | undefined;
  /** `false`: the first failure is the last. Default `true`. */
  reconnect?: boolean | undefined;
  /** The wait after the first failure, in ms; it doubles with each further one. Default 500. */
  reconnectInterval?: number | undefined;
  /** The longest wait, in ms. Default 30,000. */
  maxReconnectInterval?: number | undefined;
  /** Failed attempts in a row, after the first, until we give up. Default: never. */
  maxReconnectAttempts?: number | undefined;
  /** Silence after which we ping, in ms, where sockets can. Default 15,000. */
  pingAfterMs?: number | undefined;
  /** How long a ping may go unanswered, in ms. Default: two thirds of `pingAfterMs`, 10,000 at most. */
  pongTimeoutMs?: number | undefined;
  /** Silence that `onSilence` is told, in ms, where sockets cannot ping. The service pings every 45 s. Default 100,000. */
  livenessTimeoutMs?: number | undefined;
  /** How long a socket may take to open, and a key function to answer, in ms. Default 10,000. */
  openTimeoutMs?: number | undefined;
  /** How long `hello.ok` may take, in ms. Default 4,000: less than the service gives us. */
  helloTimeoutMs?: number | undefined;
  /** How long the peer may take to answer our close, in ms. Default 250. */
  closeTimeoutMs?: number | undefined;
  /** The class of sockets to use instead of the platform's. */
  webSocket?: WebSocketConstructor | undefined;
  /** Replaces the making of sockets altogether. For tests. */
  openSocket?: OpenSocket | undefined;
  /** Default: the real one. */
  clock?: Clock | undefined;
  /** Default: the `online` and `offline` events of the platform. */
  watchNetwork?: WatchNetwork | undefined;
  /** A session has been silent for `livenessTimeoutMs` (or the network changed) on a socket that cannot ping. */
  onSilence?: ((session: Session) => void) | undefined;
  /** Shown each `hello.ok`, before the session begins. */
  onHelloOk?: ((frame: ServerFrame) => void) | undefined;
}

/** The options, checked and complete. */
export interface ConnectionSettings {
  readonly apiKey: ApiKeySource;
  readonly url: string;
  readonly clientIdentity: ConnectionOptions['clientIdentity'];
  readonly machine: MachineSettings;
  readonly liveness: LivenessSettings;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly watchNetwork: WatchNetwork;
  readonly onSilence: ((session: Session) => void) | undefined;
  readonly onHelloOk: ((frame: ServerFrame) => void) | undefined;
}

/** The longest that a ping may go unanswered by default. */
const LONGEST_PONG_TIMEOUT_MS = 10_000;

/** @throws ValidationError naming the option that cannot be. */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const apiKey = resolveApiKeySource(options.apiKey);
  for (const name of ['webSocket', 'openSocket', 'watchNetwork', 'onSilence', 'onHelloOk'] as const) {
    checkFunction(options[name], name);
  }
  const pingAfterMs = positive(options, 'pingAfterMs', 15_000);
  return {
    apiKey,
    url: socketUrl(options.baseUrl),
    clientIdentity: options.clientIdentity,
    machine: {
      reconnectIntervalMs: positive(options, 'reconnectInterval', 500),
      maxReconnectIntervalMs: positive(options, 'maxReconnectInterval', 30_000),
      maxReconnectAttempts: options.reconnect === false ? 0 : attempts(options.maxReconnectAttempts),
      openTimeoutMs: positive(options, 'openTimeoutMs', 10_000),
      helloTimeoutMs: positive(options, 'helloTimeoutMs', HELLO_OK_TIMEOUT_MS),
      closeTimeoutMs: positive(options, 'closeTimeoutMs', 250),
      keySource: typeof apiKey === 'function' ? 'function' : 'fixed',
    },
    liveness: {
      pingAfterMs,
      pongTimeoutMs: positive(
        options,
        'pongTimeoutMs',
        Math.min((pingAfterMs * 2) / 3, LONGEST_PONG_TIMEOUT_MS),
      ),
      livenessTimeoutMs: positive(options, 'livenessTimeoutMs', 100_000),
    },
    openSocket: options.openSocket ?? platformSockets(options.webSocket),
    clock: options.clock ?? systemClock,
    watchNetwork: options.watchNetwork ?? watchPlatformNetwork,
    onSilence: options.onSilence,
    onHelloOk: options.onHelloOk,
  };
}

/** The names of the options that are times. */
type TimeOption = {
  [K in keyof ConnectionOptions]-?: [ConnectionOptions[K]] extends [number | undefined] ? K : never;
}[keyof ConnectionOptions];

/** A number of ms above 0. A timer cannot be `Infinity`, so neither can a time. */
function positive(options: ConnectionOptions, name: TimeOption, fallback: number): number {
  const value = options[name] ?? fallback;
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
  throw invalid(name, `"${name}" must be a number of milliseconds above 0; leave it out for the default`);
}

function attempts(value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  // Half an attempt would be rounded without a word.
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw invalid(
    'maxReconnectAttempts',
    '"maxReconnectAttempts" must be a whole number, 0 or more; Infinity, or leaving it out, means to try for ever',
  );
}
