import { Agent, type Dispatcher } from 'undici';
import { Exchange } from './exchange.js';

/** Options of {@link undiciFetch}. */
export interface UndiciFetchOptions {
  /**
   * What holds the connections: an `Agent`, a `Pool`, a `ProxyAgent`, a `MockAgent` of undici's. Default: an `Agent` of its
   * own, with as many connections to a server as there are requests at the same time.
   */
  dispatcher?: Pick<Dispatcher, 'dispatch'> | undefined;
}

/**
 * A `fetch` on undici, for the option `fetch` of `AgentChatClient` and `HttpTransport` on Node: the same answers at a
 * fraction of the processor time. Needs the package `undici` (7 or newer), which is an optional peer dependency.
 *
 * All guarantees of the transport hold with it: retries, deadlines, bounded bodies, aborts. What is left to the transport is
 * not done here: it follows no redirects (they are returned), and knows no time limits of its own. Connections that are idle
 * do not keep a process alive.
 *
 * @example
 * import { AgentChatClient } from 'agentchat-client';
 * import { undiciFetch } from 'agentchat-client/undici';
 *
 * const client = new AgentChatClient({ fetch: undiciFetch() });
 */
export function undiciFetch(options: UndiciFetchOptions = {}): typeof fetch {
  const dispatcher = options.dispatcher ?? new Agent();
  if (typeof dispatcher?.dispatch !== 'function') {
    throw new TypeError('"dispatcher" must be a dispatcher of undici, such as an Agent');
  }
  const split = urlSplitter();
  return async (input, init = {}) => {
    if (isPlain(input, init)) return send(dispatcher, split(String(input)), init);
    return send(dispatcher, ...(await simplified(input, init, split)));
  };
}

interface Address {
  readonly url: string;
  readonly origin: string;
  readonly path: string;
}

type PlainBody = string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob | ReadableStream | null | undefined;
type PlainInit = Pick<RequestInit, 'method' | 'headers' | 'signal'> & { body?: PlainBody };

/** Whether there is nothing that only the platform can make bytes of (a form, say). What the transport sends never is. */
function isPlain(input: unknown, init: RequestInit): init is RequestInit & PlainInit {
  const { body } = init;
  return (
    (typeof input === 'string' || input instanceof URL) &&
    (body === undefined ||
      body === null ||
      typeof body === 'string' ||
      body instanceof Uint8Array ||
      body instanceof ArrayBuffer ||
      body instanceof Blob ||
      body instanceof ReadableStream)
  );
}

async function simplified(
  input: RequestInfo | URL,
  init: RequestInit,
  split: (url: string) => Address,
): Promise<[Address, PlainInit]> {
  const request = new Request(
    input,
    init.body instanceof ReadableStream ? ({ ...init, duplex: 'half' } as RequestInit) : init,
  );
  const { url, method, headers, signal } = request;
  const body = request.body === null ? undefined : await request.arrayBuffer();
  return [split(url), { method, headers, signal, ...(body === undefined ? {} : { body }) }];
}

function send(
  dispatcher: Pick<Dispatcher, 'dispatch'>,
  address: Address,
  init: PlainInit,
): Promise<Response> {
  const { signal, method = 'GET' } = init;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const exchange = new Exchange(address.url, signal ?? undefined, { resolve, reject });
    try {
      dispatcher.dispatch(
        {
          origin: address.origin,
          path: address.path,
          method,
          headers: headersOf(init.headers, method),
          body: (init.body ?? null) as string | Uint8Array | null,
          // The transport has clocks of its own.
          headersTimeout: 0,
          bodyTimeout: 0,
        },
        exchange,
      );
    } catch (error) {
      exchange.onResponseError(undefined, error);
    }
  });
}

/**
 * Answers to a GET may be long, and are asked for in compressed form; those to anything else are a few hundred bytes, which
 * cost more to unpack than to carry.
 */
const LONG_ANSWERS = 'gzip, deflate, br';

function headersOf(headers: HeadersInit | undefined, method: string): Record<string, string> {
  const record =
    headers === undefined || headers instanceof Headers || Array.isArray(headers)
      ? Object.fromEntries(headers ?? [])
      : headers;
  if (method !== 'GET' || Object.keys(record).some((name) => name.toLowerCase() === 'accept-encoding')) {
    return record;
  }
  return { ...record, 'accept-encoding': LONG_ANSWERS };
}

/** Splits URLs, and remembers the last one: most requests of a bot go to the same one. */
function urlSplitter(): (url: string) => Address {
  let last: Address | undefined;
  return (text) => {
    if (last?.url === text) return last;
    const { origin, pathname, search } = new URL(text);
    last = { url: text, origin, path: `${pathname}${search}` };
    return last;
  };
}
