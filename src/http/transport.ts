import { type EndpointKey, endpoints, type HttpMethod } from '../wire/index.js';
import { type HttpResponse, interruptionError } from './answer.js';
import { Call } from './call.js';
import type { CallOptions } from './call-options.js';
import { CallScope, type Interruption } from './call-scope.js';
import { type EndpointInput, endpointRequest } from './endpoint-request.js';
import { given } from './given.js';
import { checkRequestOptions, type HttpRequestOptions, prepareRequest } from './prepare.js';
import { RateGate } from './rate-gate.js';
import { SignalRelay } from './signal-relay.js';
import {
  type HttpTransportOptions,
  type ResolvedTransportOptions,
  resolveTransportOptions,
} from './transport-options.js';
import { WireCheck } from './wire-check.js';

/**
 * Speaks HTTP with the service: keys, retries, three clocks (one attempt while nothing comes, the pause, the whole
 * call), bounded bodies, typed errors, hooks. Everything that it throws is an `AgentChatClientError`.
 *
 * Most programs use `AgentChatClient`; this is the floor below it, for endpoints that it does not know yet, and for who
 * wants status and headers.
 *
 * @example
 * const transport = new HttpTransport({ apiKey: process.env.AGENTCHAT_API_KEY });
 * const { data, status, headers } = await transport.request('GET', '/v1/agents/me');
 */
export class HttpTransport {
  readonly #options: ResolvedTransportOptions;
  readonly #wire: WireCheck;
  readonly #signals = new SignalRelay();
  #gate: RateGate;

  /** @throws ValidationError when an option is unknown or cannot be. */
  constructor(options: HttpTransportOptions = {}) {
    this.#options = resolveTransportOptions(options);
    this.#wire = new WireCheck(this.#options.validate, this.#options.onWireMismatch);
    this.#gate = new RateGate(this.#options.clock);
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#options.baseUrl;
  }

  /** The default of `timeoutMs`. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /**
   * Waits with the calls of another transport of the same agent when the service asks either to slow down (RATE-1).
   * @internal
   */
  shareGateOf(other: HttpTransport): void {
    if (other.baseUrl === this.baseUrl && other.#gate.clock === this.#gate.clock) this.#gate = other.#gate;
  }

  /**
   * How answers are compared with the contract.
   * @internal
   */
  get wireCheck(): WireCheck {
    return this.#wire;
  }

  /**
   * Makes a request and resolves to the answer with status, headers and parsed body, or rejects.
   *
   * @param path Begins with `/`; appended to the base URL.
   * @throws ValidationError before anything is sent, `ConnectionError`, `TimeoutError`, `AbortedError`, `ProtocolError`
   * for a success that cannot be read, and the class of the service's error code otherwise.
   */
  async request<T = unknown>(
    method: HttpMethod,
    path: string,
    options: HttpRequestOptions = {},
  ): Promise<HttpResponse<T>> {
    return (await this.#perform(method, path, checkRequestOptions(options))) as HttpResponse<T>;
  }

  /** @param options Whose names and common part have been checked. */
  #perform(
    method: HttpMethod,
    path: string,
    options: HttpRequestOptions,
    kind?: string,
    addressee?: string,
  ): Promise<HttpResponse<unknown>> {
    // Everything that can be wrong with the arguments is found before the scope holds a timer and a listener.
    const prepared = prepareRequest(method, path, options, this.#options, kind);
    const scope = new CallScope(
      this.#options.clock,
      options.signal,
      options.deadlineMs ?? this.#options.deadlineMs,
      this.#signals,
    );
    return new Call(prepared, scope, this.#options, this.#gate, addressee).run(options.onResponse);
  }

  /**
   * Asks the service for something that the contract's table knows: the path, whether it needs the key and whether it may
   * be repeated come from there, and the request is compared with the contract before it is sent.
   *
   * @throws ValidationError that names the field, and everything that {@link request} throws.
   */
  async call<T = unknown>(
    key: EndpointKey,
    input: EndpointInput = {},
    options: CallOptions = {},
  ): Promise<HttpResponse<T>> {
    const request = endpointRequest(key, input, options);
    const { method, path, kind } = request;
    const response = (await this.#perform(method, path, request, kind, input.addressee)) as HttpResponse<T>;
    const { response: schema } = endpoints[key];
    if (schema !== null) this.#wire.check(key, schema, response.data);
    return response;
  }

  /**
   * Waits for a call that others wait for as well, no longer than these options allow, and leaves it running.
   *
   * @param label How messages call it.
   * @internal
   */
  async waitFor<T>(running: Promise<T>, label: string, asked: CallOptions): Promise<T> {
    const options = given(asked);
    const { clock, deadlineMs } = this.#options;
    const scope = new CallScope(clock, options.signal, options.deadlineMs ?? deadlineMs, this.#signals);
    try {
      return await new Promise<T>((resolve, reject) => {
        const stop = (why: Interruption) =>
          reject(interruptionError(why, { label, secrets: [], outcome: 'unknown' }));
        if (scope.interrupted === undefined) scope.onInterrupt(stop);
        else stop(scope.interrupted);
        running.then(resolve, reject);
      });
    } finally {
      scope.close();
    }
  }

  /** What `util.inspect` and `JSON.stringify` show. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }
}
