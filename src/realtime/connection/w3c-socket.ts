import {
  quietly,
  type Socket,
  type SocketEvents,
  sendText,
  type WebSocketEventLike,
  type WebSocketLike,
} from './socket.js';

/** Stand-ins for sockets may call it without an event. */
type Listener = (event?: WebSocketEventLike) => void;

/** A socket that follows the browsers' standard: no pings, no HTTP status, no way to end it at once. */
export class W3cSocket implements Socket {
  readonly canPing = false;
  private received = 0;
  /** Characters: what we write is ASCII but for names. */
  private sent = 0;
  private cause: unknown;

  constructor(
    private readonly socket: WebSocketLike,
    private readonly events: SocketEvents,
  ) {
    this.hear(this.listeners);
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

  takenBytes(): number {
    return this.sent - this.unsentBytes();
  }

  send(text: string): boolean {
    this.sent += text.length;
    return sendText(this.socket, text);
  }

  sendBatch(texts: readonly string[]): boolean {
    return texts.every((text) => this.send(text));
  }

  close(code: number, reason: string): void {
    const { socket } = this;
    // Throws where it never opened, or does not know codes. It is fenced either way.
    quietly(() => {
      // Of the registered codes the standard lets a page send only 1000.
      if (code === 1000 || (code >= 3000 && code < 5000)) socket.close(code, reason);
      else socket.close();
    });
  }

  discard(code: number, reason: string): void {
    const { socket } = this;
    // Where sockets are event emitters, an error that nobody listens to would end the process.
    this.hear({ error: () => {} });
    for (const [type, listener] of Object.entries(this.listeners)) this.unhear(type, listener);
    this.close(code, reason);
    // Some standard sockets can be ended at once all the same.
    const { terminate } = socket as { readonly terminate?: unknown };
    if (typeof terminate === 'function') quietly(() => terminate.call(socket));
  }

  private hear(listeners: Readonly<Record<string, Listener>>): void {
    const { socket } = this;
    for (const [type, listener] of Object.entries(listeners)) {
      if (typeof socket.addEventListener === 'function') socket.addEventListener(type, listener);
      else Object.assign(socket, { [`on${type}`]: listener });
    }
  }

  private unhear(type: string, listener: Listener): void {
    const { socket } = this;
    if (typeof socket.removeEventListener === 'function') socket.removeEventListener(type, listener);
    else if (Reflect.get(socket, `on${type}`) === listener) Object.assign(socket, { [`on${type}`]: null });
  }

  private readonly listeners: Readonly<Record<string, Listener>> = {
    open: () => this.events.onOpen(),
    message: (event) => {
      this.received++;
      this.events.onMessage(event?.data);
    },
    error: (event) => {
      this.cause = event?.error ?? event?.message;
    },
    close: (event) => {
      const { cause } = this;
      const { code = 1006, reason, wasClean = code !== 1006 } = event ?? {};
      const text = typeof reason === 'string' ? reason : '';
      this.events.onEnd({ kind: 'closed', code, reason: text, wasClean, cause });
    },
  };
}
