import IsomorphicWebSocket from 'isomorphic-ws';
import { type Clock, systemClock } from '../../clock/index.js';
import { isNodeSocket, NodeSocket } from './node-socket.js';
import type { OpenSocket, WebSocketConstructor, WebSocketLike } from './socket.js';
import { W3cSocket } from './w3c-socket.js';

const NODE_OPTIONS = {
  // The service does not compress, and compression costs memory per connection.
  perMessageDeflate: false,
  // Twice what the service may send in one frame.
  maxPayload: 4 * 1024 * 1024,
  followRedirects: false,
  // After the peer's close frame `ws` waits for the end of the TCP connection, half a minute unless told otherwise.
  closeTimeout: 1_000,
  // A text that is not UTF-8 is a bad frame; it must not end the connection, or it would come back for ever.
  skipUTF8Validation: true,
};

type NodeConstructor = new (url: string, protocols: string[], options: typeof NODE_OPTIONS) => WebSocketLike;

interface Platform {
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly Bun?: unknown;
  readonly Deno?: unknown;
  readonly WebSocket?: WebSocketConstructor;
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** Tells when the platform thinks that the network came or went. Returns its `off`. */
export type WatchNetwork = (onChange: (online: boolean) => void) => () => void;

/**
 * Sockets of this runtime: `ws` on Node, the platform's own elsewhere, or those of the class that was given. This file
 * alone knows where sockets come from.
 */
export function platformSockets(given?: WebSocketConstructor, clock: Clock = systemClock): OpenSocket {
  return (url, events) => {
    const socket = construct(url, given);
    return isNodeSocket(socket) ? new NodeSocket(socket, events, clock) : new W3cSocket(socket, events);
  };
}

function construct(url: string, given: WebSocketConstructor | undefined): WebSocketLike {
  if (given !== undefined) return new given(url);
  const platform = globalThis as Platform;
  const fallback = IsomorphicWebSocket as unknown as NodeConstructor | null;
  const { process, Bun, Deno } = platform;
  // Bun and Deno call themselves Node too, but bring a WebSocket of their own.
  const isNode = typeof process?.versions?.node === 'string' && Bun === undefined && Deno === undefined;
  const own = isNode ? undefined : platform.WebSocket;
  if (own !== undefined) return new own(url);
  if (typeof fallback !== 'function') {
    throw new TypeError('this runtime has no WebSocket; pass one as the `webSocket` option');
  }
  return new fallback(url, [], NODE_OPTIONS);
}

/** The `online` and `offline` events of browsers and their workers. Elsewhere nothing is ever told. */
export const watchPlatformNetwork: WatchNetwork = (onChange) => {
  const target = globalThis as Platform;
  if (typeof target.addEventListener !== 'function' || typeof target.removeEventListener !== 'function') {
    return () => {};
  }
  const online = () => onChange(true);
  const offline = () => onChange(false);
  target.addEventListener('online', online);
  target.addEventListener('offline', offline);
  return () => {
    target.removeEventListener?.('online', online);
    target.removeEventListener?.('offline', offline);
  };
};
