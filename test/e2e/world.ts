import {
  AgentChatClient,
  type AgentChatClientError,
  type Message,
  RealtimeClient,
  type RealtimeOptions,
} from 'agentchat-client';
import { type LocalServer, type LocalServerOptions, startLocalServer } from 'agentchat-client/local-server';

export type Mode = 'ack' | 'legacy';

export interface Agent {
  handle: string;
  apiKey: string;
  client: AgentChatClient;
}

/** A message handler, as the tests give it: the message, and how often this very message was begun before. */
export type OnMessage = (message: Message, begunBefore: number) => unknown;

/** Settings that let a test see in a second or two what takes a minute by default. */
const QUICK: RealtimeOptions = {
  reconcileIntervalMs: 500,
  reconnectInterval: 50,
  maxReconnectInterval: 300,
  gapFillWindowMs: 200,
};

/** What a client has that was given no settings: those of a user. */
export const DEFAULTS: RealtimeOptions = {
  reconcileIntervalMs: undefined,
  reconnectInterval: undefined,
  maxReconnectInterval: undefined,
  gapFillWindowMs: undefined,
};

/** A local server and the agents on it. Everything is stopped by `close`. */
export class World {
  readonly server: LocalServer;
  readonly #listeners: Listener[] = [];

  private constructor(server: LocalServer) {
    this.server = server;
  }

  static async open(mode: Mode = 'ack', seed = 1, options: LocalServerOptions = {}): Promise<World> {
    const server = { port: 0, limits: 'off', seed, ackMode: mode === 'ack', ...options } as const;
    return new World(await startLocalServer(server));
  }

  async agent(handle: string): Promise<Agent> {
    const { apiKey } = this.server.createAgent(handle);
    return { handle, apiKey, client: new AgentChatClient({ apiKey, baseUrl: this.server.url }) };
  }

  agents(prefix: string, count: number): Promise<Agent[]> {
    return Promise.all(Array.from({ length: count }, (_, number) => this.agent(`${prefix}-${number + 1}`)));
  }

  /** Connects an agent, and writes down what its handler is given. */
  async listen(agent: Agent, options: RealtimeOptions = {}, onMessage?: OnMessage): Promise<Listener> {
    const listener = new Listener(agent, this.server, options, onMessage);
    this.#listeners.push(listener);
    await listener.realtime.connect();
    return listener;
  }

  /** Everything that the server stored for an agent. */
  storedFor(agent: Agent): Message[] {
    return this.server.allMessages().filter((message) => message.sender !== agent.handle);
  }

  async close(): Promise<void> {
    this.server.faults.clear();
    await Promise.all(this.#listeners.map((listener) => listener.realtime.disconnect()));
    await this.server.close();
  }
}

export interface Gap {
  recovered: boolean;
  missing: unknown[];
}

/** A connected agent and the record of its handler calls. */
export class Listener {
  readonly agent: Agent;
  readonly realtime: RealtimeClient;
  /** Handler calls in the order in which they began. */
  readonly begun: Message[] = [];
  /** Handler calls in the order in which they succeeded. */
  readonly handled: Message[] = [];
  readonly gaps: Gap[] = [];
  /** Everything that went wrong and healed, or did not. */
  readonly errors: AgentChatClientError[] = [];
  readonly #server: LocalServer;
  readonly #waiting = new Set<() => void>();

  constructor(agent: Agent, server: LocalServer, options: RealtimeOptions, onMessage: OnMessage | undefined) {
    this.agent = agent;
    this.#server = server;
    this.realtime = new RealtimeClient({
      apiKey: agent.apiKey,
      baseUrl: server.url,
      client: agent.client,
      ...QUICK,
      ...options,
      onSequenceGap: (gap) => {
        this.gaps.push(gap);
        this.#changed();
      },
    });
    this.realtime.on('message.new', async ({ payload }) => {
      const begunBefore = this.begun.filter(({ id }) => id === payload.id).length;
      this.begun.push(payload);
      this.#changed();
      await onMessage?.(payload, begunBefore);
      this.handled.push(payload);
      this.#changed();
    });
    this.realtime.onError((error) => this.errors.push(error));
    this.realtime.onStateChange(() => this.#changed());
    this.realtime.onConnect(() => this.#changed());
  }

  /** Resolves when the condition holds; looks again whenever something began, was handled, reported or connected. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when everything that the server stored for this agent has been handled. */
  untilAllHandled(count: number): Promise<void> {
    return this.until(() => new Set(this.handled.map(({ id }) => id)).size >= count);
  }

  /** What went wrong, in words; empty when every message was handled once and in order. */
  faultsFound(): string[] {
    const found: string[] = [];
    const stored = this.#server.allMessages().filter((message) => message.sender !== this.agent.handle);
    for (const { id, seq, conversation_id } of stored) {
      const times = this.handled.filter((message) => message.id === id).length;
      if (times !== 1) found.push(`seq ${seq} of ${conversation_id} was handled ${times} times`);
    }
    const newest = new Map<string, number>();
    for (const { seq, conversation_id } of this.begun) {
      const before = newest.get(conversation_id) ?? 0;
      if (seq < before) found.push(`seq ${seq} of ${conversation_id} began after seq ${before}`);
      newest.set(conversation_id, Math.max(seq, before));
    }
    for (const gap of this.gaps) {
      if (!gap.recovered) found.push(`a gap was not recovered: ${JSON.stringify(gap.missing)}`);
    }
    return found;
  }

  #changed(): void {
    for (const look of this.#waiting) look();
  }
}

/** Every sender sends its share, one message after the other; the senders side by side. */
export async function burst(
  senders: readonly Agent[],
  to: string,
  each: number,
  name = 'burst',
): Promise<void> {
  await Promise.all(
    senders.map(async ({ client, handle }) => {
      for (let number = 1; number <= each; number += 1) {
        await client.sendMessage({ to, content: `${number}`, client_msg_id: `${handle}-${name}-${number}` });
      }
    }),
  );
}
