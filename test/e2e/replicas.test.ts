import { type Message, RealtimeClient } from 'agentchat-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Replicas } from '../../src/stores/replicas/replicas.js';
import { SharedMemory } from '../support/shared-memory.js';
import { type Agent, World } from './world.js';

const LEASE_MS = 1_500;
const CONVERSATIONS = 12;
const ROUNDS = 30;

/** A replica of a bot that answers each message once, and says when two work at one conversation. */
class Replica {
  readonly #connection;
  readonly coordinator: Replicas;
  readonly realtime: RealtimeClient;
  readonly handled: string[] = [];

  constructor(
    fleet: Fleet,
    readonly name: string,
  ) {
    this.#connection = fleet.store.connect();
    this.coordinator = new Replicas(this.#connection.driver, { name, leaseMs: LEASE_MS, partitions: 16 });
    this.realtime = new RealtimeClient({
      client: fleet.bot.client,
      apiKey: fleet.bot.apiKey,
      baseUrl: fleet.world.server.url,
      handle: fleet.bot.handle,
      replicas: this.coordinator,
      reconnectInterval: 50,
    });
    this.realtime.onError(({ code, message }) => fleet.errors.push(`${name} ${code} ${message}`));
    this.realtime.on('message.new', async ({ payload }, { signal }) => {
      await fleet.answer(this, payload, signal);
      this.handled.push(payload.id);
    });
  }

  set cut(isCut: boolean) {
    this.#connection.cut = isCut;
  }
}

class Fleet {
  readonly store = new SharedMemory();
  readonly errors: string[] = [];
  readonly replicas: Replica[] = [];
  /** Conversations that two replicas with valid leases worked at, at one time. */
  readonly doubled: string[] = [];
  readonly #atWork = new Map<string, Set<Replica>>();
  #names = 0;

  constructor(
    readonly world: World,
    readonly bot: Agent,
  ) {}

  async add(): Promise<Replica> {
    this.#names += 1;
    const replica = new Replica(this, `replica ${this.#names}`);
    this.replicas.push(replica);
    await replica.realtime.connect();
    return replica;
  }

  async answer(
    replica: Replica,
    { id, conversation_id, sender, content }: Message,
    signal: AbortSignal,
  ): Promise<void> {
    const atWork = this.#atWork.get(conversation_id) ?? new Set();
    this.#atWork.set(conversation_id, atWork);
    for (const other of atWork) {
      if (
        other !== replica &&
        other.coordinator.owns(conversation_id) &&
        replica.coordinator.owns(conversation_id)
      )
        this.doubled.push(conversation_id);
    }
    atWork.add(replica);
    try {
      await this.bot.client.sendMessage(
        { to: sender, content: { text: `re: ${content.text}` }, client_msg_id: `re-${id}` },
        { signal },
      );
    } finally {
      atWork.delete(replica);
    }
  }
}

async function fleetOf(pushTo: 'all' | 'one', size: number): Promise<{ fleet: Fleet; senders: Agent[] }> {
  const world = await World.open('ack', 1, { pushTo });
  const fleet = new Fleet(world, await world.agent('bot'));
  onTestFinished(async () => {
    await Promise.all(fleet.replicas.map(({ realtime }) => realtime.disconnect({ deadlineMs: 500 })));
    await world.close();
  });
  const senders = await world.agents('sender', CONVERSATIONS);
  for (let n = 0; n < size; n += 1) await fleet.add();
  return { fleet, senders };
}

describe.each(['all', 'one'] as const)(
  'replicas, where the service pushes to %s of an agent’s sockets',
  (pushTo) => {
    it('REP-1 to REP-6 answer each message once and in order, while they come, go, and lose the store', async () => {
      const { fleet, senders } = await fleetOf(pushTo, 3);
      const { world, bot } = fleet;
      const repliesTo = ({ handle }: Agent) =>
        world.server
          .allMessages()
          .filter(
            ({ sender, content }) => sender === bot.handle && content.text?.startsWith(`re: ${handle} `),
          )
          .map(({ content }) => content.text);
      for (let round = 1; round <= ROUNDS; round += 1) {
        await Promise.all(
          senders.map(({ handle, client }) =>
            client.sendMessage({ to: bot.handle, content: { text: `${handle} ${round}` } }),
          ),
        );
        const [first, second, third] = fleet.replicas;
        if (round === 5) await first?.realtime.disconnect();
        if (round === 10 && second !== undefined) second.cut = true;
        if (round === 15) await fleet.add();
        if (round === 20 && second !== undefined) second.cut = false;
        if (round === 22 && third !== undefined) {
          third.cut = true;
          fleet.store.tells = false;
        }
        if (round === 25) {
          if (third !== undefined) third.cut = false;
          fleet.store.tells = true;
        }
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      const expected = (agent: Agent) =>
        Array.from({ length: ROUNDS }, (_, n) => `re: ${agent.handle} ${n + 1}`);
      await expect
        .poll(() => senders.map((agent) => repliesTo(agent).length), { timeout: 30_000, interval: 100 })
        .toEqual(senders.map(() => ROUNDS));
      for (const agent of senders) expect(repliesTo(agent)).toEqual(expected(agent));
      expect(fleet.doubled).toEqual([]);
      expect(fleet.replicas.filter(({ handled }) => handled.length > 0).length).toBe(4);
      // Nothing is left for whoever comes next.
      await expect
        .poll(async () => (await bot.client.sync({ limit: 100 })).length, { timeout: 20_000, interval: 200 })
        .toBe(0);
    }, 90_000);

    it('REP-5 a graceful stop hands over within a second', async () => {
      const { fleet, senders } = await fleetOf(pushTo, 2);
      const [leaving] = fleet.replicas;
      await leaving?.realtime.disconnect();
      const from = performance.now();
      await Promise.all(
        senders.map(({ client }) => client.sendMessage({ to: 'bot', content: { text: 'hi' } })),
      );
      await expect
        .poll(() => fleet.replicas[1]?.handled.length, { timeout: 5_000, interval: 20 })
        .toBe(CONVERSATIONS);
      expect(performance.now() - from).toBeLessThan(1_000);
    });
  },
);
