import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { inflatedOf, type ReadToken, readToken } from './read-token.js';

/** The credentials that the stand-in takes. */
export const APP_ID = '0123456789abcdef0123456789abcdef';
export const APP_CERTIFICATE = 'fedcba9876543210fedcba9876543210';

/** A request as it came. */
export interface Asked {
  readonly method: string;
  /** Without the base path. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly rawBody: string;
  readonly headers: IncomingMessage['headers'];
  /** What the token of the request says; null for another way in. */
  readonly token: ReadToken | null;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

/**
 * An answer in place of the platform's. `'silence'`: none; `'cut'`: the connection is destroyed; `'lost'`: it is destroyed when the
 * platform has done what it was asked for.
 */
export type Canned =
  | 'silence'
  | 'cut'
  | 'lost'
  | Answer
  /** `answer` has the platform do what it was asked for. */
  | ((asked: Asked, answer: () => Answer) => Answer | Promise<Answer>);

interface StandInAgent {
  readonly agent_id: string;
  readonly name: string;
  readonly properties: Record<string, unknown>;
  readonly start_ts: number;
  status: string;
  readonly said: { role: string; content: string }[];
}

const BASE = '/api/conversational-ai-agent';
const NUMBERS: Record<string, string> = { IDLE: '0', STARTING: '1', RUNNING: '2', STOPPED: '4', FAILED: '6' };

/** The platform, as far as its REST reference goes: checks tokens by itself, and keeps agents. */
export class AgoraStandIn {
  readonly asked: Asked[] = [];
  readonly agents: StandInAgent[] = [];
  /** Answers the next requests, in this order, in place of the platform. */
  readonly next: Canned[] = [];
  /** Requests per page of a list, whatever is asked for. */
  pageSize = 20;
  private readonly sockets = new Set<Socket>();
  private count = 0;
  private open = 0;

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.handle(request, response));
  }

  static async start(): Promise<AgoraStandIn> {
    const server = createServer();
    const standIn = new AgoraStandIn(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${BASE}`;
  }

  get last(): Asked {
    const last = this.asked.at(-1);
    if (last === undefined) throw new Error('nothing was asked');
    return last;
  }

  /** Requests that somebody still waits for. */
  get openRequests(): number {
    return this.open;
  }

  /** Agents that run, by channel. */
  running(channel?: string): StandInAgent[] {
    return this.agents.filter(
      ({ status, properties }) =>
        status === 'RUNNING' && (channel === undefined || properties.channel === channel),
    );
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open += 1;
    response.on('close', () => {
      this.open -= 1;
    });
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const rawBody = Buffer.concat(pieces).toString();
    const url = new URL(request.url ?? '', 'http://stand.in');
    const token = tokenIn(request.headers.authorization);
    const asked: Asked = {
      method: request.method ?? '',
      path: url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length) : url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: rawBody === '' ? undefined : JSON.parse(rawBody),
      rawBody,
      headers: request.headers,
      token,
    };
    this.asked.push(asked);
    const canned = this.next.shift();
    if (canned === 'silence') return;
    if (canned === 'lost') this.answer(asked);
    if (canned === 'cut' || canned === 'lost') return void request.socket.destroy();
    const { status, body, text, headers } =
      typeof canned === 'function'
        ? await canned(asked, () => this.answer(asked))
        : (canned ?? this.answer(asked));
    response.writeHead(status, {
      'content-type': 'application/json',
      'agora-request-id': `req-${this.asked.length}`,
      ...headers,
    });
    response.end(text ?? (body === undefined ? '' : JSON.stringify(body)));
  }

  private answer(asked: Asked): Answer {
    if (!isLetIn(asked)) return refused(401, 'InvalidPermission', 'the token is not good');
    const found = /^\/v2\/projects\/([^/]+)\/(.*)$/.exec(asked.path);
    const [first = '', id = '', action = ''] = (found?.[2] ?? '').split('/');
    if (asked.method === 'POST' && first === 'join') return this.join(asked.body as never);
    if (first !== 'agents') return refused(404, 'NotFound', `no such path: ${asked.path}`);
    if (asked.method === 'GET' && id === '') return this.list(asked.query);
    const agent = this.agents.find(({ agent_id }) => agent_id === decodeURIComponent(id));
    if (agent === undefined || (agent.status === 'STOPPED' && action !== '')) {
      return refused(404, 'TaskNotFound', `no agent ${id}`);
    }
    return { status: 200, body: this.act(agent, `${asked.method} ${action}`, asked.body) };
  }

  private join({ name, properties }: { name: string; properties: Record<string, unknown> }) {
    const other = this.agents.find((agent) => agent.name === name && agent.status === 'RUNNING');
    if (other !== undefined) {
      const body = { detail: 'the name is taken', reason: 'TaskConflict', agent_id: other.agent_id };
      return { status: 409, body };
    }
    this.count += 1;
    const agent = {
      agent_id: `1NT29X${this.count}`,
      name,
      properties,
      start_ts: 1_735_035_893 + this.count,
      status: 'RUNNING',
      said: [],
    };
    this.agents.push(agent);
    return {
      status: 200,
      body: { agent_id: agent.agent_id, create_ts: agent.start_ts, status: 'RUNNING' },
    };
  }

  private list(query: Asked['query']): Answer {
    const { channel, state = '2', cursor = '0', limit = '20' } = query;
    const wanted = state.split(',');
    const fitting = this.agents.filter(
      ({ status, properties }) =>
        wanted.includes(NUMBERS[status] ?? '') && (channel === undefined || properties.channel === channel),
    );
    const from = Number(cursor);
    const upTo = from + Math.min(Number(limit), this.pageSize);
    const list = fitting
      .slice(from, upTo)
      .map(({ agent_id, status, start_ts }) => ({ agent_id, status, start_ts }));
    const meta = { cursor: upTo < fitting.length ? String(upTo) : '', total: fitting.length };
    return { status: 200, body: { data: { count: list.length, list }, meta, status: 'ok' } };
  }

  private act(agent: StandInAgent, action: string, body: unknown): unknown {
    const { agent_id, start_ts, status, name, properties, said } = agent;
    const spoken = { agent_id, channel: properties.channel, start_ts };
    switch (action) {
      case 'POST leave':
        agent.status = 'STOPPED';
        return undefined;
      case 'GET history':
        return { agent_id, start_ts, status, contents: said };
      case 'GET turns':
        return { agent_id, turns: said, page_index: 0 };
      case 'POST update':
        return { agent_id, create_ts: start_ts, status };
      case 'POST speak':
        said.push({ role: 'assistant', content: (body as { text: string }).text });
        return spoken;
      case 'POST think':
        said.push({ role: 'user', content: (body as { text: string }).text });
        return spoken;
      case 'POST interrupt':
        return spoken;
      default:
        return { agent_id, name, status, start_ts, message: '', stop_ts: 0 };
    }
  }
}

function refused(status: number, reason: string, detail: string): Answer {
  return { status, body: { detail, reason } };
}

function tokenIn(authorization: string | undefined): ReadToken | null {
  const found = /^agora token=(007eJ.+)$/.exec(authorization ?? '');
  return found?.[1] === undefined ? null : readToken(found[1]);
}

/** Signs what the token says anew, as the platform does. A ready-made way in is let in as it is. */
function isLetIn({ headers, token }: Asked): boolean {
  const { authorization = '' } = headers;
  if (token === null) return authorization !== '';
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const hmac = (key: Buffer, message: Buffer) => createHmac('sha256', key).update(message).digest();
  const key = hmac(u32(token.salt), hmac(u32(token.issuedAt), Buffer.from(APP_CERTIFICATE)));
  const info = inflatedOf(authorization.slice('agora token='.length)).subarray(2 + 32);
  const now = Date.now() / 1000;
  return (
    token.appId === APP_ID &&
    hmac(key, info).toString('hex') === token.signature &&
    Math.abs(now - token.issuedAt) < 60
  );
}
