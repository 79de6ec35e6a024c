import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What the stub answers. Default: 200, and an empty object. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request as the stub saw it. */
export interface Request {
  readonly method: string;
  /** Path and query, the query sorted. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The headers that say what is asked for, and by whom. */
const TELLING = ['authorization', 'content-type', 'idempotency-key', 'x-agentchat-client'];

/**
 * One HTTP and WebSocket server for both packages. It knows nothing of the service: what it answers is scripted, and what it
 * was asked is written down.
 */
export class Stub {
  readonly requests: Request[] = [];
  /** Frames that came over the latest socket, parsed. */
  frames: Record<string, unknown>[] = [];
  /** What is answered, one after the other; the last one again and again. */
  answers: Answer[] = [{}];
  /** What becomes of a socket that has said hello. Default: it is welcome, and takes acks. */
  onHello: (socket: WebSocket) => void = welcome;
  private waiting: (() => void)[] = [];
  private readonly sockets = new WebSocketServer({ noServer: true });

  private constructor(private readonly http: Server) {}

  static async start(): Promise<Stub> {
    const http = createServer();
    const stub = new Stub(http);
    http.on('request', (request, response) => void stub.answer(request, response));
    http.on('upgrade', (request, socket, head) => {
      stub.sockets.handleUpgrade(request, socket, head, (ws) => stub.serve(ws));
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** The sockets that are open. */
  get clients(): Iterable<WebSocket> {
    return this.sockets.clients;
  }

  /** Forgets what was, for the next package. */
  reset(answers: readonly Answer[] = [{}], onHello: (socket: WebSocket) => void = welcome): void {
    this.requests.length = 0;
    this.frames = [];
    this.answers = [...answers];
    this.onHello = onHello;
  }

  /** Waits for something to be so, looking again at everything that comes in, and at `look()`. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Something has happened that somebody may wait for. */
  readonly look = (): void => {
    for (const wake of this.waiting.splice(0)) wake();
  };

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://stub');
    url.searchParams.sort();
    // The first page, whether it is said or not.
    if (url.searchParams.get('offset') === '0') url.searchParams.delete('offset');
    const told = TELLING.map((name) => [name, request.headers[name]] as const);
    this.requests.push({
      method: request.method ?? '',
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(told.filter(([, value]) => value !== undefined)) as Record<string, string>,
      body: parsed(text),
    });
    const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    const { status = 200, headers = {}, body = {} } = next ?? {};
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 204 || body === null ? undefined : JSON.stringify(body));
    this.look();
  }

  private serve(socket: WebSocket): void {
    this.frames = [];
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Record<string, unknown>;
      this.frames.push(frame);
      if (frame.type === 'hello') this.onHello(socket);
      this.look();
    });
    socket.on('close', this.look);
  }
}

export function welcome(socket: WebSocket): void {
  socket.send('{"type":"hello.ok","capabilities":["ack"]}');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
