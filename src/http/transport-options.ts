import { type Clock, systemClock } from '../clock/index.js';
import { type ApiKeySource, checkApiKey } from './api-key.js';
import { resolveBaseUrl } from './base-url.js';
import { type Carrier, carrierOf } from './carrier.js';
import type { ClientIdentity } from './client-identity.js';
import { fetchCarrier } from './fetch-carrier.js';
import { given } from './given.js';
import { addDefault, addHeader, addHeaders } from './headers.js';
import type { RequestHooks } from './hooks.js';
import { checkDuration, checkFunction, checkInteger, checkOptionNames, invalid } from './invalid.js';
import { logOfEnvironment, type TransportLog } from './log.js';
import { JSON_TYPE } from './payload.js';
import { type RetryPolicy, resolveRetry } from './retry-policy.js';
import { userAgent } from './user-agent.js';
import { type Watch, watchOf } from './watch.js';
import { checkValidateMode, type ValidateMode, type WireMismatch } from './wire-check.js';

/** One attempt waits in vain at most this long, in milliseconds, unless told otherwise. The service's reference behaviour. */
export const DEFAULT_TIMEOUT_MS = 30_000;
/** The largest success that is read: four times the largest possible page of `sync`. */
const DEFAULT_MAX_BODY_BYTES = 64 * 1024 * 1024;
/** The largest part of a refusal that is read. The service's own are a few hundred bytes. */
export const MAX_ERROR_BODY_BYTES = 256 * 1024;

