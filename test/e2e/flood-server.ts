import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendDirect } from '../../src/local-server/actions/send.js';
import { NOTHING_KEPT } from '../../src/local-server/data/keeper.js';
import { createFaults, type Faults } from '../../src/local-server/faults/controls.js';
import { FaultPlan } from '../../src/local-server/faults/plan.js';
import { ShutOut } from '../../src/local-server/faults/shut-out.js';
import { Router } from '../../src/local-server/http/router.js';
import { IdSource } from '../../src/local-server/ids.js';
import { Listener } from '../../src/local-server/listener.js';
import { checkQuirks } from '../../src/local-server/quirks.js';
import { resources } from '../../src/local-server/resources/index.js';
import type { AgentRecord } from '../../src/local-server/state/records.js';
import { createWorld, type World } from '../../src/local-server/state/world.js';
import { Gate } from '../../src/local-server/ws/gate.js';
import type { HeartbeatTimes } from '../../src/local-server/ws/heartbeat.js';
import { Hub } from '../../src/local-server/ws/hub.js';
import type { Mode } from './world.js';

const TEXT = { text: 'x'.repeat(1_000) };
/** Messages are stored at least so often while a flood goes on. */
const TICK_MS = 5;

export interface FloodOptions {
  readonly mode: Mode;
  readonly senders: number;
  readonly heartbeat: HeartbeatTimes;
  /** What the faults are drawn from; default 1. */
  readonly seed?: number;
  /** The content of each message; default a text of 1,000 characters. */
  readonly content?: { readonly text: string };
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
  /** REST calls so far. */
  calls = 0;
  readonly faults: Faults;
  readonly #gate: OpenGate;
  readonly #content: { readonly text: string };
  readonly #world: World;
  readonly #hub: Hub;
  readonly #listener: Listener;
  readonly #bot: AgentRecord;
  readonly #senders: readonly AgentRecord[];
  #port = 0;

  private constructor({ mode, senders, heartbeat, seed = 1, content = TEXT }: FloodOptions) {
    const world = createWorld({
      limits: 'off',
      quirks: checkQuirks(),
      ids: new IdSource(),
      ledgers: NOTHING_KEPT.ledgers,
      now: Date.now,
    });
    const hub = new Hub(world, false, 'all');
    const faults = new FaultPlan(seed);
    const shutOut = new ShutOut();
    const create = (handle: string) =>
      world.agents.create({ handle, email: `${handle}@example.com` }, world.timestamp());
    const bot = create('bot');
    this.apiKey = bot.apiKey;
    this.#bot = bot.agent;
    this.#senders = Array.from({ length: senders }, (_, number) => create(`sender-${number + 1}`).agent);
    this.#world = world;
    this.#hub = hub;
    this.#content = content;
    this.faults = createFaults(faults, shutOut, hub);
    this.#gate = new OpenGate({
      world,
      keeper: NOTHING_KEPT,
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
    const log = () => {
      this.calls += 1;
    };
    const router = new Router({ world, keeper: NOTHING_KEPT, pushes: hub, faults, shutOut, resources, log });
    this.#listener = new Listener(router, this.#gate);
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

  /** Messages that the bot has not acknowledged. */
  get undeliveredCount(): number {
    return this.#bot.inbox.undeliveredCount;
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
      while (this.pushed - already < due) this.store(this.pushed % this.#senders.length);
      await sleep(TICK_MS);
    }
  }

  /** Stores one message, from the sender of that number. */
  store(number: number): void {
    const sender = this.#senders[number];
    if (sender === undefined) throw new Error(`there is no sender ${number}`);
    this.pushed += 1;
    const request = { to: 'bot', client_msg_id: `${this.pushed}`, content: this.#content };
    const sent = sendDirect(this.#world, sender, 'bot', request);
    if (sent.kind === 'refused') throw new Error(`message ${this.pushed} was refused`);
    this.#hub.messageStored(sent.stored);
  }

  /** How many messages each conversation has. */
  stored(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { message } of this.#world.messages.all()) {
      found.set(message.conversation_id, Math.max(message.seq, found.get(message.conversation_id) ?? 0));
    }
    return found;
  }

  /** Says goodbye to the bot with a close code. */
  closeSockets(code: number): void {
    for (const session of this.#hub.sessions('bot')) session.close(code, 'on purpose');
  }

  /** Resets the bot's connections (RST), as a load balancer does that has forgotten them. */
  resetSockets(): void {
    this.#gate.reset();
  }

  async close(): Promise<void> {
    await this.#listener.close('abrupt');
  }
}

/** A gate that can get at the sockets below its own. */
class OpenGate extends Gate {
  readonly #sockets = new Set<Socket>();

  override upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
    const raw = socket as Socket;
    this.#sockets.add(raw);
    socket.once('close', () => this.#sockets.delete(raw));
    super.upgrade(request, socket, head, port);
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
