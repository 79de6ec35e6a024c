import { type Clock, systemClock } from '../../clock/index.js';
import { RefusedUpgrade, type UpgradeRequest, type UpgradeResponse } from './refused-upgrade.js';
import { OPEN, quietly, type Socket, type SocketEvents, sendText } from './socket.js';

/** What Node's `ws` has beyond the standard, as far as it is used here. */
export interface NodeWebSocketLike {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  ping(): void;
  terminate(): void;
  pause?(): void;
  resume?(): void;
  on(event: string, listener: (...args: never[]) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
}

/** Whether a socket is one of `ws`, or as good. */
export function isNodeSocket(socket: object): socket is NodeWebSocketLike {
  const { on, removeListener, ping, terminate } = socket as { readonly [name: string]: unknown };
  return [on, removeListener, ping, terminate].every((method) => typeof method === 'function');
}

/** The TCP or TLS socket below. It comes with the `upgrade` event. */
interface RawSocket {
  readonly bytesRead?: number;
  /** All that was ever written, taken or not. */
  readonly bytesWritten?: number;
  /** Node's own, by which its idle timers see that a write goes on; nothing public tells. Not on every platform. */
  readonly _handle?: { readonly bytesWritten?: number; readonly writeQueueSize?: number } | null;
  cork?(): void;
  uncork?(): void;
  unref?(): unknown;
}

/** A socket of Node's `ws`: it pings, it ends at once, and it says why an upgrade was refused. */
export class NodeSocket implements Socket {
  readonly canPing = true;
  private raw: RawSocket | null = null;
  private received = 0;
  private ponged = 0;
  private cause: unknown;
  private refused: RefusedUpgrade | null = null;

  constructor(
    private readonly socket: NodeWebSocketLike,
    private readonly events: SocketEvents,
    private readonly clock: Clock = systemClock,
  ) {
    for (const [event, listener] of Object.entries(this.listeners)) socket.on(event, listener);
  }

  ping(): void {
    // A socket that cannot ping does not answer either, which is what the caller waits for.
    if (this.socket.readyState === OPEN) quietly(() => this.socket.ping());
  }

  pongs(): number {
    return this.ponged;
  }

  activity(): number {
    // Bytes count before a frame is complete: a large one on a slow path is not silence.
    return this.received + (this.raw?.bytesRead ?? 0);
  }

  unsentBytes(): number {
    return this.socket.bufferedAmount;
  }

  takenBytes(): number {
    const { raw, socket } = this;
    const { bytesWritten, writeQueueSize } = raw?._handle ?? {};
    if (bytesWritten !== undefined && writeQueueSize !== undefined) return bytesWritten - writeQueueSize;
    return (raw?.bytesWritten ?? 0) - socket.bufferedAmount;
  }

  send(text: string): boolean {
    return sendText(this.socket, text);
  }

  sendBatch(texts: readonly string[]): boolean {
    const { raw } = this;
    // ACK-1: what one turn collected leaves in one write.
    raw?.cork?.();
    const sent = texts.every((text) => this.send(text));
    raw?.uncork?.();
    return sent;
  }

  close(code: number, reason: string): void {
    // Throws for a code that may not be sent, and for a socket beyond closing. It is fenced either way.
    quietly(() => this.socket.close(code, reason));
  }

  discard(code: number, reason: string): void {
    const { socket } = this;
    // Ending a socket that is still being opened raises an error later; unheard, it would end the process.
    socket.on('error', () => {});
    for (const [event, listener] of Object.entries(this.listeners)) socket.removeListener(event, listener);
    if (socket.readyState === OPEN) this.close(code, reason);
    this.refused?.stop();
    quietly(() => socket.terminate());
    this.raw = null;
  }

  pauseReading(): void {
    quietly(() => this.socket.pause?.());
  }

  resumeReading(): void {
    quietly(() => this.socket.resume?.());
  }

  letGo(): void {
    quietly(() => this.raw?.unref?.());
  }

  private readonly listeners: Readonly<Record<string, (...args: never[]) => void>> = {
    upgrade: (response: { readonly socket?: RawSocket } | undefined) => {
      this.raw = response?.socket ?? null;
    },
    open: () => this.events.onOpen(),
    message: (data: { toString(): string }, isBinary?: boolean) => {
      this.received++;
      this.events.onMessage(isBinary === true ? data : data.toString());
    },
    ping: () => void this.received++,
    pong: () => {
      this.received++;
      this.ponged++;
    },
    'unexpected-response': (request: UpgradeRequest | undefined, response: UpgradeResponse | undefined) => {
      this.refused = new RefusedUpgrade(request, response, this.clock, (answer) => this.events.onEnd(answer));
    },
    error: (error: unknown) => {
      this.cause = error;
    },
    close: (code: number, reason: { toString(): string } | undefined) => {
      // The answer to the upgrade tells the end.
      if (this.refused !== null) return;
      const { cause } = this;
      const wasClean = code !== 1006;
      this.events.onEnd({ kind: 'closed', code, reason: reason?.toString() ?? '', wasClean, cause });
    },
  };
}