/** Options of {@link HttpTransport}. */
export interface HttpTransportOptions {
  /** The key, or a function that is asked for it before each attempt. Without one requests go without `Authorization`, as those of a registration do. */
  apiKey?: ApiKeySource | undefined;
  /** Default: `AGENTCHAT_BASE_URL` or `AGENTCHAT_API_BASE`, else `https://api.agentchat.me`. A `ws` or `wss` URL is taken as its `http` one. */
  baseUrl?: string | undefined;
  /**
   * How long one attempt may wait in vain: until the answer begins, and then for each further piece of it. An answer that
   * keeps coming has ten times as long in all, so a slow link gets its page. Default 30,000 ms, the service's reference
   * behaviour; 0 means no limit.
   */
  timeoutMs?: number | undefined;
  /** How long a call may take with all of its attempts and pauses. Default 0: no limit. */
  deadlineMs?: number | undefined;
  /** Default {@link DEFAULT_RETRY_POLICY}; what is left out keeps its default. */
  retry?: Partial<RetryPolicy> | undefined;
  hooks?: RequestHooks | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** Sent with each request to the service; `headers` of a request win. None of them goes to another place. */
  defaultHeaders?: Readonly<Record<string, string>> | undefined;
  /** Sent in place of our own `User-Agent`; `null` sends none. */
  userAgent?: string | null | undefined;
  /** Sent as `X-AgentChat-Client` when given. */
  clientIdentity?: ClientIdentity | undefined;
  /** Default `warn`. */
  validate?: ValidateMode | undefined;
  /** Told about answers that do not look as the contract says. Nothing is looked at without it, except in `strict`. */
  onWireMismatch?: ((mismatch: WireMismatch) => void) | undefined;
  /** The largest body of a success that is read, in bytes after decompression. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

export const TRANSPORT_OPTION_NAMES: readonly string[] = [
  'apiKey',
  'baseUrl',
  'timeoutMs',
  'deadlineMs',
  'retry',
  'hooks',
  'fetch',
  'defaultHeaders',
  'userAgent',
  'clientIdentity',
  'validate',
  'onWireMismatch',
  'maxBodyBytes',
  'clock',
];
/** Options for which `null` is a value; for the others it means "not given". */
export const NULL_OPTION_NAMES: readonly string[] = ['userAgent'];
const HOOK_NAMES: readonly string[] = ['onRequest', 'onResponse', 'onError', 'onRetry'];
const IDENTITY_NAMES: readonly string[] = ['name', 'version'];

/** The options with their defaults, all of them checked. */
export interface ResolvedTransportOptions {
  readonly apiKey: ApiKeySource | undefined;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly retry: RetryPolicy;
  readonly watch: Watch | undefined;
  readonly log: TransportLog | undefined;
  /** Carries the requests; `undefined`: the global `fetch` of the moment does. */
  readonly carry: Carrier | undefined;
  /** What goes out with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The same, with JSON. */
  readonly jsonHeaders: Readonly<Record<string, string>>;
  /** What goes out with a request to another place. */
  readonly foreignHeaders: Readonly<Record<string, string>>;
  readonly validate: ValidateMode;
  readonly onWireMismatch: ((mismatch: WireMismatch) => void) | undefined;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
}

/** @throws ValidationError that names the option and says what it may be. */
export function resolveTransportOptions(asked: HttpTransportOptions): ResolvedTransportOptions {
  const options = given(asked, NULL_OPTION_NAMES);
  checkOptionNames(options, TRANSPORT_OPTION_NAMES, 'HttpTransport option');
  const { apiKey, validate = 'warn' } = options;
  const hooks = given(options.hooks ?? {});
  checkDuration(options.timeoutMs, 'timeoutMs');
  checkDuration(options.deadlineMs, 'deadlineMs');
  checkFunction(options.fetch, 'fetch');
  checkFunction(options.onWireMismatch, 'onWireMismatch');
  checkInteger(options.maxBodyBytes, 'maxBodyBytes', 1, Number.MAX_SAFE_INTEGER);
  checkOptionNames(hooks, HOOK_NAMES, 'hook');
  for (const [name, hook] of Object.entries(hooks)) checkFunction(hook, `hooks.${name}`);
  checkValidateMode(validate);
  const log = logOfEnvironment();
  const agent = options.userAgent === undefined ? userAgent() : (options.userAgent ?? undefined);
  const headers = commonHeaders(agent, options);
  return {
    apiKey: apiKey === undefined || typeof apiKey === 'function' ? apiKey : checkApiKey(apiKey),
    baseUrl: resolveBaseUrl(options.baseUrl),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    deadlineMs: options.deadlineMs ?? 0,
    retry: resolveRetry(options.retry ?? {}),
    watch: watchOf(hooks, log),
    log,
    carry: options.fetch === undefined ? undefined : carrierOf(options.fetch, fetchCarrier),
    headers,
    foreignHeaders: Object.freeze(agent === undefined ? {} : { [AGENT]: agent }),
    jsonHeaders: withJson(headers),
    validate,
    onWireMismatch: options.onWireMismatch,
    maxBodyBytes: options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    clock: options.clock ?? systemClock,
  };
}

const AGENT = 'User-Agent';

function commonHeaders(
  agent: string | undefined,
  { clientIdentity, defaultHeaders, apiKey }: HttpTransportOptions,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (agent !== undefined) addHeader(headers, AGENT, agent, 'userAgent');
  if (clientIdentity !== undefined) {
    const identity = given(clientIdentity);
    checkOptionNames(identity, IDENTITY_NAMES, 'clientIdentity field');
    headers['X-AgentChat-Client'] = headerToken(identity.name, 'clientIdentity.name');
    if (identity.version !== undefined) {
      headers['X-AgentChat-Client-Version'] = headerToken(identity.version, 'clientIdentity.version');
    }
  }
  if (defaultHeaders !== undefined) {
    addHeaders(headers, defaultHeaders, 'defaultHeaders', apiKey !== undefined);
  }
  return Object.freeze(headers);
}

function withJson(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const typed = { ...headers };
  addDefault(typed, 'Content-Type', JSON_TYPE);
  return Object.freeze(typed);
}

function headerToken(value: unknown, name: string): string {
  if (typeof value !== 'string' || !/^[\x21-\x7e]{1,100}$/.test(value)) {
    throw invalid(name, `"${name}" must be 1 to 100 visible ASCII characters`);
  }
  return value;
}
