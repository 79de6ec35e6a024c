import { AgentChatClient, type Message, memoryStore } from 'agentchat-client';
import { type Bot, type BotOptions, createBot, type TurnEvent } from 'agentchat-client/bot';
import { type LocalServer, type LocalServerOptions, startLocalServer } from 'agentchat-client/local-server';
import type { BotStore, Json } from '../../src/stores/index.js';

/** Settings that let a test see in a moment what takes longer by default. */
const QUICK = {
  reconcileIntervalMs: 500,
  reconnectInterval: 50,
  maxReconnectInterval: 300,
  gapFillWindowMs: 200,
};

/** An agent without a bot: says things, and hears what it is answered. */
export class Peer {
  readonly client: AgentChatClient;

  constructor(
    readonly handle: string,
    private readonly server: LocalServer,
  ) {
    const { apiKey } = server.createAgent(handle);
    this.client = new AgentChatClient({ apiKey, baseUrl: server.url });
  }

  async say(to: string, text: string, metadata?: Record<string, unknown>): Promise<Message> {
    const where = to.startsWith('grp_') ? { conversation_id: to } : { to };
    const more = metadata === undefined ? {} : { metadata };
    return (await this.client.sendMessage({ ...where, content: text, ...more })).message;
  }

  /** What was said by somebody, in the order of the service. */
  said(by: string): string[] {
    return this.messagesOf(by).map(({ content }) => content.text ?? '');
  }

  messagesOf(by: string): Message[] {
    return this.server.allMessages().filter(({ sender }) => sender === by);
  }
}

/** A bot with its store, and the record of its turns. */
export class BotUnderTest<Session = Json> {
  readonly bot: Bot<Session>;
  readonly turns: TurnEvent[] = [];
  readonly errors: string[] = [];

  constructor(server: LocalServer, apiKey: string, options: BotOptions<Session>) {
    this.bot = createBot<Session>({
      apiKey,
      baseUrl: server.url,
      log: () => {},
      ...options,
      realtime: { ...QUICK, ...options.realtime },
      turns: { settleMs: 20, ...options.turns },
    });
    this.bot.on('turn', (event) => void this.turns.push(event));
    this.bot.on('error', ({ code, message }) => void this.errors.push(`${code} ${message}`));
  }

  get outcomes(): string[] {
    return this.turns.map(({ outcome }) => outcome);
  }
}

/**
 * What happens to the nth send of a client: an answer in place of the service's, or something thrown; undefined lets it through.
 * `pass` lets it through, and gives the answer, which may then be lost.
 */
export type Disturbance = (
  send: number,
  pass: () => Promise<Response>,
) => Response | undefined | Promise<Response | undefined>;

/** What the service answers when it refuses. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ code, message: 'on purpose' });
  return new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** A local server, a bot on it, and whoever talks with it. */
export class BotWorld {
  readonly #keys = new Map<string, string>();
  readonly #bots: BotUnderTest<never>[] = [];

  private constructor(readonly server: LocalServer) {}

  static async open(options: LocalServerOptions = {}): Promise<BotWorld> {
    return new BotWorld(await startLocalServer({ port: 0, limits: 'off', seed: 1, ...options }));
  }

  peer(handle: string): Peer {
    return new Peer(handle, this.server);
  }

  /** The same handle again is the same agent: a restart. */
  async bot<Session = Json>(handle: string, options: BotOptions<Session>): Promise<BotUnderTest<Session>> {
    const under = this.idle(handle, options);
    await under.bot.start();
    return under;
  }

  /** A client of the bot's whose sends a test can disturb. It does not try again by itself: the bot's turns do. */
  client(handle: string, disturb: Disturbance = () => undefined): AgentChatClient {
    let sends = 0;
    return new AgentChatClient({
      apiKey: this.keyOf(handle),
      baseUrl: this.server.url,
      retry: { maxRetries: 0 },
      fetch: async (url, init) => {
        if (init?.method !== 'POST' || !String(url).endsWith('/messages')) return fetch(url, init);
        sends += 1;
        return (await disturb(sends, () => fetch(url, init))) ?? fetch(url, init);
      },
    });
  }

  /** A group in which all of them are. @returns its id. */
  async group(owner: Peer, members: readonly AgentChatClient[]): Promise<string> {
    const handles = await Promise.all(members.map(async (member) => (await member.getMe()).handle));
    const { group } = await owner.client.createGroup({ name: 'g', member_handles: handles });
    for (const member of members) {
      for (const { id } of await member.listGroupInvites()) await member.acceptGroupInvite(id);
    }
    return group.id;
  }

  /** The same handle again is the same agent. */
  keyOf(handle: string): string {
    const apiKey = this.#keys.get(handle) ?? this.server.createAgent(handle).apiKey;
    this.#keys.set(handle, apiKey);
    return apiKey;
  }

  /** One that is not started. */
  idle<Session = Json>(handle: string, options: BotOptions<Session>): BotUnderTest<Session> {
    const under = new BotUnderTest<Session>(this.server, this.keyOf(handle), options);
    this.#bots.push(under as unknown as BotUnderTest<never>);
    return under;
  }

  async close(): Promise<void> {
    this.server.faults.clear();
    await Promise.all(this.#bots.map(({ bot }) => bot.stop({ deadlineMs: 500 })));
    await this.server.close();
  }
}

/** Resolves when something is so, looked at every few milliseconds; fails the test when it never is. */
export async function until(what: string, isSo: () => boolean, withinMs = 10_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A store that outlives its bots, as a durable one does. */
export function lastingStore(): BotStore {
  return memoryStore();
}
