import { encodeQuery, type HttpMethod, type QueryValue } from '../wire/index.js';
import type { OutgoingRequest } from './attempt.js';
import type { BodyWanted } from './body.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { given } from './given.js';
import { addDefault, addHeader, addHeaders, secretsOfHeaders } from './headers.js';
import { tell } from './hooks.js';
import { checkFunction, checkInteger, invalid } from './invalid.js';
import { JSON_TYPE, payloadOf } from './payload.js';
import { secretsOfQuery } from './redact.js';
import { DEFAULT_RETRY_POLICY, type RetryPolicy, resolveRetry } from './retry-policy.js';
import type { ResolvedTransportOptions } from './transport-options.js';

/** Values of a query; what is `undefined` is left out. */
export type Query = Readonly<Record<string, QueryValue>>;

/**
 * Whether a failed request is made again. Without it: when that is safe (GET, HEAD, PUT, DELETE, whatever has an
 * `idempotencyKey`). `auto` and `always` both say it outright, whatever the method: the transport's policy holds. So does a
 * policy, for this call. `never` says that it is not.
 */
export type RetryOption = 'auto' | 'never' | 'always' | RetryPolicy;

/** What a request may carry besides its method and path. */
export interface HttpRequestOptions extends CallOptions {
  query?: Query | undefined;
  /**
   * Sent as JSON. Bytes (a `Uint8Array`, `ArrayBuffer`, `Blob`, or a function that gives a new `ReadableStream` of them on
   * each attempt) are sent as they are, as `application/octet-stream` unless `headers` say otherwise. A `ReadableStream` can be
   * sent a single time: such a request is not repeated.
   */
  body?: unknown;
  /** The body is sent as it is, a string as well, and only `headers` say what it is. */
  rawBody?: boolean | undefined;
  /** Further headers. `Authorization` is the transport's own where it sends a key. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default: again when that is safe. */
  retry?: RetryOption | undefined;
  /** `key` sends the API key, `none` does not. Default: `key` where the transport has one. */
  auth?: 'key' | 'none' | undefined;
  /** How a success is read: `json` (default), `bytes`, which makes `data` a `Uint8Array`, or `nothing`: no `data`. */
  read?: 'json' | 'bytes' | 'nothing' | undefined;
  /** The official package's word for `read: 'nothing'`. */
  expectNoBody?: boolean | undefined;
  /**
   * What a redirect is. `refuse` (default): an error. `return`: a success without data, whose `Location` is in the headers.
   * `follow`: the answer is that of where it leads, five steps at most; the key goes to no other origin. Where a browser hides
   * the address, each is an error.
   */
  redirect?: 'refuse' | 'return' | 'follow' | undefined;
  /** The official package's words for `redirect`: `false` is `return`, `true` is `follow`. */
  followRedirect?: boolean | undefined;
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
  'rawBody',
  'headers',
  'retry',
  'auth',
  'read',
  'expectNoBody',
  'redirect',
  'followRedirect',
  'maxBodyBytes',
  'onProgress',
];
/** Another place than the service's, such as where files are stored. */
const ABSOLUTE = /^https?:\/\//i;
const REPEATABLE_METHODS: ReadonlySet<HttpMethod> = new Set<HttpMethod>(['GET', 'HEAD', 'PUT', 'DELETE']);

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
  readonly followsRedirects: boolean;
  /** Its body can be sent a single time. */
  readonly once: boolean;
  readonly policy: RetryPolicy;
  readonly timeoutMs: number;
}

/** A body may be `null`: so it is written as JSON. */
const NULL_REQUEST_OPTIONS: readonly string[] = ['body'];

