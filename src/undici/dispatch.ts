import type { Dispatcher } from 'undici';
import type { Address } from './address.js';
import type { Exchange } from './exchange.js';

/** What holds the connections. */
export type Connections = Pick<Dispatcher, 'dispatch'>;

/** The same for users, without the types of a package that they may have in another version. */
export interface UndiciDispatcher {
  dispatch(options: never, handler: never): boolean;
}

export type PlainBody =
  | string
  | Uint8Array<ArrayBuffer>
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array<ArrayBuffer>>
  | null;

/** A request that undici can send as it is. */
export interface PlainRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PlainBody;
}

/** Hands a request to undici. Throws nothing: the exchange is told. */
export function dispatch(
  connections: Connections,
  { origin, path }: Address,
  { method, headers, body }: PlainRequest,
  exchange: Exchange,
): void {
  try {
    connections.dispatch(
      {
        origin,
        path,
        method,
        headers: method === 'GET' ? withCompression(headers) : headers,
        // Blobs and streams are taken as well, which the types do not say.
        body: body as string | Uint8Array | null,
        // The transport has clocks of its own.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
  } catch (error) {
    exchange.onResponseError(undefined, error);
  }
}

/**
 * Answers to a GET may be long, and are asked for in compressed form; those to anything else are a few hundred bytes, which
 * cost more to unpack than to carry.
 */
const LONG_ANSWERS = 'gzip, deflate, br';

function withCompression(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const given = Object.keys(headers).some((name) => name.toLowerCase() === 'accept-encoding');
  return given ? headers : { ...headers, 'accept-encoding': LONG_ANSWERS };
}
