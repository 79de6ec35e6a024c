import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AgentChatClientError,
  type DedupeStore,
  MemoryDedupeStore,
  type Message,
  RealtimeClient,
  type RealtimeOptions,
} from 'agentchat-client';
import { nodeReceiver, type WebhookReceiverOptions } from 'agentchat-client/webhooks/node';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Agent, World } from './world.js';

const SECRET = 'whsec_of_the_test';
/** Attempts that come soon, and often enough to outlive whatever the test does. */
const SCHEDULE = [0, ...Array<number>(40).fill(100)];

/** A bot that listens in both ways. */
class TwoWayBot {
  /** Each begin of a handler: the way and the message. */
  readonly begun: { readonly way: 'webhook' | 'socket'; readonly id: string }[] = [];
  readonly errors: AgentChatClientError[] = [];
  readonly realtime: RealtimeClient;
  private readonly server: Server;
  private readonly receive: ReturnType<typeof nodeReceiver>;

  private constructor(
    private readonly world: World,
    private readonly agent: Agent,
    dedupe: DedupeStore,
    private readonly handle: (message: Message) => unknown,
    { receiver = {}, realtime = {} }: BotOptions,
  ) {
    const onError = (error: AgentChatClientError) => this.errors.push(error);
    this.receive = nodeReceiver({
      secret: SECRET,
      dedupe,
      onError,
      onEvent: (hook) => (hook.event === 'message.new' ? this.take('webhook', hook.data) : undefined),
      ...receiver,
    });
    this.server = createServer(this.receive);
    const { apiKey, client } = agent;
    const account = { apiKey, baseUrl: world.server.url, client };
    this.realtime = new RealtimeClient({ ...account, dedupe, reconcileIntervalMs: 500, ...realtime });
    this.realtime.on('message.new', ({ payload }) => this.take('socket', payload));
    this.realtime.onError(onError);
  }

  static async start(
    world: World,
    agent: Agent,
    dedupe: DedupeStore,
    handle: (message: Message) => unknown = () => {},
    options: BotOptions = {},
  ): Promise<TwoWayBot> {
    const bot = new TwoWayBot(world, agent, dedupe, handle, options);
    onTestFinished(() => bot.stop());
    await new Promise<void>((resolve) => bot.server.listen(0, '127.0.0.1', resolve));
    await bot.register();
    return bot;
  }

  async register(): Promise<void> {
    const url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
    const draft = { url, events: ['message.new'], secret: SECRET };
    await this.agent.client.transport.call('createWebhook', { body: draft });
  }

  ways(): Set<string> {
    return new Set(this.begun.map(({ way }) => way));
  }

  /** Everything has come in both ways, and every webhook was answered for good. */
  async settled(): Promise<void> {
    await this.world.server.webhooks.whenIdle();
    await vi.waitFor(async () => expect((await this.agent.client.sync()).length, 'undelivered').toBe(0), {
      timeout: 10_000,
      interval: 50,
    });
  }

  private take(way: 'webhook' | 'socket', message: Message): unknown {
    this.begun.push({ way, id: message.id });
    return this.handle(message);
  }

  private async stop(): Promise<void> {
    await this.realtime.disconnect();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.receive.close();
  }
}

interface BotOptions {
  receiver?: Partial<WebhookReceiverOptions>;
  realtime?: Partial<RealtimeOptions>;
}

async function stage() {
  const world = await World.open('ack', 1, { webhookScheduleMs: SCHEDULE });
  onTestFinished(() => world.close());
  const [alice, bob] = [await world.agent('alice'), await world.agent('bob')];
  const send = async (count: number) => {
    const sent = Array.from({ length: count }, (_, number) =>
      alice.client.sendMessage({ to: 'bob', content: `number ${number}` }),
    );
    return (await Promise.all(sent)).map(({ message }) => message.id).sort();
  };
  return { world, bob, send };
}