/** The options that are given. @throws ValidationError for one that there is not, or that cannot be. */
export function checkRequestOptions(options: HttpRequestOptions): HttpRequestOptions {
  const { query, ...others } = checkCallOptions(options, REQUEST_OPTION_NAMES, NULL_REQUEST_OPTIONS);
  return query === undefined ? others : { ...others, query: given(query) };
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
  const { query, onProgress } = options;
  const { auth = transport.apiKey === undefined ? 'none' : 'key' } = options;
  const { read = options.expectNoBody === true ? 'nothing' : 'json' } = options;
  const redirect = options.redirect ?? redirectOf(options.followRedirect);
  const needsKey = auth === 'key';
  const place = placeOf(path, query, needsKey, transport);
  const label = `${method} ${place.name}`;
  if (needsKey && transport.apiKey === undefined) {
    throw invalid('apiKey', `${label} needs an API key: pass the option "apiKey"`);
  }
  if (transport.carry === undefined && typeof globalThis.fetch !== 'function') {
    throw invalid('fetch', 'this runtime has no "fetch" of its own: pass one as an option');
  }
  const as = Object.hasOwn(READ_AS, read) ? READ_AS[read] : undefined;
  if (as === undefined) throw invalid('read', '"read" must be "json", "bytes" or "nothing"');
  if (redirect !== 'refuse' && redirect !== 'return' && redirect !== 'follow') {
    throw invalid('redirect', '"redirect" must be "refuse", "return" or "follow"');
  }
  checkInteger(options.maxBodyBytes, 'maxBodyBytes', 1, Number.MAX_SAFE_INTEGER);
  checkFunction(onProgress, 'onProgress');
  const { payload, contentType, once = false } = payloadOf(options.body, options.rawBody === true);
  const headers = headersFor(place, contentType, needsKey, options, transport);
  return {
    request: { method, url: place.url, headers, payload },
    wanted: {
      as,
      limitBytes: Math.min(options.maxBodyBytes ?? transport.maxBodyBytes, transport.maxBodyBytes),
      onProgress: onProgress === undefined ? undefined : (received) => tell(onProgress, received),
    },
    returnsRedirect: redirect === 'return',
    followsRedirects: redirect === 'follow',
    once,
    label,
    kind: kind ?? label,
    needsKey,
    shownUrl: place.shownUrl,
    secrets: needsKey ? place.secrets : [...place.secrets, ...secretsOfHeaders(headers)],
    isOfService: path.startsWith('/'),
    policy: once ? NO_RETRIES : policyFor(method, options, transport.retry),
    timeoutMs: options.timeoutMs ?? transport.timeoutMs,
  };
}

/** How a body is taken, by how it is read. */
const READ_AS: Readonly<Record<string, BodyWanted['as']>> = {
  json: 'text',
  bytes: 'bytes',
  nothing: 'nothing',
};

function redirectOf(followRedirect: boolean | undefined): NonNullable<HttpRequestOptions['redirect']> {
  if (followRedirect === undefined) return 'refuse';
  return followRedirect ? 'follow' : 'return';
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
  return {
    url: text,
    shownUrl,
    secrets: secretsOfQuery(url.search),
    name: shownUrl,
    headers: transport.foreignHeaders,
  };
}

const NO_RETRIES: RetryPolicy = /* @__PURE__ */ Object.freeze({ ...DEFAULT_RETRY_POLICY, maxRetries: 0 });

/** The policy of this request; without retries where repeating it could do something twice, and nobody has asked for it. */
function policyFor(
  method: HttpMethod,
  { retry, idempotencyKey }: HttpRequestOptions,
  usual: RetryPolicy,
): RetryPolicy {
  if (typeof retry === 'object') return resolveRetry(retry);
  if (retry === 'auto' || retry === 'always') return usual;
  const isSafe = REPEATABLE_METHODS.has(method) || idempotencyKey !== undefined;
  return isSafe && retry !== 'never' ? usual : NO_RETRIES;
}

/** The headers, put together only where they are not those of most requests. */
function headersFor(
  place: Place,
  contentType: string | undefined,
  needsKey: boolean,
  { idempotencyKey, headers }: HttpRequestOptions,
  transport: ResolvedTransportOptions,
): Readonly<Record<string, string>> {
  const plain = idempotencyKey === undefined && headers === undefined && place.headers === transport.headers;
  if (plain && contentType === undefined) return transport.headers;
  if (plain && contentType === JSON_TYPE) return transport.jsonHeaders;
  const outgoing: Record<string, string> = { ...place.headers };
  if (contentType !== undefined) addDefault(outgoing, 'Content-Type', contentType);
  if (idempotencyKey !== undefined) addHeader(outgoing, 'Idempotency-Key', idempotencyKey, 'idempotencyKey');
  if (headers !== undefined) addHeaders(outgoing, headers, 'headers', needsKey);
  return outgoing;
}
