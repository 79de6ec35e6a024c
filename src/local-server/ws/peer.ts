import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/** How long a peer may take to answer a close frame before its socket is destroyed. */
const CLOSE_GRACE_MS = 1_000;
/** Bytes that may wait in a socket before nothing more is given to it. A slow reader must not fill our memory. */
const HIGH_WATER_BYTES = 1024 * 1024;

/** What a peer reports. */
export interface PeerEvents {
  /** A frame's text; `undefined` for a binary frame, which means nothing in this protocol. Must not throw. */
  frame(text: string | undefined): void;
  pong(): void;
  /** There is room for more, after {@link Peer.isFull} was true. */
  drained(): void;
  /** The connection is over, whoever ended it. Comes once. */
  gone(): void;
}

/**
 * One upgraded socket.
 *
 * A *silent* one is half-open: the TCP connection stands, but nothing is sent any more and what comes in is thrown
 * away unread, so that neither pings nor a close frame are answered. The other side can only notice by the silence.
 */
export class Peer {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #events: PeerEvents;
  #state: 'open' | 'silent' | 'destroyed' | 'gone' = 'open';
  #closing: NodeJS.Timeout | undefined;
  #flush: NodeJS.Immediate | undefined;

  constructor(webSocket: WebSocket, socket: Duplex, events: PeerEvents) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#events = events;
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (this.#state === 'open') events.frame(isBinary ? undefined : data.toString());
    });
    webSocket.on('pong', () => {
      if (this.#state === 'open') events.pong();
    });
    // An invalid or oversized frame: `ws` closes with the right code by itself.
    webSocket.on('error', () => undefined);
    webSocket.on('close', () => this.#gone());
    socket.on('drain', () => {
      if (this.#state === 'open') events.drained();
    });
    socket.on('close', () => this.#gone());
  }

  get isGone(): boolean {
    return this.#state === 'destroyed' || this.#state === 'gone';
  }

  get isSilent(): boolean {
    return this.#state === 'silent';
  }

  get isFull(): boolean {
    return this.#state === 'open' && this.#webSocket.bufferedAmount >= HIGH_WATER_BYTES;
  }

  /** Frames of one turn of the event loop go out together: one system call for a burst instead of one per frame. */
  send(text: string): void {
    if (!this.#isWritable()) return;
    if (this.#flush === undefined) {
      this.#socket.cork();
      this.#flush = setImmediate(() => {
        this.#flush = undefined;
        this.#socket.uncork();
      });
    }
    this.#webSocket.send(text);
  }

  ping(): void {
    if (this.#isWritable()) this.#webSocket.ping();
  }

  /** Closes properly, and by force when the other side does not answer. */
  close(code: number, reason: string): void {
    if (!this.#isWritable()) return;
    this.#webSocket.close(code, reason);
    this.#closing ??= setTimeout(() => this.destroy(), CLOSE_GRACE_MS).unref();
  }

  /** Ends the connection without a word. */
  destroy(): void {
    if (this.isGone) return;
    this.#state = 'destroyed';
    this.#socket.destroy();
  }

  silence(): void {
    if (this.#state !== 'open') return;
    this.#state = 'silent';
    this.#socket.removeAllListeners('data');
    // Read on, or we would never see the other side go; but nobody looks at it.
    this.#socket.on('data', () => undefined);
    this.#socket.resume();
  }

  #isWritable(): boolean {
    return this.#state === 'open' && this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  #gone(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    clearTimeout(this.#closing);
    this.#events.gone();
  }
}
