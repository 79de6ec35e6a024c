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
  /** Without `/api/v1`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

export interface SonzaiStandInOptions {
  /** The only key that it takes. */
  apiKey?: string;
  /** What an agent replies, in pieces. Default: what was said, word by word. */
  reply?: (text: string, userId: string) => readonly string[];
  /** What becomes of a reply that is streamed, where no script says. Default: it is said, and complete. */
  plan?: TurnPlan;
  /** Listens there instead of on any port. */
  port?: number;
}

/** Something that the agent wants to say. */
export interface StandInNotification {
  readonly message_id: string;
  readonly agent_id: string;
  readonly user_id: string;
  readonly check_type: string;
  readonly generated_message: string;
  readonly created_at: string;
  status: 'pending' | 'consumed';
}

/** A chat that is worked off: each look at it shows one more piece. */
interface QueuedChat {
  readonly pieces: readonly string[];
  looks: number;
}

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
  readonly user_id?: string;
  readonly session_id?: string;
}

const FRAMES: FrameWriter = {
  say: (content) => frame({ choices: [{ index: 0, delta: { content } }] }),
  unknown: () => frame({ type: 'weather', choices: [{ delta: { content: 'rain' } }] }),
  finish: (full_content) =>
    frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], full_content }) +
    frame({ usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } }) +
    'data: [DONE]\n\n',
  fail: (message) => frame({ error: { message, code: 'failed' } }),
};

function frame(event: object): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

/** A stand-in for Sonzai on 127.0.0.1, as far as a bot needs it: the chats, the mood and the notifications of the agent `luna`. Its state is in memory. */
export class SonzaiStandIn {
  readonly requests: StandInRequest[] = [];
  /** What becomes of the next requests for a reply; after them it replies by itself. */
  readonly script: TurnScript[] = [];
  readonly notifications: StandInNotification[] = [];
  /** Does not answer when something is consumed. */
  isDeafToConsume = false;
  readonly #options: SonzaiStandInOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #queued = new Map<string, QueuedChat>();
  #openStreams = 0;

  private constructor(options: SonzaiStandInOptions) {
    this.#options = options;
  }

  static async start(options: SonzaiStandInOptions = {}): Promise<SonzaiStandIn> {
    const standIn = new SonzaiStandIn(options);
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

  /** The chats that came, refused ones as well. */
  get chats(): readonly ChatBody[] {
    return this.requests
      .filter(({ path }) => /\/chat(\/async)?$/.test(path))
      .map(({ body }) => body as ChatBody);
  }

  /** The texts for which a reply was asked. */
  get asked(): readonly string[] {
    return this.chats.map(textOf);
  }

  /** The agent wants to say something to somebody. */
  notify(userId: string, text: string): StandInNotification {
    const number = this.notifications.length + 1;
    const notification: StandInNotification = {
      message_id: `n${number}`,
      agent_id: 'luna',
      user_id: userId,
      check_type: 'check_in',
      generated_message: text,
      created_at: new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString(),
      status: 'pending',
    };
    this.notifications.push(notification);
    return notification;
  }

  /** Loses the chats that it was given to work off. */
  forget(): void {
    this.#queued.clear();
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
    const path = pathname.replace('/api/v1', '');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    this.requests.push({ method, path, query: Object.fromEntries(searchParams), body, headers });
    const { apiKey } = this.#options;
    if (apiKey !== undefined && headers.authorization !== `Bearer ${apiKey}`) {
      answer(response, 401, { error: 'invalid API key' });
      return;
    }
    const [, agentId, ...rest] = path.slice(1).split('/').map(decodeURIComponent);
    if (agentId !== 'luna') {
      answer(response, 404, { error: 'agent not found', resource: 'agent' });
      return;
    }
    await this.#route(`${method} ${rest[0]}`, rest.slice(1), body as ChatBody, response);
  }

  async #route(
    operation: string,
    [sub, subId = '']: readonly string[],
    body: ChatBody,
    response: ServerResponse,
  ): Promise<void> {
    if (operation === 'POST chat' && sub === undefined) await this.#chat(body, response);
    else if (operation === 'POST chat') this.#queue(body, response);
    else if (operation === 'GET chat') this.#look(subId, response);
    else if (operation === 'GET notifications') {
      const pending = this.notifications.filter(({ status }) => status === 'pending');
      answer(response, 200, { notifications: pending.length === 0 ? null : pending });
    } else if (operation === 'POST notifications') {
      if (this.isDeafToConsume) return;
      const found = this.notifications.find(({ message_id }) => message_id === sub);
      if (found !== undefined) found.status = 'consumed';
      answer(response, found === undefined ? 404 : 200, { success: found !== undefined });
    } else if (operation === 'GET mood') answer(response, 200, { mood: { valence: 60, label: 'content' } });
    else answer(response, 404, { error: 'no such path' });
  }

  async #chat(body: ChatBody, response: ServerResponse): Promise<void> {
    const { plan = replies } = this.#options;
    const script = this.script.shift() ?? plan(...this.#pieces(body));
    this.#openStreams += 1;
    response.on('close', () => {
      this.#openStreams -= 1;
    });
    response.setHeader('x-session-id', body.session_id ?? 'made-here');
    await playTurn(script, response, FRAMES);
  }

  #queue(body: ChatBody, response: ServerResponse): void {
    const script = this.script.shift();
    if (script !== undefined && 'refuse' in script) {
      answer(response, script.refuse, { error: 'no' });
      return;
    }
    const processing_id = `p${this.#queued.size + 1}`;
    this.#queued.set(processing_id, { pieces: this.#pieces(body), looks: 0 });
    answer(response, 202, { processing_id, status: 'queued' });
  }

  #look(processingId: string, response: ServerResponse): void {
    const chat = this.#queued.get(processingId);
    if (chat === undefined) {
      answer(response, 404, { error: 'no such result' });
      return;
    }
    chat.looks += 1;
    const status = chat.looks >= chat.pieces.length ? 'complete' : 'running';
    answer(response, 200, { status, response: chat.pieces.slice(0, chat.looks).join('') });
  }

  #pieces(body: ChatBody): readonly string[] {
    const { reply = (said: string) => said.split(/(?<= )/) } = this.#options;
    return reply(textOf(body), body.user_id ?? '');
  }
}

function textOf({ messages }: ChatBody): string {
  return messages.at(-1)?.content ?? '';
}

function answer(response: ServerResponse, status: number, data: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
  response.end(JSON.stringify(data));
}
