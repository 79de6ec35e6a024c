import type { OpenSocket } from '../../src/realtime/connection/socket.js';
import type { Message } from '../../src/wire/index.js';
import { SimulatedSocket } from '../simulation/model-socket.js';
import { Rng } from '../simulation/rng.js';
import type { VirtualClock } from '../support/virtual-clock.js';

/** What goes wrong, each with its chance: of a frame, of a request, of a request that was carried out all the same. */
export interface Trouble {
  readonly lostFrames: number;
  readonly failedRequests: number;
  readonly lostAnswers: number;
}

/** Somebody who hears what the bot says, at the moment at which it is stored. */
export type Listener = (message: Message) => void;

/** What the service says instead of storing a send of the bot's; null: it stores it. */
export type Refusal = () => {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS?: number;
} | null;

/** An undelivered message, at its place in the queue. */
interface Row {
  readonly message: Message;
  readonly place: number;
}

interface Conversation {
  readonly id: string;
  readonly peer: string;
  nextSeq: number;
  /** The newest messages, and all that are undelivered. */
  history: Message[];
  /** What the bot has sent last, by `client_msg_id`. */
  readonly sent: Map<string, Message>;
}

/** So much of a conversation is remembered: what is kept for good would hide what the bot keeps. */
const HISTORY = 8;
const QUIET: Trouble = { lostFrames: 0, failedRequests: 0, lostAnswers: 0 };

/** The service in virtual time, as far as a bot in direct conversations needs it: its REST as a `fetch`, and its sockets. */
export class VirtualService {
  readonly #clock: VirtualClock;
  readonly #rng: Rng;
  readonly #conversations = new Map<string, Conversation>();
  /** What the bot has not acknowledged, oldest first. */
  readonly #undelivered = new Map<string, Row>();
  readonly #listeners = new Map<string, Listener>();
  #line: SimulatedSocket | null = null;
  #nextId = 1;
  trouble = QUIET;
  refuses: Refusal = () => null;
  /** When each request to send came, in virtual milliseconds, while somebody counts. */
  sendsAt: number[] | null = null;
  sessions = 0;
  replays = 0;

  constructor(clock: VirtualClock, seed = 1) {
    this.#clock = clock;
    this.#rng = new Rng(seed);
  }

  get undelivered(): number {
    return this.#undelivered.size;
  }

  get isConnected(): boolean {
    return this.#line !== null;
  }

  listen(peer: string, listener: Listener): void {
    this.#listeners.set(peer, listener);
  }

