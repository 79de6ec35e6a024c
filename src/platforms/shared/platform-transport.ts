import { type Clock, systemClock } from '../../clock/index.js';
import {
  addHeader,
  CallScope,
  type Carrier,
  carrierOf,
  checkDuration,
  checkFunction,
  checkInteger,
  fetchCarrier,
  invalid,
  NdjsonDecoder,
  type RequestHooks,
  readBaseUrl,
  SignalRelay,
  SseDecoder,
  userAgent,
  watchOf,
} from '../../http/index.js';
import type { Dialect } from './dialect.js';
import { CLOSED, closedError } from './failure.js';
import { type FrameStream, LiveFrames } from './frame-stream.js';
import {
  type CallTools,
  isNdjson,
  type PlatformAnswer,
  PlatformCall,
  type PreparedCall,
} from './platform-call.js';
import {
  checkCallOptions,
  jsonOf,
  MOST_RETRIES,
  type PlatformCallOptions,
  type PlatformRequest,
  searchOf,
} from './request.js';

/** What the clients of all platforms take besides what is their own. */
export interface PlatformTransportOptions {
  /** Where requests go. Its own path is kept. */
  baseUrl: string;
  /** How long nothing may come, in milliseconds. Default 60,000; 0 means no limit. */
  timeoutMs?: number | undefined;
  /** How often a call that may be repeated is made again. Default: what the platform's policy says. */
  maxRetries?: number | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  hooks?: RequestHooks | undefined;
  /** Time itself, for tests. */
  clock?: Clock | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Speaks HTTP with an agent platform: attempts, retries, time limits, bounded bodies, streams, hooks. Everything that it
 * throws is a `PlatformError`, a `ValidationError` or an `AbortedError`. Redirects are refused: the key goes to one host.
 */
export class PlatformTransport {
  readonly baseUrl: string;
  readonly #tools: CallTools;
  readonly #carry: Carrier;
  readonly #timeoutMs: number;
  readonly #maxRetries: number;
  readonly #signals = new SignalRelay();
  readonly #open = new Set<CallScope>();
  #isClosed = false;

  /** @throws ValidationError when an option cannot be. */
  constructor(dialect: Dialect, options: PlatformTransportOptions) {
    const { baseUrl, timeoutMs, maxRetries, fetch = globalThis.fetch, hooks = {}, clock } = options;
    if (typeof baseUrl !== 'string') throw invalid('baseUrl', '"baseUrl" must be a string');
    checkDuration(timeoutMs, 'timeoutMs');
    checkInteger(maxRetries, 'maxRetries', 0, MOST_RETRIES);
    checkFunction(options.fetch, 'fetch');
    if (typeof hooks !== 'object' || hooks === null) throw invalid('hooks', '"hooks" must be an object');
    if (typeof fetch !== 'function')
      throw invalid('fetch', 'this runtime has no "fetch" of its own: pass one as an option');
    this.baseUrl = readBaseUrl(baseUrl, '"baseUrl"', `https://api.${dialect.platform}.example`);
    this.#timeoutMs = timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#maxRetries = maxRetries ?? dialect.retry.maxRetries;
    this.#tools = {
      dialect,
      clock: clock ?? systemClock,
      carry: fetchCarrier(fetch),
      watch: watchOf(hooks, undefined),
    };
    this.#carry = carrierOf(fetch, fetchCarrier);
  }

  /**
   * Makes a call and resolves to the answer.
   *
   * @throws PlatformError of the platform's own class, `AbortedError`, and `ValidationError` before anything is sent.
   */
  async request<T = unknown>(
    request: PlatformRequest,
    options: PlatformCallOptions = {},
  ): Promise<PlatformAnswer<T>> {
    const prepared = this.#prepare(request, options, 'application/json');
    const scope = this.#scopeOf(request, options);
    try {
      return (await this.#callOf(prepared, scope).answer()) as PlatformAnswer<T>;
    } finally {
      this.#leave(scope);
    }
  }

  /**
   * Asks for a stream, and resolves when its head has come. `timeoutMs` is how long nothing may come.
   *
   * @throws PlatformError of the platform's own class, also out of the iterator: `interrupted` when the connection broke,
   * `timeout` when nothing came, `protocol` for a frame without end. A body that ends ends the iterator; whether it ended as it
   * should is for the platform's client to say.
   */
  async stream(request: PlatformRequest, options: PlatformCallOptions = {}): Promise<FrameStream> {
    const ndjson = request.ndjson === true ? ', application/x-ndjson' : '';
    const prepared = this.#prepare(request, options, `text/event-stream${ndjson}`);
    const scope = this.#scopeOf(request, options);
    const call = this.#callOf(prepared, scope);
    try {
      const stream = await call.open();
      const decoder = isNdjson(stream.head.headers) ? new NdjsonDecoder() : new SseDecoder();
      return new LiveFrames(call, stream, decoder, () => this.#leave(scope));
    } catch (error) {
      this.#leave(scope);
      throw error;
    }
  }

  /** Ends what runs, with an `AbortedError`. Later calls are refused with one. May be called more than once. */
  close(): void {
    this.#isClosed = true;
    for (const scope of [...this.#open]) scope.abort(CLOSED);
  }

  /** What `util.inspect` and `JSON.stringify` show. No key is in a field that they see. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }

  #prepare(request: PlatformRequest, asked: PlatformCallOptions, accept: string): PreparedCall {
    const options = checkCallOptions(asked);
    const { dialect } = this.#tools;
    const payload = request.body === undefined ? undefined : jsonOf(request.body);
    const headers: Record<string, string> = { Accept: accept };
    const agent = userAgent();
    if (agent !== undefined) headers['User-Agent'] = agent;
    if (payload !== undefined) headers['Content-Type'] = 'application/json';
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      addHeader(headers, name, value, 'headers');
    }
    return {
      request,
      url: `${this.baseUrl}${request.path}${searchOf(request.query)}`,
      headers,
      payload,
      policy: { ...dialect.retry, maxRetries: options.maxRetries ?? this.#maxRetries },
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
    };
  }

  #scopeOf({ label }: PlatformRequest, { signal }: PlatformCallOptions): CallScope {
    if (this.#isClosed) throw closedError(label, 'not_sent');
    const scope = new CallScope(this.#tools.clock, signal ?? undefined, 0, this.#signals);
    this.#open.add(scope);
    return scope;
  }

  #callOf(prepared: PreparedCall, scope: CallScope): PlatformCall {
    return new PlatformCall(prepared, scope, this.#tools, this.#carry);
  }

  #leave(scope: CallScope): void {
    scope.close();
    this.#open.delete(scope);
  }
}
