import type { OpenSocket, Socket, SocketEvents } from './socket.js';

/** Stands in for a socket whose class is still being loaded. Given up before that, it never opens anything. */
export class LateSocket implements Socket {
  private socket: Socket | null = null;
  private over = false;

  constructor(
    private readonly url: string,
    private readonly events: SocketEvents,
    loading: Promise<OpenSocket>,
  ) {
    void loading.then(
      (open) => this.open(open),
      (cause: unknown) => this.fail(cause),
    );
  }

  get canPing(): boolean {
    return this.socket?.canPing ?? false;
  }

  ping(): void {
    this.socket?.ping();
  }

  activity(): number {
    return this.socket?.activity() ?? 0;
  }

  pongs(): number {
    // One that does not count them is taken to have heard one, as everywhere.
    return this.socket?.pongs?.() ?? 1;
  }

  unsentBytes(): number {
    return this.socket?.unsentBytes() ?? 0;
  }

  takenBytes(): number {
    return this.socket?.takenBytes() ?? 0;
  }

  send(text: string): boolean {
    return this.socket?.send(text) ?? false;
  }

  sendBatch(texts: readonly string[]): boolean {
    return this.socket?.sendBatch(texts) ?? false;
  }

  close(code: number, reason: string): void {
    if (this.socket === null) this.over = true;
    else this.socket.close(code, reason);
  }

  discard(code: number, reason: string): void {
    this.over = true;
    this.socket?.discard(code, reason);
  }

  pauseReading(): void {
    this.socket?.pauseReading?.();
  }

  resumeReading(): void {
    this.socket?.resumeReading?.();
  }

  letGo(): void {
    this.socket?.letGo?.();
  }

  private open(open: OpenSocket): void {
    // STOP-1: `disconnect()` may have come while the class was loading.
    if (this.over) return;
    try {
      this.socket = open(this.url, this.events);
    } catch (cause) {
      this.fail(cause);
    }
  }

  private fail(cause: unknown): void {
    if (this.over) return;
    this.over = true;
    this.events.onEnd({ kind: 'not_opened', cause });
  }
}
