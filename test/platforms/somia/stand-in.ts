import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type FrameWriter,
  playTurn,
  replies,
  type TurnPlan,
  type TurnScript,
} from '../support/turn-script.js';

/** A request that came. */
export interface SomiaRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Fields;
  readonly headers: IncomingMessage['headers'];
}

export interface SomiaStandInOptions {
  /** The only key that it takes, in `x-api-key`. */
  apiKey?: string;
  /** What an agent replies, in pieces. Default: what was said, word by word. */
  reply?: (text: string, sessionId: string) => readonly string[];
  /** What becomes of a reply that is streamed, where no script says. Default: it is said, and complete. */
  plan?: TurnPlan;
  /** Whether a session is over after this was said. Default: never. */
  isLast?: (text: string) => boolean;
  /** The Begin step of the agent: it takes no session without input, and replies to it. Default: it ignores it. */
  asksForInput?: boolean;
}

interface Session {
  readonly id: string;
  readonly history: { role: string; content: string }[];
}

type Fields = Record<string, unknown>;

const ROUTE = /^\/api\/v1\/external\/agent\/(\d+)\/session(?:\/([^/]+))?$/;
/** The only agent that there is. */
const AGENT = '7';

/** A stand-in for Somia on 127.0.0.1, as far as its fields and frames are assumed here. Its state is in memory. */
export class SomiaStandIn {
  readonly requests: SomiaRequest[] = [];
  /** What becomes of the next turns in a session; after them it replies by itself. */
  readonly script: TurnScript[] = [];
  readonly #options: SomiaStandInOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #sessions = new Map<string, Session>();
  #ids = 0;
  #openStreams = 0;

  private constructor(options: SomiaStandInOptions) {
    this.#options = options;
  }

  static async start(options: SomiaStandInOptions = {}): Promise<SomiaStandIn> {
    const standIn = new SomiaStandIn(options);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many replies are being streamed. */
  get openStreams(): number {
    return this.#openStreams;
  }

  /** The sessions, oldest first. */
  get sessions(): readonly Readonly<Session>[] {
    return [...this.#sessions.values()];
  }

  /** The turns in sessions that were asked for, refused ones as well. */
  get turns(): readonly SomiaRequest[] {
    return this.requests.filter(({ path }) => ROUTE.exec(path)?.[2] !== undefined);
  }

  /** Loses its sessions. */
  forget(): void {
    this.#sessions.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {});
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = 'GET', headers, url: path = '/' } = request;
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Fields;
    this.requests.push({ method, path, body, headers });
    const { apiKey } = this.#options;
    if (apiKey !== undefined && headers['x-api-key'] !== apiKey) {
      answer(response, 401, { detail: 'Invalid API key' });
      return;
    }
    const [, agent, id] = ROUTE.exec(path) ?? [];
    if (method !== 'POST' || agent !== AGENT) answer(response, 404, { detail: 'Agent not found' });
    else if (id === undefined) this.#create(body, response);
    else await this.#interact(decodeURIComponent(id), body, response);
  }

  #create({ input_data }: Fields, response: ServerResponse): void {
    const { asksForInput = false } = this.#options;
    if (asksForInput && input_data === undefined) {
      answer(response, 422, { detail: 'The Begin step needs "query"' });
      return;
    }
    this.#ids += 1;
    const session: Session = { id: `session-${this.#ids}`, history: [] };
    this.#sessions.set(session.id, session);
    const said = asksForInput ? this.#say(session, String(input_data)) : undefined;
    answer(response, 201, this.#result(session, said?.join('') ?? null, asksForInput ? input_data : ''));
  }

  async #interact(id: string, { input_data, stream }: Fields, response: ServerResponse): Promise<void> {
    const { plan = replies } = this.#options;
    const session = this.#sessions.get(id);
    const scripted = this.script.shift();
    if (scripted !== undefined && 'refuse' in scripted) {
      await playTurn(scripted, response, framesOf({}));
      return;
    }
    if (session === undefined) {
      answer(response, 404, { detail: 'Session not found' });
      return;
    }
    const text = String(input_data);
    const pieces = this.#say(session, text);
    const result = this.#result(session, null, text);
    if (stream !== true) {
      answer(response, 200, { ...result, message: pieces.join('') });
      return;
    }
    this.#openStreams += 1;
    response.on('close', () => {
      this.#openStreams -= 1;
    });
    await playTurn(scripted ?? plan(...pieces), response, framesOf(result));
  }

  #say({ id, history }: Session, text: string): readonly string[] {
    const { reply = (said: string) => said.split(/(?<= )/) } = this.#options;
    const pieces = reply(text, id);
    history.push({ role: 'user', content: text }, { role: 'assistant', content: pieces.join('') });
    return pieces;
  }

  #result({ id, history }: Session, message: string | null, text: unknown): Fields {
    const finished = this.#options.isLast?.(String(text)) ?? false;
    if (finished) this.#sessions.delete(id);
    return { session_id: id, message, history: [...history], pending: false, finished };
  }
}

function framesOf(result: Fields): FrameWriter {
  return {
    say: (content) => frame('chunk', { content }),
    unknown: () => frame('heartbeat', { content: 'still here' }),
    finish: () => frame('end', result),
    fail: (message) => frame('error', { message }),
  };
}

function frame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function answer(response: ServerResponse, status: number, data: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
  response.end(JSON.stringify(data));
}
