import { type Clock, systemClock } from '../../clock/index.js';
import { LateSocket } from './late-socket.js';
import { isNodeSocket, NodeSocket } from './node-socket.js';
import type { OpenSocket, Socket, SocketEvents, WebSocketConstructor, WebSocketLike } from './socket.js';
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
  readonly WebSocket?: WebSocketConstructor;
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/** Tells when the platform thinks that the network came or went. Returns its `off`. */
export type WatchNetwork = (onChange: (online: boolean) => void) => () => void;

/**
 * Sockets of this runtime: `ws` on Node, Bun and Deno, which can ping (LIVE-1); the platform's own elsewhere; or those of
 * the class that was given. `ws` is loaded with the first socket: whoever only imports this package need not have it, and
 * Deno asks nobody for a permission before. This file alone knows where sockets come from.
 */
export function platformSockets(given?: WebSocketConstructor, clock: Clock = systemClock): OpenSocket {
  if (given !== undefined) return (url, events) => wrap(new given(url), events, clock);
  let loaded: OpenSocket | null = null;
  const load = async () => {
    const construct = await constructorHere();
    loaded = (url, events) => wrap(construct(url), events, clock);
    return loaded;
  };
  return (url, events) => {
    if (loaded !== null) return loaded(url, events);
    const { process, WebSocket } = globalThis as Platform;
    // Bun and Deno call themselves Node too.
    const isNode = typeof process?.versions?.node === 'string';
    if (WebSocket !== undefined && (!isNode || isStandIn(WebSocket)))
      return wrap(new WebSocket(url), events, clock);
    return new LateSocket(url, events, load());
  };
}

/**
 * Whether somebody has put a class of theirs in the place of the global one: a test, which must not reach the service. The
 * runtimes' own are native code, or Node's, which is written with `webidl`.
 */
function isStandIn(found: WebSocketConstructor): boolean {
  return !/\[native code\]|\bwebidl\b/.test(Function.prototype.toString.call(found));
}

function wrap(socket: WebSocketLike, events: SocketEvents, clock: Clock): Socket {
  return isNodeSocket(socket) ? new NodeSocket(socket, events, clock) : new W3cSocket(socket, events);
}

/** `ws` if it can be had; else the platform's own WebSocket. */
async function constructorHere(): Promise<(url: string) => WebSocketLike> {
  try {
    // Inside `try`, where bundlers may leave out what they cannot find.
    const node = usable(await import('isomorphic-ws'));
    return (url) => new node(url, [], NODE_OPTIONS);
  } catch (cause) {
    const { WebSocket: own } = globalThis as Platform;
    if (own !== undefined) return (url) => new own(url);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(
      `this runtime has no WebSocket, and \`ws\` cannot be loaded: ${why}; pass one as the \`webSocket\` option, or see docs/surroundings.md about bundlers`,
      { cause },
    );
  }
}

/** The class in what was loaded. Throws for a stand-in: jsdom under Jest gets what `ws` has for browsers. */
function usable({ default: found }: { readonly default?: unknown }): NodeConstructor {
  // Bundlers wrap a CommonJS module once more.
  const inner = (found as { readonly default?: unknown } | null | undefined)?.default ?? found;
  if (typeof inner === 'function' && (inner as { readonly CONNECTING?: unknown }).CONNECTING === 0) {
    return inner as unknown as NodeConstructor;
  }
  throw new TypeError('what was found in its place is no WebSocket');
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
