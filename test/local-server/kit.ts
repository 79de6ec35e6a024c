import { WebSocket } from 'ws';
import { type LocalServer, type LocalServerOptions, startLocalServer } from '../../src/local-server/index.js';

/** An answer, read to its end. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** An event frame, as a test looks at it. */
export interface Frame {
  readonly type: string;
  readonly capabilities?: readonly string[];
  readonly payload?: { readonly id: string; readonly seq: number; readonly [field: string]: unknown };
}

/** Starts a server for one test and closes it afterwards, whatever happened. */
export async function withServer(
  options: LocalServerOptions,
  test: (server: LocalServer) => Promise<void>,
): Promise<void> {
  const server = await startLocalServer(options);
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

/** One agent over bare `fetch`. */
export class Caller {
  readonly server: LocalServer;
  readonly apiKey: string;
  #sent = 0;

  constructor(server: LocalServer, apiKey: string) {
    this.server = server;
    this.apiKey = apiKey;
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<Body>> {
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  send(to: string, text: string, clientMsgId = `own-${++this.#sent}`): Promise<Answer> {
    return this.call('POST', '/v1/messages', { to, client_msg_id: clientMsgId, content: { text } });
  }

  /** Sends several, one after the other, and gives their conversation. */
  async sendMany(to: string, count: number): Promise<string> {
    let conversation = '';
    for (let number = 1; number <= count; number += 1) {
      const { status, body } = await this.send(to, `message ${number}`);
      if (status !== 201) throw new Error(`send ${number} answered ${status}`);
      conversation = String(body.conversation_id);
    }
    return conversation;
  }

  sync(query = ''): Promise<Answer<Record<string, unknown>[]>> {
    return this.call('GET', `/v1/messages/sync${query}`);
  }
}

/** Creates an agent and gives its caller. */
export function agent(server: LocalServer, handle: string): Caller {
  return new Caller(server, server.createAgent(handle).apiKey);
}

/** How a test socket introduces itself. */
export interface Introduction {
  readonly capabilities?: readonly string[];
  /** The key goes into the upgrade, and no hello frame is sent. */
  readonly inHeader?: boolean;
  /** Extra fields of the hello, or another hello altogether. */
  readonly hello?: unknown;
  /** Say nothing. */
  readonly silent?: boolean;
  readonly headers?: Record<string, string>;
  readonly autoPong?: boolean;
}

/** A bare `ws` client that writes down what it gets. */
export class Socket {
  readonly ws: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #read = 0;
  #wake: (() => void) | undefined;

  constructor(server: LocalServer, apiKey: string, how: Introduction = {}) {
    const headers: Record<string, string> = { ...how.headers };
    if (how.inHeader === true) {
      headers.authorization = `Bearer ${apiKey}`;
      if (how.capabilities !== undefined) headers['x-agentchat-capabilities'] = how.capabilities.join(', ');
    }
    this.ws = new WebSocket(`${server.wsUrl}/v1/ws`, { headers, autoPong: how.autoPong ?? true });
    this.ws.on('open', () => {
      if (how.silent === true || how.inHeader === true) return;
      const hello = how.hello ?? { type: 'hello', api_key: apiKey, capabilities: how.capabilities ?? [] };
      this.ws.send(typeof hello === 'string' ? hello : JSON.stringify(hello));
    });
    this.ws.on('message', (data) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake?.();
    });
    this.ws.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake?.();
      });
    });
  }

  /** The next frame that was not read yet. */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.frames[this.#read];
      if (frame !== undefined) {
        this.#read += 1;
        return frame;
      }
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error('the socket closed before the frame came');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async take(count: number): Promise<Frame[]> {
    const taken: Frame[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Resolves when the server has read everything that was written so far. */
  async settled(): Promise<void> {
    const pong = new Promise((resolve) => this.ws.once('pong', resolve));
    this.ws.ping();
    await pong;
  }

  send(frame: unknown): void {
    this.ws.send(JSON.stringify(frame));
  }

  close(): void {
    this.ws.terminate();
  }
}

/** Connects an agent's socket and reads its `hello.ok`. */
export async function connect(caller: Caller, how: Introduction = {}): Promise<Socket> {
  const socket = new Socket(caller.server, caller.apiKey, how);
  const hello = await socket.next();
  if (hello.type !== 'hello.ok') throw new Error(`expected hello.ok, got ${hello.type}`);
  return socket;
}

export const ACK: Introduction = { capabilities: ['ack'] };

/** The seqs of message frames. */
export function seqs(frames: readonly Frame[]): (number | undefined)[] {
  return frames.map(({ payload }) => payload?.seq);
}
