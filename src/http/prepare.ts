import { encodeQuery, type HttpMethod, type QueryValue } from '../wire/index.js';
import type { OutgoingRequest } from './attempt.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { invalid } from './invalid.js';
import { DEFAULT_RETRY_POLICY, type RetryPolicy, resolveRetry } from './retry-policy.js';
import type { ResolvedTransportOptions } from './transport-options.js';

/** Values of a query; what is `undefined` is left out. */
export type Query = Readonly<Record<string, QueryValue>>;

/**
 * Whether a failed request is made again. `auto`: when that is safe (GET, PUT, DELETE, whatever has an `idempotencyKey`).
 * `never` and `always` say it outright. A policy is `auto` with other numbers.
 */
export type RetryOption = 'auto' | 'never' | 'always' | RetryPolicy;

/** What a request may carry besides its method and path. */
export interface HttpRequestOptions extends CallOptions {
  query?: Query | undefined;
  /** Sent as JSON. */
  body?: unknown;
  /** Further headers. `Authorization` is the transport's own. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default `auto`. */
  retry?: RetryOption | undefined;
  /** `key` (default) sends the API key; `none` does not. */
  auth?: 'key' | 'none' | undefined;
}

const REQUEST_OPTION_NAMES: readonly string[] = [
  'signal',
  'timeoutMs',
  'deadlineMs',
  'idempotencyKey',
  'query',
  'body',
  'headers',
  'retry',
  'auth',
];
const REPEATABLE_METHODS: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['GET', 'PUT', 'DELETE']);

/** A request that is ready to go out, any number of times. */
export interface PreparedRequest {
  readonly request: OutgoingRequest;
  /** How messages call it: method and path, without base and query. */
  readonly label: string;
  readonly needsKey: boolean;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
}

/** @throws ValidationError for everything about a request that can be known to be wrong before it is sent. */
export function prepareRequest(
  method: HttpMethod,
  path: string,
  options: HttpRequestOptions,
  transport: ResolvedTransportOptions,
): PreparedRequest {
  checkCallOptions(options, REQUEST_OPTION_NAMES);
  if (typeof path !== 'string' || !path.startsWith('/')) throw invalid('path', '"path" must begin with "/"');
  const { auth = 'key', idempotencyKey, body } = options;
  const needsKey = auth === 'key';
  if (needsKey && transport.apiKey === undefined) {
    throw invalid('apiKey', `${method} ${path} needs an API key: pass the option "apiKey"`);
  }
  return {
    request: {
      method,
      url: `${transport.baseUrl}${path}${encodeQuery(options.query ?? {})}`,
      headers: {
        ...transport.headers,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }),
        ...checkedHeaders(options.headers),
      },
      body: body === undefined ? undefined : jsonText(body),
    },
    label: `${method} ${path}`,
    needsKey,
    policy: policyFor(method, options, transport.retry),
    timeoutMs: options.timeoutMs ?? transport.timeoutMs,
  };
}

/** The policy of this request; without retries where repeating it could do something twice. */
function policyFor(method: HttpMethod, options: HttpRequestOptions, usual: RetryPolicy): RetryPolicy {
  const { retry = 'auto', idempotencyKey } = options;
  const policy = typeof retry === 'object' ? resolveRetry(retry) : usual;
  if (retry === 'always') return policy;
  const repeatable = REPEATABLE_METHODS.has(method) || idempotencyKey !== undefined;
  return retry !== 'never' && repeatable ? policy : { ...DEFAULT_RETRY_POLICY, maxRetries: 0 };
}

function jsonText(body: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(body);
  } catch {
    // A circle or a BigInt; the engine's message may quote the value.
  }
  if (text === undefined)
    throw invalid('body', 'the body cannot be written as JSON (a circle, a BigInt, a function?)');
  return text;
}

function checkedHeaders(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() === 'authorization') {
      throw invalid('headers', '"Authorization" is set by the transport: pass the key as "apiKey"');
    }
    // `fetch` would quote the value in its error.
    if (
      !/^[!#$%&'*+.^_`|~\w-]+$/.test(name) ||
      typeof value !== 'string' ||
      !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)
    ) {
      throw invalid(
        'headers',
        'a header is no HTTP header: its name or its value holds a character that none may',
      );
    }
    checked[name] = value;
  }
  return checked;
}
