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
export interface StandInRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface PhosonStandInOptions {
  /** The only key that it takes. */
  apiKey?: string;
  /** What an agent replies, in pieces. Default: what was said, word by word. */
  reply?: (text: string, conversationId: string) => readonly string[];
  /** What becomes of a reply that is streamed, where no script says. Default: it is said, and complete. */
  plan?: TurnPlan;
  /** Listens there instead of on any port. */
  port?: number;
}

interface StoredConversation {
  readonly id: string;
  agent_id: string;
  title: string;
  thread_id?: string;
  readonly messages: { role: string; content: string }[];
}

const FRAMES: FrameWriter = {
  say: (content) => frame({ type: 'token', content }),
  unknown: () => frame({ type: 'weather', content: 'rain' }),
  finish: (content) => frame({ type: 'run_done', content, run_id: 'run_1' }),
  fail: (message) => frame({ type: 'error', message }),
};

function frame(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** A stand-in for Phoson on 127.0.0.1, as far as its paths and bodies are assumed here. Its state is in memory. */
export class PhosonStandIn {
  readonly requests: StandInRequest[] = [];
  /** What becomes of the next requests for a reply; after them it replies by itself. */
  readonly script: TurnScript[] = [];
  readonly #options: PhosonStandInOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #agents = new Map<string, Record<string, unknown>>();
  readonly #conversations = new Map<string, StoredConversation>();
  #ids = 0;
  #openStreams = 0;

  private constructor(options: PhosonStandInOptions) {
    this.#options = options;
    this.#agents.set('agt_1', { id: 'agt_1', name: 'Ada', memory_type: 'persistent' });
  }

  static async start(options: PhosonStandInOptions = {}): Promise<PhosonStandIn> {
    const standIn = new PhosonStandIn(options);
    standIn.#server.listen(options.port ?? 0, '127.0.0.1');
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

  /** The conversations, oldest first. */
  get conversations(): readonly Readonly<StoredConversation>[] {
    return [...this.#conversations.values()];
  }

  /** The texts for which a reply was asked, refused ones as well. */
  get asked(): readonly string[] {
    return this.requests
      .filter(({ path }) => path.endsWith('/stream'))
      .map(({ body }) => (body as { content: string }).content);
  }

  /** Loses its conversations. */
  forget(): void {
    this.#conversations.clear();
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
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in');
    const { method = 'GET', headers } = request;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const query = Object.fromEntries(searchParams);
    this.requests.push({ method, path: pathname, query, body, headers });
    const { apiKey } = this.#options;
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
      answer(response, 401, { detail: `Invalid API key` });
      return;
    }
    const parts = pathname.slice(1).split('/').map(decodeURIComponent);
    const [status, data] = (await this.#route(method, parts, query, (body ?? {}) as Fields, response)) ?? [];
    if (status !== undefined) answer(response, status, data);
  }

  /** @returns Status and body; nothing where the response was written already. */
  async #route(
    method: string,
    [noun, id = '', sub, subId]: readonly string[],
    query: Readonly<Record<string, string>>,
    body: Fields,
    response: ServerResponse,
  ): Promise<readonly [number, unknown?] | undefined> {
    if (noun === 'agents' && id === '') {
      if (method === 'GET') return [200, [...this.#agents.values()]];
      const agent = { id: this.#newId('agt'), ...body };
      this.#agents.set(agent.id, agent);
      return [201, agent];
    }
    if (noun === 'agents') {
      const agent = this.#agents.get(id);
      if (agent === undefined) return [404, { detail: 'Agent not found' }];
      if (sub === 'mcp' && subId !== undefined) return [method === 'POST' ? 200 : 204];
      if (method === 'DELETE') this.#agents.delete(id);
      else Object.assign(agent, body);
      return method === 'DELETE' ? [204] : [200, agent];
    }
    if (noun === 'conversations' && id === '') {
      if (method === 'POST') return this.#converse(body);
      const all = this.conversations.filter(({ agent_id }) => agent_id === (query.agent_id ?? agent_id));
      return [200, { conversations: all.map(withoutMessages) }];
    }
    const conversation = noun === 'conversations' ? this.#conversations.get(id) : undefined;
    if (conversation === undefined) return [404, { detail: 'Conversation not found' }];
    if (sub === 'messages') return this.#messages(method, subId, conversation, body, response);
    if (method === 'DELETE') this.#conversations.delete(id);
    else Object.assign(conversation, body);
    return method === 'DELETE' ? [204] : [200, withoutMessages(conversation)];
  }

  #converse(body: Fields): readonly [number, unknown] {
    if (!this.#agents.has(body.agent_id as string)) return [404, { detail: 'Agent not found' }];
    const fields = body as unknown as Omit<StoredConversation, 'id' | 'messages'>;
    const conversation = { id: this.#newId('conv'), ...fields, messages: [] };
    this.#conversations.set(conversation.id, conversation);
    return [201, withoutMessages(conversation)];
  }

  async #messages(
    method: string,
    kind: string | undefined,
    { id, messages }: StoredConversation,
    body: Fields,
    response: ServerResponse,
  ): Promise<readonly [number, unknown] | undefined> {
    if (method === 'GET') return [200, messages];
    const text = String(body.content);
    const { reply = (said: string) => said.split(/(?<= )/) } = this.#options;
    const pieces = reply(text, id);
    const said = { role: 'assistant', content: pieces.join('') };
    if (kind !== 'stream') {
      messages.push({ role: 'user', content: text }, said);
      return [200, said];
    }
    const { plan = replies } = this.#options;
    const script = this.script.shift() ?? plan(...pieces);
    if (!('refuse' in script)) messages.push({ role: 'user', content: text }, said);
    this.#openStreams += 1;
    response.on('close', () => {
      this.#openStreams -= 1;
    });
    await playTurn(script, response, FRAMES);
    return undefined;
  }

  #newId(prefix: string): string {
    this.#ids += 1;
    return `${prefix}_${this.#ids + 1}`;
  }
}

type Fields = Record<string, unknown>;

function withoutMessages({ messages: _, ...conversation }: StoredConversation): object {
  return conversation;
}

function answer(response: ServerResponse, status: number, data: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
  response.end(data === undefined ? undefined : JSON.stringify(data));
}