  /** A peer writes to the bot. */
  say(peer: string, text: string, metadata: Record<string, unknown> = {}): Message {
    const message = this.#store(
      this.#conversationWith(peer),
      peer,
      { text },
      metadata,
      `peer_${this.#nextId}`,
    );
    this.#undelivered.set(message.id, { message, place: this.#nextId });
    this.#push(message);
    return message;
  }

  /** The connection ends, and both sides know; or only the service does. */
  cut(how: 'closed' | 'half-open'): void {
    const line = this.#line;
    this.#line = null;
    if (how === 'closed') line?.end(1006);
    else if (line !== null) line.deadSince = this.#clock.now();
  }

  // -- sockets ------------------------------------------------------------------------------------------------------

  readonly openSocket: OpenSocket = (_url, events) => {
    const witness = { ended() {}, discarded() {}, ponged() {}, writes() {} };
    const way = { latency: () => 0, swallowsPings: () => false, readingMs: () => 0 };
    const socket: SimulatedSocket = new SimulatedSocket(
      this.#clock,
      this.#rng,
      events,
      witness,
      way,
      (text) => this.#heard(socket, text),
    );
    this.#clock.setTimer(() => socket.open(), this.#rng.int(2, 40), 'background');
    return socket;
  };

  #heard(socket: SimulatedSocket, text: string): void {
    const { type, message_id = '' } = JSON.parse(text) as { type: string; message_id?: string };
    if (type === 'ack') this.#acked(message_id);
    if (type !== 'hello') return;
    this.#line = socket;
    this.sessions += 1;
    socket.deliver(JSON.stringify({ type: 'hello.ok', capabilities: ['ack'] }), 5, 0);
    for (const { message } of this.#undelivered.values()) this.#push(message);
  }

  #push(payload: Message): void {
    if (this.#rng.chance(this.trouble.lostFrames)) return;
    this.#line?.deliver(JSON.stringify({ type: 'message.new', payload }), 5, 0);
  }

  #acked(id: string): void {
    const row = this.#undelivered.get(id);
    if (!this.#undelivered.delete(id) || row === undefined) return;
    this.#forgetOld(this.#conversationWith(row.message.sender));
  }

  // -- REST -----------------------------------------------------------------------------------------------------------

  readonly fetch: typeof globalThis.fetch = (input, init = {}) => {
    const { method = 'GET', body = null, signal } = init;
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      const come = () => {
        // A caller that has gone is not carried out: it may have gone with its process.
        if (signal?.aborted !== true) resolve(this.#answer(method, new URL(String(input)), String(body)));
      };
      this.#clock.setTimer(come, this.#rng.int(5, 60), 'background');
    });
  };

  #answer(method: string, url: URL, body: string): Response {
    const { failedRequests, lostAnswers } = this.trouble;
    if (this.#rng.chance(failedRequests))
      return this.#response(503, { code: 'INTERNAL_ERROR', message: 'on purpose' });
    const [status, answer, headers] = this.#route(`${method} ${url.pathname}`, url.searchParams, body);
    if (this.#rng.chance(lostAnswers))
      return this.#response(503, { code: 'INTERNAL_ERROR', message: 'stored all the same' });
    return this.#response(status, answer, headers);
  }

  #response(status: number, answer: unknown, headers: Record<string, string> = {}): Response {
    const date = new Date(this.#clock.wallNow()).toUTCString();
    return new Response(JSON.stringify(answer), {
      status,
      headers: { 'content-type': 'application/json', date, ...headers },
    });
  }

  #route(path: string, query: URLSearchParams, body: string): [number, unknown, Record<string, string>?] {
    if (path === 'GET /v1/agents/me') return [200, { handle: 'bot' }];
    if (path === 'POST /v1/messages') return this.#send(JSON.parse(body));
    if (path === 'GET /v1/messages/sync') return [200, this.#sync(query)];
    if (path === 'POST /v1/messages/sync/ack') return [200, this.#syncAck(JSON.parse(body))];
    if (path.startsWith('GET /v1/messages/'))
      return [200, this.#history(path.slice('GET /v1/messages/'.length), query)];
    if (path === 'GET /v1/conversations' || path === 'GET /v1/mutes') return [200, []];
    return [404, { code: 'NOT_FOUND', message: `no ${path} here` }];
  }

  #send(request: {
    to: string;
    client_msg_id: string;
    content: Message['content'];
    metadata?: Record<string, unknown>;
  }): [number, unknown, Record<string, string>?] {
    this.sendsAt?.push(this.#clock.now());
    const refusal = this.refuses();
    if (refusal !== null) {
      const { status, code, retryAfterS } = refusal;
      const headers = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
      return [status, { code, message: 'on purpose' }, headers];
    }
    const conversation = this.#conversationWith(request.to);
    const known = conversation.sent.get(request.client_msg_id);
    if (known !== undefined) {
      this.replays += 1;
      return [200, known];
    }
    const { content, metadata = {}, client_msg_id } = request;
    const message = this.#store(conversation, 'bot', content, metadata, client_msg_id);
    conversation.sent.set(client_msg_id, message);
    if (conversation.sent.size > HISTORY) conversation.sent.delete([...conversation.sent.keys()][0] ?? '');
    this.#listeners.get(request.to)?.(message);
    return [201, message];
  }

  #sync(query: URLSearchParams): unknown[] {
    const after = placeOf(query.get('after') ?? '');
    const rows = [...this.#undelivered.values()].filter(({ place }) => place > after);
    const page = rows.slice(0, Number(query.get('limit') ?? 200));
    return page.map(({ message, place }) => ({ ...message, delivery_id: `del_${place}` }));
  }

  #syncAck({ last_delivery_id = '' }: { readonly last_delivery_id?: string }): { acked: number } {
    const through = placeOf(last_delivery_id);
    const rows = [...this.#undelivered.values()].filter(({ place }) => place <= through);
    for (const { message } of rows) this.#acked(message.id);
    return { acked: rows.length };
  }

  #history(id: string, query: URLSearchParams): Message[] {
    const conversation = [...this.#conversations.values()].find((other) => other.id === id);
    const rows = conversation?.history ?? [];
    const limit = Number(query.get('limit') ?? 50);
    const after = query.get('after_seq');
    if (after !== null) return rows.filter(({ seq }) => seq > Number(after)).slice(0, limit);
    const before = Number(query.get('before_seq') ?? Number.POSITIVE_INFINITY);
    return rows
      .filter(({ seq }) => seq < before)
      .reverse()
      .slice(0, limit);
  }

  // -- what is kept ---------------------------------------------------------------------------------------------------

  #conversationWith(peer: string): Conversation {
    const known = this.#conversations.get(peer);
    if (known !== undefined) return known;
    const conversation = { id: `conv_${peer}`, peer, nextSeq: 1, history: [], sent: new Map() };
    this.#conversations.set(peer, conversation);
    return conversation;
  }

  #store(
    conversation: Conversation,
    sender: string,
    content: Message['content'],
    metadata: Record<string, unknown>,
    client_msg_id: string,
  ): Message {
    const message = {
      id: `msg_${this.#nextId}`,
      conversation_id: conversation.id,
      sender,
      client_msg_id,
      seq: conversation.nextSeq,
      type: 'text',
      content,
      metadata,
      created_at: new Date(this.#clock.wallNow()).toISOString(),
    } as Message;
    this.#nextId += 1;
    conversation.nextSeq += 1;
    conversation.history.push(message);
    this.#forgetOld(conversation);
    return message;
  }

  #forgetOld(conversation: Conversation): void {
    const { history } = conversation;
    const recent = history.length - HISTORY;
    conversation.history = history.filter(({ id }, place) => place >= recent || this.#undelivered.has(id));
  }
}

/** The place that a delivery cursor names; 0 where there is none. */
function placeOf(cursor: string): number {
  return Number(cursor.replace('del_', '')) || 0;
}
