import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { Connection } from '../../../src/realtime/connection/connection.js';
import { Recorder, settingsFor, type TestOptions } from './support.js';

/** A bare service on a real `ws` server: what it does with a socket is up to the test. */
export class WsService {
  readonly hellos: Record<string, unknown>[] = [];
  readonly received: string[] = [];
  /** Close codes as the service saw them. */
  readonly closes: number[] = [];
  readonly upgradeUrls: string[] = [];
  readonly raw: Socket[] = [];
  /** Refused upgrades whose client went away. */
  hungUp = 0;
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly http: Server,
    private readonly sockets: WebSocketServer,
  ) {}

  /**
   * @param onHello What to do with a hello; default: `hello.ok` in ack mode.
   * @param refuse What every upgrade is answered with: a status, in the service's own form; a whole response; or `null` to accept it.
   */
  static async start({
    onHello = (socket: WebSocket) => socket.send('{"type":"hello.ok","capabilities":["ack"]}'),
    refuse = () => null,
    autoPong = true,
  }: {
    onHello?: (socket: WebSocket, count: number) => void;
    refuse?: () => number | string | null;
    autoPong?: boolean;
  } = {}): Promise<WsService> {
    const http = createServer();
    const sockets = new WebSocketServer({ noServer: true, autoPong });
    const service = new WsService(http, sockets);
    http.on('upgrade', (request, raw: Socket, head) => {
      service.raw.push(raw);
      service.upgradeUrls.push(request.url ?? '');
      const refusal = refuse();
      if (refusal === null) {
        sockets.handleUpgrade(request, raw, head, (socket) => service.serve(socket, onHello));
      } else {
        // The connection stays: whoever asked has to hang up.
        raw.on('error', () => {});
        raw.resume();
        // The server keeps its half of the connection open: the client's end is not yet a close.
        raw.on('end', () => {
          service.hungUp++;
          service.notify();
        });
        raw.write(typeof refusal === 'string' ? refusal : inOwnForm(refusal));
      }
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  get clients(): WebSocket[] {
    return [...this.sockets.clients];
  }

  /** Resolves when something reached the service that makes `done` true. */
  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    for (const raw of this.raw) raw.destroy();
    this.sockets.close();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private serve(socket: WebSocket, onHello: (socket: WebSocket, count: number) => void): void {
    let greeted = false;
    socket.on('message', (data) => {
      if (greeted) {
        this.received.push(String(data));
      } else {
        greeted = true;
        this.hellos.push(JSON.parse(String(data)));
        onHello(socket, this.hellos.length);
      }
      this.notify();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      this.closes.push(code);
      this.notify();
    });
  }

  private notify(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

function inOwnForm(status: number): string {
  const body = '{"code":"REFUSED","message":"we do not know you"}';
  return `HTTP/1.1 ${status} No\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** A real connection to a real service, quick to reconnect. */
export function connectTo(
  service: { readonly baseUrl: string },
  options: TestOptions = {},
): { connection: Connection; recorder: Recorder } {
  const recorder = new Recorder();
  const { baseUrl } = service;
  const settings = settingsFor({ baseUrl, reconnectInterval: 5, maxReconnectInterval: 20, ...options });
  return { connection: new Connection(settings, recorder), recorder };
}
