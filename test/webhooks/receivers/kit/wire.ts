import { connect, type Socket } from 'node:net';
import type { Outgoing } from './request.js';

/** A request that a test writes byte by byte. */
export class Wire {
  readonly socket: Socket;
  /** Resolves when the other side has hung up, in whatever way. */
  readonly closed: Promise<void>;
  private text = '';
  private readonly watchers = new Set<() => void>();

  constructor(private readonly url: URL) {
    this.socket = connect(Number(url.port), url.hostname);
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      for (const watcher of this.watchers) watcher();
    });
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        resolve();
        for (const watcher of this.watchers) watcher();
      });
    });
  }

  get received(): string {
    return this.text;
  }

  /** Writes the head of a request, with this length announced. */
  head({ method, headers }: Outgoing, length: number): void {
    const lines = Object.entries({ host: this.url.host, 'content-length': String(length), ...headers });
    const written = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.socket.write(`${method} ${this.url.pathname} HTTP/1.1\r\n${written}\r\n`);
  }

  write(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** Resolves when what came matches, or the other side has hung up. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text) && !this.socket.destroyed) {
      await new Promise<void>((resolve) => this.watchers.add(resolve));
      this.watchers.clear();
    }
    return this.text;
  }

  cut(): void {
    this.socket.resetAndDestroy();
  }
}
