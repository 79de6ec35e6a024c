import { createMemoryState } from '@chat-adapter/state-memory';
import type { Message } from 'agentchat-client';
import {
  type AgentChatAdapter,
  type AgentChatAdapterOptions,
  createAgentChatAdapter,
} from 'agentchat-client/chat-sdk';
import { Chat, type ConcurrencyStrategy, type Logger } from 'chat';
import { type Agent, World } from '../e2e/world.js';

export interface BotOptions extends Omit<AgentChatAdapterOptions, 'client' | 'apiKey' | 'baseUrl'> {
  /** The SDK's memory. Give two bots the same one, and it is one that outlives a process. */
  state?: ReturnType<typeof createMemoryState>;
  concurrency?: ConcurrencyStrategy;
}

/** Settings that let a test see in a moment what takes seconds by default. */
const QUICK: NonNullable<AgentChatAdapterOptions['realtime']> = {
  reconcileIntervalMs: 500,
  reconnectInterval: 50,
  maxReconnectInterval: 300,
  gapFillWindowMs: 200,
  handlerRetry: { minDelayMs: 20, maxDelayMs: 50 },
};

/** A local server, agents on it, and bots that are made with the Chat SDK. Everything is stopped by `close`. */
export class ChatWorld {
  readonly world: World;
  readonly #bots: Bot[] = [];

  private constructor(world: World) {
    this.world = world;
  }

  static async open(): Promise<ChatWorld> {
    return new ChatWorld(await World.open());
  }

  get server() {
    return this.world.server;
  }

  agent(handle: string): Promise<Agent> {
    return this.world.agent(handle);
  }

  /** A bot that is not connected yet: register handlers, then `chat.initialize()`. */
  bot({ client }: Agent, options: BotOptions = {}): Bot {
    const bot = new Bot({ client, ...options, realtime: { ...QUICK, ...options.realtime } });
    this.#bots.push(bot);
    return bot;
  }

  /** What an agent has written, oldest first. */
  saidBy(handle: string): Message[] {
    return this.server.allMessages().filter(({ sender, type }) => sender === handle && type !== 'system');
  }

  textsBy(handle: string): (string | undefined)[] {
    return this.saidBy(handle).map(({ content }) => content.text);
  }

  /** A group of one agent and others, who have joined. */
  async group(owner: Agent, ...members: Agent[]): Promise<string> {
    const member_handles = members.map(({ handle }) => handle);
    const { group } = await owner.client.createGroup({ name: 'Sowing', member_handles });
    for (const { client } of members) {
      const [invite] = await client.listGroupInvites();
      await client.acceptGroupInvite(invite?.id ?? '');
    }
    return group.id;
  }

  async close(): Promise<void> {
    await Promise.all(this.#bots.map(({ chat }) => chat.shutdown()));
    await this.world.close();
  }
}

export class Bot {
  readonly agentchat: AgentChatAdapter;
  readonly chat: Chat;
  /** What the SDK and the adapter have logged, from warnings up. */
  readonly logged: string[] = [];

  constructor({
    state = createMemoryState(),
    concurrency = 'concurrent',
    ...options
  }: BotOptions & AgentChatAdapterOptions) {
    this.agentchat = createAgentChatAdapter(options);
    this.chat = new Chat({
      userName: 'bot',
      adapters: { [this.agentchat.name]: this.agentchat },
      state,
      concurrency,
      logger: loggerTo(this.logged),
    });
  }
}

function loggerTo(logged: string[]): Logger {
  const log = (message: string) => void logged.push(message);
  const logger: Logger = { child: () => logger, debug: () => {}, info: () => {}, warn: log, error: log };
  return logger;
}

/** A promise, and how to fulfil it. */
export function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
