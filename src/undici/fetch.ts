import { Agent } from 'undici';
import { CARRIER } from '../http/index.js';
import { type Address, addressSplitter } from './address.js';
import { ByteQueue } from './byte-queue.js';
import { undiciCarrier } from './carrier.js';
import {
  type Connections,
  dispatch,
  type PlainBody,
  type PlainRequest,
  type UndiciDispatcher,
} from './dispatch.js';
import { Exchange } from './exchange.js';
import { UndiciResponse } from './response.js';

/** Options of {@link undiciFetch}. */
export interface UndiciFetchOptions {
  /**
   * What holds the connections: an `Agent`, a `Pool`, a `ProxyAgent`, a `MockAgent` of undici's. Default: an `Agent` of its
   * own, with as many connections to a server as there are requests at the same time.
   */
  dispatcher?: UndiciDispatcher | undefined;
}

/**
 * A `fetch` on undici, for the option `fetch` of `AgentChatClient` and `HttpTransport` on Node: the same answers at a
 * fraction of the processor time. Needs the package `undici` (7 or newer), which is an optional peer dependency.
 *
 * All guarantees of the transport hold with it: retries, deadlines, bounded bodies, aborts. What is left to the transport is
 * not done here: it follows no redirects (they are returned), and knows no time limits of its own. Connections that are idle
 * do not keep a process alive.
 *
 * @throws TypeError when `dispatcher` is none, and where the runtime has no usable `undici` (Bun: leave the option `fetch` out).
 * @example
 * // undiciFetch is imported from agentchat-client/undici
 * const client = new AgentChatClient({ fetch: undiciFetch() });
 */
export function undiciFetch(options: UndiciFetchOptions = {}): typeof fetch {
  const connections = (options.dispatcher as Connections | undefined) ?? new Agent();
  if (typeof connections?.dispatch !== 'function') {
    throw new TypeError(options.dispatcher === undefined ? NO_UNDICI : NO_DISPATCHER);
  }
  const split = addressSplitter();
  const undiciFetch: typeof fetch = async (input, init = {}) => {
    const { signal } = init;
    if (isPlainBody(init.body) && (typeof input === 'string' || input instanceof URL)) {
      const { method = 'GET', body = null } = init;
      return respond(
        connections,
        split(String(input)),
        { method, headers: record(init.headers), body },
        signal,
      );
    }
    // A form, a `Request`: the platform knows how to make bytes of them.
    const request = new Request(input, init);
    const { method, url, headers } = request;
    const body = request.body === null ? null : await request.arrayBuffer();
    return respond(connections, split(url), { method, headers: record(headers), body }, request.signal);
  };
  // The transport spares itself the `Response`.
  return Object.assign(undiciFetch, { [CARRIER]: undiciCarrier(connections) });
}

const NO_DISPATCHER = '"dispatcher" must be a dispatcher of undici, such as an Agent';
/** Bun has a stand-in of its own for `undici`, whatever is installed. */
const NO_UNDICI =
  'undiciFetch: what this runtime has for `undici` holds no connections (Bun puts a stand-in in its place, for instance). ' +
  'Leave the option `fetch` out: the fetch of the runtime is used then.';

function isPlainBody(body: unknown): body is PlainBody | undefined {
  return (
    body === undefined ||
    body === null ||
    typeof body === 'string' ||
    body instanceof Uint8Array ||
    body instanceof ArrayBuffer ||
    body instanceof Blob ||
    body instanceof ReadableStream
  );
}

function record(headers: HeadersInit | undefined): Readonly<Record<string, string>> {
  if (headers === undefined) return {};
  return headers instanceof Headers || Array.isArray(headers) ? Object.fromEntries(headers) : headers;
}

function respond(
  connections: Connections,
  address: Address,
  request: PlainRequest,
  signal: AbortSignal | null | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      const reason: unknown = signal?.reason;
      exchange.fail(reason, reason instanceof Error ? reason : new Error('The request was aborted.'));
      over();
    };
    const over = () => signal?.removeEventListener('abort', onAbort);
    const exchange = new Exchange({
      onHead(status, headers, statusText, flow) {
        const queue = new ByteQueue({
          pause: () => flow.pause(),
          resume: () => flow.resume(),
          abort: (reason) => {
            over();
            flow.abort(reason);
          },
        });
        resolve(new UndiciResponse({ url: address.url, status, statusText, headers }, queue));
        return {
          push: (chunk) => queue.push(chunk),
          close: () => {
            over();
            queue.close();
          },
          fail: (error) => {
            over();
            queue.fail(error);
          },
        };
      },
      onFailure(error) {
        over();
        reject(error);
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    dispatch(connections, address, request, exchange);
  });
}
