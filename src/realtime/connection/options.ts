import { type Clock, systemClock } from '../../clock/index.js';
import {
  type ApiKeySource,
  type ClientIdentity,
  checkFilled,
  checkOptionNames,
  invalid,
  resolveApiKeySource,
  resolveBaseUrl,
} from '../../http/index.js';
import { HELLO_OK_TIMEOUT_MS, WEBSOCKET_PATH } from '../../wire/index.js';
import type { RealtimeOptions } from '../options.js';
import { positiveMs } from '../util/checks.js';
import type { LivenessSettings } from './liveness.js';
import { platformSockets, type WatchNetwork, watchPlatformNetwork } from './platform.js';
import type { OpenSocket } from './socket.js';
import type { MachineSettings } from './state.js';

/** What a connection goes by: the options that concern it, checked and complete. */
export interface ConnectionSettings {
  /** A function that throws, hangs or gives no string is a failed attempt. */
  readonly apiKey: ApiKeySource;
  readonly url: string;
  /** Who is calling, in the hello; `undefined`: nothing is said. */
  readonly clientIdentity: ClientIdentity | undefined;
  readonly machine: MachineSettings;
  readonly liveness: LivenessSettings;
  /** Whether the owner can find out by other means whether a silent socket lives. */
  readonly canAskRest: boolean;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  readonly watchNetwork: WatchNetwork;
}

/** How long a socket may take to open, at first. Two lost packets of its handshake fit in. */
const OPEN_TIMEOUT_MS = 4_000;
/** A ping may go unanswered for two thirds of the silence before it, and for this long at most, unless the options say more. */
const LONGEST_PONG_TIMEOUT_MS = 10_000;

/** @throws ValidationError naming the option that cannot be. */
export function connectionSettings(options: RealtimeOptions): ConnectionSettings {
  const apiKey = resolveApiKeySource(options.apiKey);
  checkIdentity(options.clientIdentity);
  const attempts = attemptsOf(options.maxReconnectAttempts);
  const clock = options.clock ?? systemClock;
  const pingAfterMs = positiveMs(options.pingAfterMs, 'pingAfterMs', 15_000);
  return {
    apiKey,
    url: socketUrl(options.baseUrl),
    clientIdentity: options.clientIdentity,
    machine: {
      // RCN-1: 0 spares the first wait. It is no pace for attempts that keep failing, nor for the limiter.
      reconnectsAtOnce: options.reconnectInterval === 0,
      reconnectIntervalMs: positiveMs(
        options.reconnectInterval === 0 ? undefined : options.reconnectInterval,
        'reconnectInterval',
        500,
      ),
      maxReconnectIntervalMs: positiveMs(options.maxReconnectInterval, 'maxReconnectInterval', 30_000),
      maxReconnectAttempts: options.reconnect === false ? 0 : attempts,
      openTimeoutMs: positiveMs(options.openTimeoutMs, 'openTimeoutMs', OPEN_TIMEOUT_MS),
      helloTimeoutMs: positiveMs(options.helloTimeoutMs, 'helloTimeoutMs', HELLO_OK_TIMEOUT_MS),
      keySource: typeof apiKey === 'function' ? 'function' : 'fixed',
    },
    liveness: {
      pingAfterMs,
      pongTimeoutMs: positiveMs(
        options.pongTimeoutMs,
        'pongTimeoutMs',
        Math.min((pingAfterMs * 2) / 3, LONGEST_PONG_TIMEOUT_MS),
      ),
      livenessTimeoutMs: positiveMs(options.livenessTimeoutMs, 'livenessTimeoutMs', 100_000),
    },
    canAskRest: options.client !== undefined,
    openSocket: options.openSocket ?? platformSockets(options.webSocket, clock),
    clock,
    watchNetwork: watchPlatformNetwork,
  };
}

/** Where the socket of a service lives, given its base URL: `https` becomes `wss`, `http` becomes `ws`. A path is kept. */
export function socketUrl(baseUrl?: string): string {
  const base = resolveBaseUrl(baseUrl);
  if (base.endsWith(WEBSOCKET_PATH)) {
    throw invalid('baseUrl', `"baseUrl" must end before ${WEBSOCKET_PATH}: the path is appended to it`);
  }
  return `${base.replace(/^http/, 'ws')}${WEBSOCKET_PATH}`;
}

function checkIdentity(identity: unknown): void {
  if (identity === undefined) return;
  checkOptionNames(identity, ['name', 'version'], 'clientIdentity field');
  const { name, version } = identity as { name?: unknown; version?: unknown };
  checkFilled(name, 'clientIdentity.name');
  if (version !== undefined) checkFilled(version, 'clientIdentity.version');
}

function attemptsOf(value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  // Half an attempt would be rounded without a word.
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw invalid(
    'maxReconnectAttempts',
    '"maxReconnectAttempts" must be a whole number, 0 or more; Infinity, or leaving it out, means to try for ever',
  );
}
