import type { Clock, TimerHandle } from '../../src/clock/index.js';
import type { AgentChatClientError } from '../../src/errors/index.js';
import { StoreError } from '../../src/errors/index.js';
import type { StoreDriver } from '../../src/stores/driver.js';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';
import type { LossReason, ReplicaListener } from '../../src/stores/replicas/coordinator.js';
import { Replicas } from '../../src/stores/replicas/replicas.js';
import type { VirtualClock } from '../support/virtual-clock.js';

export const LEASE_MS = 30_000;
export const PARTITIONS = 16;
/** A conversation in each partition. */
export const CONVERSATIONS: readonly string[] = conversationsOf(PARTITIONS);

function conversationsOf(partitions: number): string[] {
  const replicas = new Replicas(new MemoryDriver(), { partitions });
  const found: string[] = [];
  for (let n = 0; found.filter((id) => id !== undefined).length < partitions; n += 1) {
    found[replicas.partitionOf(`conv ${n}`)] ??= `conv ${n}`;
  }
  return found;
}

/** A process of the world: it can be stopped (SIGSTOP) for a while, and killed. */
class ModelProcess implements Clock {
  isKilled = false;
  private stoppedBy: Promise<void> | null = null;
  private goOn: () => void = () => {};

  constructor(private readonly clock: VirtualClock) {}

  get isStopped(): boolean {
    return this.stoppedBy !== null;
  }

  now = () => this.clock.now();
  wallNow = () => this.clock.wallNow();
  random = () => this.clock.random();

  stop(): void {
    this.stoppedBy ??= new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  continue(): void {
    this.stoppedBy = null;
    this.goOn();
  }

  /** Resolves when the process runs; never when it was killed. */
  async running(): Promise<void> {
    while (this.stoppedBy !== null) await this.stoppedBy;
    if (this.isKilled) await new Promise(() => {});
  }

  setTimer(callback: () => void, delayMs: number, kind?: 'background'): TimerHandle {
    const timer = { isCleared: false };
    const fire = async () => {
      await this.running();
      if (!timer.isCleared) callback();
    };
    this.clock.setTimer(
      () => (this.isStopped ? void fire() : this.isKilled || timer.isCleared || callback()),
      delayMs,
      kind,
    );
    return timer;
  }

  clearTimer(handle: TimerHandle): void {
    if (typeof handle === 'object' && handle !== null) (handle as { isCleared: boolean }).isCleared = true;
  }

  defer(callback: () => void): void {
    this.clock.defer(() => void this.running().then(callback));
  }
}

/** What happened to a partition, as one replica was told. */
export interface Told {
  readonly at: number;
  readonly replica: string;
  readonly partition: number;
  readonly what: 'taken' | 'leaving' | LossReason;
  readonly fence: number;
}

/** One replica in a process of its own. */
export class ModelReplica implements ReplicaListener {
  readonly process: ModelProcess;
  readonly replicas: Replicas;
  readonly heardSeqs: [string, number][] = [];
  readonly troubles: (AgentChatClientError | null)[] = [];
  /** How long the store takes each way. */
  delayMs = 1;
  /** How long a turn in hand takes when the partition is to move. */
  turnMs = 0;
  isGone = false;
  /** It cannot reach the store; others can. */
  isCut = false;

  constructor(
    private readonly world: ReplicasWorld,
    readonly name: string,
    partitions = PARTITIONS,
  ) {
    this.process = new ModelProcess(world.clock);
    const driver = world.connection(this);
    this.replicas = new Replicas(driver, { name, leaseMs: LEASE_MS, partitions }, this.process);
  }

  get isRunning(): boolean {
    return !this.isGone && !this.process.isStopped && !this.process.isKilled;
  }

  taken(partition: number): void {
    this.tell(partition, 'taken');
  }

  async leaving(partition: number): Promise<void> {
    this.tell(partition, 'leaving');
    if (this.turnMs === 0) return;
    await new Promise<void>((resolve) => this.process.setTimer(resolve, this.turnMs));
  }

  lost(partitions: readonly number[], why: LossReason): void {
    for (const partition of partitions) this.tell(partition, why);
  }

  heard(conversationId: string, seq: number): void {
    this.heardSeqs.push([conversationId, seq]);
  }

  trouble(error: AgentChatClientError | null): void {
    this.troubles.push(error);
  }

  kill(): void {
    this.process.isKilled = true;
    this.process.continue();
    this.isGone = true;
  }

  async leave(): Promise<void> {
    this.isGone = true;
    await this.replicas.stop();
  }

  private tell(partition: number, what: Told['what']): void {
    const held = this.replicas.insight.held.find((tenure) => tenure.partition === partition);
    const { clock, told } = this.world;
    told.push({ at: clock.now(), replica: this.name, partition, what, fence: held?.fence ?? 0 });
  }
}

/** Several processes, and one store in memory that they share. */
export class ReplicasWorld {
  readonly driver: MemoryDriver;
  readonly told: Told[] = [];
  readonly replicas: ModelReplica[] = [];
  /** The store can be reached. */
  isUp = true;
  /** Notices get through. */
  tells = true;
  private readonly hearers = new Set<(topic: string, text: string) => void>();

  constructor(readonly clock: VirtualClock) {
    this.driver = new MemoryDriver(clock);
  }

  /** Starts one, and does not wait: a store that is down would keep it. */
  add(name: string, more: { readonly turnMs?: number } = {}): ModelReplica {
    const replica = new ModelReplica(this, name);
    Object.assign(replica, more);
    this.replicas.push(replica);
    void replica.replicas.start(replica);
    return replica;
  }

  /** The running replicas that may begin something in the partition now. */
  ownersOf(partition: number): readonly string[] {
    const id = CONVERSATIONS[partition] ?? '';
    return this.replicas.filter((one) => one.isRunning && one.replicas.owns(id)).map(({ name }) => name);
  }

  /** How a replica reaches the store. */
  connection(from: ModelReplica): StoreDriver {
    const { clock, driver, hearers } = this;
    const { process } = from;
    const away = () => new Promise<void>((resolve) => clock.setTimer(resolve, from.delayMs));
    const reach = async <T>(work: () => Promise<T>): Promise<T> => {
      await process.running();
      await away();
      if (!this.isUp || from.isCut) {
        await process.running();
        throw new StoreError({ engine: 'shared', fault: 'unreachable' });
      }
      const answer = await work();
      await away();
      await process.running();
      return answer;
    };
    return {
      engine: 'shared',
      isShared: true,
      get: (keys) => reach(() => driver.get(keys)),
      write: (changes) => reach(() => driver.write(changes)),
      list: (prefix, after, limit) => reach(() => driver.list(prefix, after, limit)),
      notify: (topic, text) =>
        reach(async () => {
          if (this.tells) for (const hear of [...hearers]) hear(topic, text);
        }),
      listen: async (topic, hear) => {
        const hearer = (at: string, text: string) => {
          if (at === topic) void process.running().then(() => hear(text));
        };
        hearers.add(hearer);
        return async () => {
          hearers.delete(hearer);
        };
      },
      close: async () => {},
    };
  }
}
