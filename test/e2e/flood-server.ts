import { setTimeout as sleep } from 'node:timers/promises';
import { sendDirect } from '../../src/local-server/actions/send.js';
import { FaultPlan } from '../../src/local-server/faults/plan.js';
import { ShutOut } from '../../src/local-server/faults/shut-out.js';
import { Router } from '../../src/local-server/http/router.js';
import { Listener } from '../../src/local-server/listener.js';
import { resources } from '../../src/local-server/resources/index.js';
import type { AgentRecord } from '../../src/local-server/state/records.js';
import { createWorld, type World } from '../../src/local-server/state/world.js';
import { Gate } from '../../src/local-server/ws/gate.js';
import type { HeartbeatTimes } from '../../src/local-server/ws/heartbeat.js';
import { Hub } from '../../src/local-server/ws/hub.js';
import type { Mode } from './world.js';

const TEXT = 'x'.repeat(1_000);
/** Messages are stored at least so often while a flood goes on. */
const TICK_MS = 5;

export interface FloodOptions {
  readonly mode: Mode;
  readonly senders: number;
  readonly heartbeat: HeartbeatTimes;
}

/**
 * The local server, put together from its parts, so that messages can be stored without a request for each: thousands
 * a second leave the processor to those who receive them. All of them are for one agent, `bot`.
 */
export class FloodServer {
  /** The key of the bot. */
  readonly apiKey: string;
  /** Messages stored so far. */
  pushed = 0;
  /** Sockets of the bot that were let in. */
  sessions = 0;
  readonly #world: World;
  readonly #hub: Hub;
  readonly #listener: Listener;
  readonly #bot: AgentRecord;
  readonly #senders: readonly AgentRecord[];
  #port = 0;

  private constructor({ mode, senders, heartbeat }: FloodOptions) {
    const world = createWorld('off', Date.now);
    const hub = new Hub(world, false);
    const faults = new FaultPlan(1);
    const shutOut = new ShutOut();
    const create = (handle: string) =>
      world.agents.create({ handle, email: `${handle}@example.com` }, world.timestamp());
    const bot = create('bot');
    this.apiKey = bot.apiKey;
    this.#bot = bot.agent;
    this.#senders = Array.from({ length: senders }, (_, number) => create(`sender-${number + 1}`).agent);
    this.#world = world;
    this.#hub = hub;
    const gate = new Gate({
      world,
      hub,
      pushes: hub,
      faults,
      shutOut,
      ackMode: mode === 'ack',
      heartbeat,
      helloDeadlineMs: 5_000,
      log: (line) => {
        if (line.startsWith('socket of bot open')) this.sessions += 1;
      },
    });
    const router = new Router({ world, pushes: hub, faults, shutOut, resources, log: undefined });
    this.#listener = new Listener(router, gate);
  }

  static async open(options: FloodOptions): Promise<FloodServer> {
    const server = new FloodServer(options);
    server.#port = await server.#listener.open(0);
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Sockets of the bot that are open. */
  get connections(): number {
    return this.#hub.count('bot');
  }

  /** What the bot has not acknowledged, as seqs by conversation. */
  undelivered(): Map<string, number[]> {
    const found = new Map<string, number[]>();
    for (const { stored } of this.#bot.inbox.undelivered()) {
      const { conversation_id, seq } = stored.message;
      found.set(conversation_id, [...(found.get(conversation_id) ?? []), seq]);
    }
    return found;
  }

  /** Stores messages at a rate for a while, whatever the bot makes of them, by its senders in turn. */
  async flood(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    const already = this.pushed;
    const total = perSecond * seconds;
    while (this.pushed - already < total) {
      const elapsed = (performance.now() - startedAt) / 1_000;
      const due = Math.min(total, Math.ceil(elapsed * perSecond));
      while (this.pushed - already < due) this.#push();
      await sleep(TICK_MS);
    }
  }

  async close(): Promise<void> {
    await this.#listener.close('abrupt');
  }

  #push(): void {
    const sender = this.#senders[this.pushed % this.#senders.length];
    if (sender === undefined) throw new Error('a flood needs a sender');
    this.pushed += 1;
    const request = { to: 'bot', client_msg_id: `${this.pushed}`, content: { text: TEXT } };
    const sent = sendDirect(this.#world, sender, 'bot', request);
    if (sent.kind === 'refused') throw new Error(`message ${this.pushed} was refused`);
    this.#hub.messageStored(sent.stored);
  }
}