const idsOf = (bot: TwoWayBot) => bot.begun.map(({ id }) => id).sort();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a bot that listens by webhook and by WebSocket, with one dedupe store', () => {
  it.each(['at-once', 'when-handled'] as const)(
    'handles each message once, whichever way is first (%s)',
    async (respond) => {
      const { world, bob, send } = await stage();
      const bot = await TwoWayBot.start(world, bob, new MemoryDedupeStore(), turn, { receiver: { respond } });
      await bot.realtime.connect();
      const sent: string[] = [];
      for (let round = 0; round < 5; round += 1) sent.push(...(await send(20)));
      await bot.settled();
      expect(idsOf(bot)).toEqual(sent.sort());
      expect(bot.realtime.counters.handled).toBe(100);
      expect(world.server.webhooks.attempts().filter(({ outcome }) => outcome === 'delivered')).toHaveLength(
        100,
      );
      expect(bot.errors).toEqual([]);
    },
    20_000,
  );

  it('leaves alone by WebSocket what came by webhook while it was away, and has it acknowledged', async () => {
    const { world, bob, send } = await stage();
    const bot = await TwoWayBot.start(world, bob, new MemoryDedupeStore());
    const sent = await send(30);
    await world.server.webhooks.whenIdle();
    expect([...bot.ways()]).toEqual(['webhook']);
    await bot.realtime.connect();
    await bot.settled();
    expect(idsOf(bot)).toEqual(sent);
    expect(bot.realtime.counters.handled).toBe(30);
  });

  it('leaves alone by webhook what came by WebSocket, however long its handler takes', async () => {
    const { world, bob, send } = await stage();
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    // Much less than the handler takes: the claim has to be renewed.
    const dedupe = new MemoryDedupeStore({ leaseMs: 300 });
    const bot = await TwoWayBot.start(world, bob, dedupe, () => opened);
    const { webhooks } = world.server;
    const { id: webhook_id } = webhooks.list()[0] ?? { id: '' };
    await bob.client.transport.call('deleteWebhook', { params: { webhook_id } });
    await bot.realtime.connect();
    const sent = await send(1);
    await vi.waitFor(() => expect([...bot.ways()]).toEqual(['socket']));
    await bot.register();
    webhooks.trigger('bob', 'message.new', { ...world.server.allMessages()[0] });
    // For more than twice the lease.
    await vi.waitFor(() => expect(webhooks.attempts().length).toBeGreaterThan(7), { timeout: 10_000 });
    expect(new Set(webhooks.attempts().map(({ status }) => status))).toEqual(new Set([503]));
    open();
    await bot.settled();
    expect(webhooks.attempts().at(-1)).toMatchObject({ status: 200 });
    expect(idsOf(bot)).toEqual(sent);
  });

  it('handles nothing while the store is down, in either way, and everything once when it is up again', async () => {
    const { world, bob, send } = await stage();
    const memory = new MemoryDedupeStore();
    let isDown = true;
    const asked = <T>(work: () => Promise<T>) =>
      isDown ? Promise.reject(new Error('the store is down')) : work();
    const bot = await TwoWayBot.start(world, bob, {
      claim: (key) => asked(() => memory.claim(key)),
      commit: (key, token) => asked(() => memory.commit(key, token)),
      release: (key, token) => asked(() => memory.release(key, token)),
    });
    await bot.realtime.connect();
    const sent = await send(20);
    await vi.waitFor(() => expect(world.server.webhooks.attempts().length).toBeGreaterThan(20));
    expect(bot.begun).toEqual([]);
    expect(world.server.webhooks.attempts().every(({ status }) => status === 503)).toBe(true);
    expect(new Set(bot.errors.map(({ code }) => code))).toEqual(new Set(['STORE_FAILED']));
    isDown = false;
    await bot.settled();
    expect(idsOf(bot)).toEqual(sent);
  }, 20_000);

  it('handles a message that failed in one way in the other', async () => {
    const { world, bob, send } = await stage();
    const failed = new Set<string>();
    const succeeded: string[] = [];
    const fail = async ({ id }: Message) => {
      await turn();
      // Each fails the first time.
      if (!failed.has(id)) {
        failed.add(id);
        throw new Error('on purpose');
      }
      succeeded.push(id);
    };
    const bot = await TwoWayBot.start(world, bob, new MemoryDedupeStore(), fail, {
      receiver: { respond: 'when-handled' },
      realtime: { handlerRetry: { minDelayMs: 50 } },
    });
    await bot.realtime.connect();
    const sent = await send(20);
    await bot.settled();
    expect(succeeded.sort()).toEqual(sent);
    expect(bot.begun).toHaveLength(40);
  }, 20_000);
});
