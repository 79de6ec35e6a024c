import type { Ending } from './endings.js';

/** An event of a {@link WebSocketLike}. Which fields are there depends on the type. */
export interface WebSocketEventLike {
  readonly type: string;
  /** Of a `message`. */
  readonly data?: unknown;
  /** Of a `close`. */
  readonly code?: number;
  /** Of a `close`. */
  readonly reason?: string;
  /** Of a `close`. */
  readonly wasClean?: boolean;
  /** Of an `error`, on some platforms. */
  readonly error?: unknown;
  /** Of an `error`, on some platforms. */
  readonly message?: unknown;
}

/**
 * What this package needs of a WebSocket: the browser's has it, and so has every library that follows the standard. One that
 * has no `addEventListener` gets its listeners as `onopen`, `onmessage`, `onclose` and `onerror`.
 */
export interface WebSocketLike {
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that were sent and that the network has not taken yet. */
  readonly bufferedAmount?: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener?(type: string, listener: (event: WebSocketEventLike) => void): void;
  removeEventListener?(type: string, listener: (event: WebSocketEventLike) => void): void;
}

/**
 * A class that opens a socket when it is constructed, such as the browser's `WebSocket` or the one of `mock-socket`.
 * Where its sockets have Node's `ping`, `terminate` and `on` as well, those are used.
 */
export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** The upgrade was answered with an ordinary HTTP response. What is left out is taken for a stranger's answer without a hint. */
export interface UpgradeAnswer {
  readonly kind: 'http';
  readonly status: number;
  /** By their names in lower case. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The beginning of its body, as text. */
  readonly body?: string;
}

export type SocketEnding =
  | Extract<Ending, { kind: 'closed' }>
  | UpgradeAnswer
  /** Its class could not be loaded, or refused to make one. */
  | { readonly kind: 'not_opened'; readonly cause: unknown };

/** What a socket tells. After `discard()` it tells nothing any more. */
export interface SocketEvents {
  onOpen(): void;
  /** A string, or something else if the frame was not text. The hot path. */
  onMessage(data: unknown): void;
  /** At most once. */
  onEnd(ending: SocketEnding): void;
}

/** One socket, whatever runtime it came from. No method throws. */
export interface Socket {
  /** Whether {@link Socket.ping} asks the peer, and the answer shows in {@link Socket.activity}. */
  readonly canPing: boolean;
  ping(): void;
  /** How many pings were answered. A socket that does not know leaves it out: its pings are believed in. */
  pongs?(): number;
  /** A number that changes whenever something came in. */
  activity(): number;
  unsentBytes(): number;
  /**
   * What the network has taken so far. Grows with every part of a write, where `unsentBytes` may stay what it is: it shrinks
   * with whole writes, which may be megabytes, and we fill it up again. Only its growth means anything.
   */
  takenBytes(): number;
  /** False when the socket is not open. */
  send(text: string): boolean;
  /** Writes all in one go. False when the socket is not open; then nothing was written. */
  sendBatch(texts: readonly string[]): boolean;
  /** Sends the close frame. The end arrives as `onEnd`, if the peer answers. */
  close(code: number, reason: string): void;
  /** Ends it without waiting for anybody: nothing is told any more, an open socket says goodbye with `code`. */
  discard(code: number, reason: string): void;
  /** Reads nothing more until it may again, but for what it has read already. Left out where no socket can. */
  pauseReading?(): void;
  resumeReading?(): void;
  /** From now on it does not keep the process alive. Left out where no socket does. */
  letGo?(): void;
}

/** Opens a socket. May throw; the events may begin before it returns. */
export type OpenSocket = (url: string, events: SocketEvents) => Socket;

export const OPEN = 1;

/** Writes to any kind of socket. False when it is not open. */
export function sendText(socket: Pick<WebSocketLike, 'readyState' | 'send'>, text: string): boolean {
  try {
    if (socket.readyState !== OPEN) return false;
    socket.send(text);
    return true;
  } catch {
    return false;
  }
}

/** Asks a socket for something that it may refuse by throwing. */
export function quietly(call: () => void): void {
  try {
    call();
  } catch {
    // The caller has said why that does no harm.
  }
}
