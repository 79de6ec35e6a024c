import { encodeQuery, type HttpMethod, type QueryValue } from '../wire/index.js';
import type { OutgoingRequest } from './attempt.js';
import type { BodyWanted } from './body.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { tell } from './hooks.js';
import { checkFunction, checkInteger, invalid } from './invalid.js';
import { JSON_TYPE, payloadOf } from './payload.js';
import { secretsOfQuery } from './redact.js';
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
  /**
   * Sent as JSON. Bytes (a `Uint8Array`, `ArrayBuffer`, `Blob`, or a function that gives a new `ReadableStream` of them on
   * each attempt) are sent as they are, as `application/octet-stream` unless `headers` say otherwise.
   */
  body?: unknown;
  /** Further headers. `Authorization` is the transport's own. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default `auto`. */
  retry?: RetryOption | undefined;
  /** `key` (default) sends the API key; `none` does not. */
  auth?: 'key' | 'none' | undefined;
  /** How a success is read: `json` (default), or `bytes`, which makes `data` a `Uint8Array`. */
  read?: 'json' | 'bytes' | undefined;
  /**
   * What a redirect is. It is never followed. `refuse` (default): an error. `return`: a success without data, whose
   * `Location` is in the headers; where a browser hides those it is an error all the same.
   */
  redirect?: 'refuse' | 'return' | undefined;
  /** The largest body of a success that is read, in bytes. Never more than the transport's own `maxBodyBytes`. */
  maxBodyBytes?: number | undefined;
  /** Told how many bytes of a success have been read so far, on each attempt anew. What it throws is ignored. */
  onProgress?: ((receivedBytes: number) => void) | undefined;
}

const REQUEST_OPTION_NAMES: readonly string[] = [
  'signal',
  'timeoutMs',
  'deadlineMs',
  'idempotencyKey',
  'onResponse',
  'query',
  'body',
  'headers',
  'retry',
  'auth',
  'read',
  'redirect',
  'maxBodyBytes',
  'onProgress',
];
/** Another place than the service's, such as where files are stored. */
const ABSOLUTE = /^https?:\/\//i;
const REPEATABLE_METHODS: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['GET', 'PUT', 'DELETE']);

/** A request that is ready to go out, any number of times. */
export interface PreparedRequest {
  readonly request: OutgoingRequest;
  /** How messages call it: method and path, without base and query. */
  readonly label: string;
  /** What calls have in common that the service counts together: the label without what is in its path. */
  readonly kind: string;
  readonly needsKey: boolean;
  /** The URL as hooks see it: without the query where that is a secret. */
  readonly shownUrl: string;
  /** False for another place than the service's. */
  readonly isOfService: boolean;
  /** What must not be shown besides the key: the query of a signed URL. */
  readonly secrets: readonly string[];
  /** How a success is read. */
  readonly wanted: BodyWanted;
  readonly returnsRedirect: boolean;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
}

/** @throws ValidationError for an option of a request that there is not, or that cannot be. */
export function checkRequestOptions(options: HttpRequestOptions): void {
  checkCallOptions(options, REQUEST_OPTION_NAMES);
}

/**
 * @param kind Default: its label.
 * @throws ValidationError for everything about a request that can be known to be wrong before it is sent.
 */
