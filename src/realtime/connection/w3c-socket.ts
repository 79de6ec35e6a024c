import {
  LONGEST_REASON,
  OPEN,
  type Socket,
  type SocketEnding,
  type SocketEvents,
  type WebSocketEventLike,
  type WebSocketLike,
} from './socket.js';

/** Some standard sockets can be ended at once all the same. */
type MaybeTerminating = { readonly terminate?: unknown };

/** A socket that follows the browsers' standard: no pings, no HTTP status, no way to end it at once. */
export class W3cSocket implements Socket {
  readonly canPing = false;
  private received = 0;
  private cause: unknown;

  constructor(
    private readonly socket: WebSocketLike,
    private readonly events: SocketEvents,
  ) {
    for (const [type, listener] of this.listeners) socket.addEventListener(type, listener);
  }

  ping(): void {}

  activity(): number {
    return this.received;
  }

  unsentBytes(): number {
    try {
      return this.socket.bufferedAmount ?? 0;
    } catch {
      return 0;
    }
  }

  send(text: string): boolean {
    try {
      if (this.socket.readyState !== OPEN) return false;
      this.socket.send(text);
      return true;
    } catch {
      return false;
    }
  }

  sendBatch(texts: readonly string[]): boolean {
    return texts.every((text) => this.send(text));
  }

  close(code: number, reason: string): void {
    try {
      // Of the registered codes the standard lets a page send only 1000.
      if (code === 1000 || (code >= 3000 && code < 5000)) {
        this.socket.close(code, reason.slice(0, LONGEST_REASON));
      } else {
        this.socket.close();
      }
    } catch {
      // It never opened, or does not know codes. It is fenced either way.
    }
  }

  discard(code: number, reason: string): void {
    // Where sockets are event emitters, an error that nobody listens to would end the process.
    this.socket.addEventListener('error', ignore);
    for (const [type, listener] of this.listeners) this.socket.removeEventListener(type, listener);
    this.close(code, reason);
    const { terminate } = this.socket as MaybeTerminating;
    if (typeof terminate !== 'function') return;
    try {
      terminate.call(this.socket);
    } catch {
      // Fenced either way.
    }
  }

  private readonly listeners: readonly (readonly [string, (event: WebSocketEventLike) => void])[] = [
    ['open', () => this.events.onOpen()],
    [
      'message',
      (event) => {
        this.received++;
        this.events.onMessage(event.data);
      },
    ],
    [
      'error',
      (event) => {
        this.cause = event.error ?? event.message;
      },
    ],
    ['close', (event) => this.events.onEnd(this.ending(event))],
  ];

  private ending(event: WebSocketEventLike): SocketEnding {
    const code = event.code ?? 1006;
    return {
      kind: 'closed',
      code,
      reason: typeof event.reason === 'string' ? event.reason : '',
      wasClean: event.wasClean ?? code !== 1006,
      ...(this.cause === undefined ? {} : { cause: this.cause }),
    };
  }
}

function ignore(): void {}
