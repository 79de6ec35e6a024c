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

  /** One that is not started. */
  idle<Session = Json>(handle: string, options: BotOptions<Session>): BotUnderTest<Session> {
    const apiKey = this.#keys.get(handle) ?? this.server.createAgent(handle).apiKey;
    this.#keys.set(handle, apiKey);
    const under = new BotUnderTest<Session>(this.server, apiKey, options);
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