export function prepareRequest(
  method: HttpMethod,
  path: string,
  options: HttpRequestOptions,
  transport: ResolvedTransportOptions,
  kind?: string,
): PreparedRequest {
  const { auth = 'key', query, onProgress } = options;
  const { read = 'json', redirect = 'refuse' } = options;
  const needsKey = auth === 'key';
  const place = placeOf(path, query, needsKey, transport);
  const label = `${method} ${place.name}`;
  if (needsKey && transport.apiKey === undefined) {
    throw invalid('apiKey', `${label} needs an API key: pass the option "apiKey"`);
  }
  if (transport.carry === undefined && typeof globalThis.fetch !== 'function') {
    throw invalid('fetch', 'this runtime has no "fetch" of its own: pass one as an option');
  }
  if (read !== 'json' && read !== 'bytes') throw invalid('read', '"read" must be "json" or "bytes"');
  if (redirect !== 'refuse' && redirect !== 'return') {
    throw invalid('redirect', '"redirect" must be "refuse" or "return": redirects are never followed');
  }
  checkInteger(options.maxBodyBytes, 'maxBodyBytes', 1, Number.MAX_SAFE_INTEGER);
  checkFunction(onProgress, 'onProgress');
  const { payload, contentType } = payloadOf(options.body);
  return {
    request: {
      method,
      url: place.url,
      headers: headersFor(place, contentType, options, transport),
      payload,
    },
    wanted: {
      as: read === 'bytes' ? 'bytes' : 'text',
      limitBytes: Math.min(options.maxBodyBytes ?? transport.maxBodyBytes, transport.maxBodyBytes),
      onProgress: onProgress === undefined ? undefined : (received) => tell(onProgress, received),
    },
    returnsRedirect: redirect === 'return',
    label,
    kind: kind ?? label,
    needsKey,
    shownUrl: place.shownUrl,
    secrets: place.secrets,
    isOfService: path.startsWith('/'),
    policy: policyFor(method, options, transport.retry),
    timeoutMs: options.timeoutMs ?? transport.timeoutMs,
  };
}

/** Where a request goes, and which headers all requests to there have. */
interface Place {
  readonly url: string;
  readonly shownUrl: string;
  readonly secrets: readonly string[];
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
}

function placeOf(
  path: string,
  query: Query | undefined,
  needsKey: boolean,
  transport: ResolvedTransportOptions,
): Place {
  if (typeof path !== 'string') throw invalid('path', '"path" must be a string');
  const search = query === undefined ? '' : encodeQuery(query);
  if (path.startsWith('/')) {
    const url = `${transport.baseUrl}${path}${search}`;
    return { url, shownUrl: url, secrets: [], name: path, headers: transport.headers };
  }
  if (!ABSOLUTE.test(path)) throw invalid('path', '"path" must begin with "/"');
  if (needsKey) {
    throw invalid(
      'auth',
      'a request to another place than the service must not carry the key: pass "auth": "none"',
    );
  }
  return foreignPlace(`${path}${search}`, transport);
}

/** A signed URL gives access to whoever has it: its query is kept out of sight. No header of the service's goes there. */
function foreignPlace(text: string, transport: ResolvedTransportOptions): Place {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('path', 'the URL is not valid');
  }
  if (url.username !== '' || url.password !== '') throw invalid('path', 'the URL must not hold credentials');
  const shownUrl = `${url.origin}${url.pathname}`;
  const agent = transport.headers['User-Agent'];
  return {
    url: text,
    shownUrl,
    secrets: secretsOfQuery(url.search),
    name: shownUrl,
    headers: agent === undefined ? {} : { 'User-Agent': agent },
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

/** The headers, put together only where they are not those of most requests. */
function headersFor(
  place: Place,
  contentType: string | undefined,
  { idempotencyKey, headers }: HttpRequestOptions,
  transport: ResolvedTransportOptions,
): Readonly<Record<string, string>> {
  const plain = idempotencyKey === undefined && headers === undefined && place.headers === transport.headers;
  if (plain && contentType === undefined) return transport.headers;
  if (plain && contentType === JSON_TYPE) return transport.jsonHeaders;
  const outgoing: Record<string, string> = { ...place.headers };
  if (contentType !== undefined) outgoing['Content-Type'] = contentType;
  if (idempotencyKey !== undefined) outgoing['Idempotency-Key'] = idempotencyKey;
  if (headers !== undefined) addHeaders(outgoing, headers);
  return outgoing;
}

const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function addHeaders(target: Record<string, string>, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === 'authorization') {
      throw invalid('headers', '"Authorization" is set by the transport: pass the key as "apiKey"');
    }
    addHeader(target, name, value);
  }
}

/** Takes the place of a header of the same name in another spelling, which would otherwise be sent beside it. */
function addHeader(target: Record<string, string>, name: string, value: string): void {
  // `fetch` would quote the value in its error.
  if (!HEADER_NAME.test(name) || typeof value !== 'string' || !HEADER_VALUE.test(value)) {
    throw invalid(
      'headers',
      'a header is no HTTP header: its name or its value holds a character that none may',
    );
  }
  const lower = name.toLowerCase();
  for (const present of Object.keys(target)) {
    if (present !== name && present.toLowerCase() === lower) delete target[present];
  }
  target[name] = value;
}
