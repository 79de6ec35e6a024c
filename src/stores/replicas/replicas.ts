import { type Clock, systemClock, type TimerHandle } from '../../clock/index.js';
import { AgentChatClientError, StoreError, ValidationError } from '../../errors/index.js';
import type { CursorStore } from '../cursor-store.js';
import type { Condition, StoreDriver } from '../driver.js';
import { DriverCursors } from '../roles/cursors.js';
import type { Fences } from '../roles/fences.js';
import { DriverSteps, type StepStore } from '../roles/steps.js';
import type { LossReason, ReplicaCoordinator, ReplicaInsight, ReplicaListener } from './coordinator.js';
import { partitionOf, rendezvous } from './hashing.js';
import { Leases } from './leases.js';
import { Notices } from './notices.js';

export interface ReplicaOptions {
  /** What people call this replica, in `explain()`. Default: a random name. */
  name?: string | undefined;
  /** How long a lease holds, in milliseconds. A replica that was killed is replaced within two of it. Default 30,000. */
  leaseMs?: number | undefined;
  /** Into how many parts the conversations are divided; the same for all replicas, for ever. Default 64. */
  partitions?: number | undefined;
}

/** Leases are renewed, and the others looked at, so often in a lease: two renewals may fail. */
const LOOKS_PER_LEASE = 3;
/** So much of a lease before its end the owner stops (5 s of 30): for clocks that differ in speed, and for what is on its way. */
const MARGIN = 1 / 6;
/** REP-4: an owner looks for what no notice has told it of at least so often. */
const RECONCILE_MS = 15_000;
/** While the store fails it is asked again after so long. */
const TRY_AGAIN_MS = 1_000;

const USED_TWICE =
  'These replicas belong to another RealtimeClient, which is connected: two clients would handle the same conversations. Call `store.replicas()` once for each client.';

interface Tenure {
  readonly partition: number;
  fence: Condition;
  /** A write under the fence has failed, and may still be carried out. */
  isDoubted: boolean;
  /** The fence is being replaced. */
  refencing: Promise<void> | null;
  readonly since: number;
  /** REP-6: `leaving` may finish what was begun. */
  state: 'held' | 'leaving';
}

/** REP-1 to REP-7: this replica's part of the conversations, by leases in a shared store. */
export class Replicas implements ReplicaCoordinator, Fences {
  readonly cursors: CursorStore;
  readonly steps: StepStore;
  private readonly name: string;
  private readonly leaseMs: number;
  private readonly partitions: number;
  private readonly leases: Leases;
  private readonly notices: Notices;
  private readonly tenures = new Map<number, Tenure>();
  /** REP-3: until when, by our own clock, what we have is ours: counted from when the last good renewal was sent. */
  private safeUntil = Number.NEGATIVE_INFINITY;
  private confirmedAt: number | null = null;
  private live: readonly string[] = [];
  private lostCount = 0;
  private takenCount = 0;
  private listener: ReplicaListener | null = null;
  private timer: TimerHandle = null;
  /** Ends what we have when nothing has confirmed it in time. */
  private watch: TimerHandle = null;
  /** The look under way; another was asked for meanwhile. */
  private looking: Promise<void> | null = null;
  private lookAgain = false;
  private inTrouble = false;
  /** The others divide the conversations in the same way, and we hear them. */
  private hasJoined = false;
  private mismatch: StoreError | null = null;
  private stopping: Promise<void> | null = null;
  /** How often a stop was asked for. */
  private stops = 0;

  constructor(
    private readonly driver: StoreDriver,
    options: ReplicaOptions = {},
    private readonly clock: Clock = systemClock,
  ) {
    this.leaseMs = options.leaseMs ?? 30_000;
    this.partitions = options.partitions ?? 64;
    const name = options.name ?? 'replica';
    // Two lives of one name are two replicas.
    this.name = `${name}-${Math.floor(clock.random() * 2 ** 32).toString(36)}`;
    this.leases = new Leases(driver, this.name, this.leaseMs);
    this.notices = new Notices(driver, this.name, clock, {
      changed: () => this.look(),
      heard: (conversationId, seq) => this.listener?.heard(conversationId, seq),
    });
    this.cursors = new DriverCursors(driver, this);
    this.steps = new DriverSteps(driver, this);
  }

  get reconcileMs(): number {
    return Math.min(this.leaseMs, RECONCILE_MS);
  }

  get insight(): ReplicaInsight {
    const { name, partitions, live, confirmedAt, lostCount: lost, takenCount: takenOver } = this;
    const now = this.clock.now();
    const held = [...this.tenures.values()].map(({ partition, fence, since, state }) => ({
      partition,
      fence: fence.ifVersion ?? 0,
      heldForMs: now - since,
      state,
    }));
    const confirmedAgoMs = confirmedAt === null ? null : now - confirmedAt;
    return { name, partitions, held, live, confirmedAgoMs, lost, takenOver };
  }

  async start(listener: ReplicaListener): Promise<void> {
    const { stops } = this;
    await this.stopping;
    // A stop that was asked for since has the last word.
    if (this.listener === listener || this.stops !== stops) return;
    if (this.listener !== null) throw new ValidationError(USED_TWICE);
    this.listener = listener;
    this.mismatch = null;
    await this.look();
    if (this.mismatch === null) return;
    await this.stop();
    throw this.mismatch;
  }

  stop(): Promise<void> {
    this.stops += 1;
    if (this.listener !== null) {
      this.stopping = this.giveUp(this.listener).finally(() => {
        this.stopping = null;
      });
    }
    return this.stopping ?? Promise.resolve();
  }

  private async giveUp(listener: ReplicaListener): Promise<void> {
    this.listener = null;
    this.clock.clearTimer(this.timer);
    this.clock.clearTimer(this.watch);
    const held = [...this.tenures.values()];
    this.forget([...this.tenures.keys()], 'stopped', listener);
    await this.looking;
    // What cannot be given back is free when its lease is over.
    await Promise.allSettled([this.leases.release(held.map(({ fence }) => fence)), this.leases.sayGoodbye()]);
    await this.notices.tellChange();
    await this.notices.stop().catch(() => {});
    this.hasJoined = false;
  }

  partitionOf(conversationId: string): number {
    return partitionOf(conversationId, this.partitions);
  }

  owns(conversationId: string): boolean {
    const tenure = this.tenures.get(this.partitionOf(conversationId));
    return tenure?.state === 'held' && this.clock.now() < this.safeUntil;
  }

  tell(conversationId: string, seq: number): void {
    if (this.listener !== null) this.notices.tellSeq(conversationId, seq);
  }

  fenceOf(conversationId: string): Condition {
    const tenure = this.tenures.get(this.partitionOf(conversationId));
    if (tenure !== undefined && this.clock.now() < this.safeUntil) return tenure.fence;
    throw new StoreError({ engine: this.driver.engine, fault: 'lease_lost' });
  }

  holds(conversationId: string): boolean {
    return this.tenures.has(this.partitionOf(conversationId)) && this.clock.now() < this.safeUntil;
  }

  refused(fence: Condition): void {
    const tenure = this.under(fence);
    if (tenure !== undefined) this.lose([tenure.partition], 'taken over');
  }

  doubted(fence: Condition): void {
    const tenure = this.under(fence);
    if (tenure !== undefined) tenure.isDoubted = true;
  }

  async settle(conversationIds: readonly string[]): Promise<void> {
    const tenures = new Set(conversationIds.map((id) => this.tenures.get(this.partitionOf(id))));
    await Promise.all(
      [...tenures].map((tenure) => {
        if (tenure?.isDoubted !== true) return null;
        tenure.refencing ??= this.refence(tenure).finally(() => {
          tenure.refencing = null;
        });
        return tenure.refencing;
      }),
    );
  }

  private under(fence: Condition): Tenure | undefined {
    return [...this.tenures.values()].find((tenure) => tenure.fence.ifVersion === fence.ifVersion);
  }

  private async refence(tenure: Tenure): Promise<void> {
    const fence = await this.leases.refence(tenure.fence);
    if (this.tenures.get(tenure.partition) !== tenure) return;
    if (fence === null) {
      this.lose([tenure.partition], 'taken over');
      return;
    }
    tenure.fence = fence;
    tenure.isDoubted = false;
  }

  /** Renews what we have, and takes what shall be ours. One look at a time; one that is asked for meanwhile comes next. */
  private look(): Promise<void> {
    this.lookAgain = true;
    this.looking ??= this.lookOn().finally(() => {
      this.looking = null;
      if (this.lookAgain && this.listener !== null) void this.look();
    });
    return this.looking;
  }

  private async lookOn(): Promise<void> {
    this.clock.clearTimer(this.timer);
    while (this.lookAgain && this.listener !== null) {
      this.lookAgain = false;
      let nextMs = this.leaseMs / LOOKS_PER_LEASE;
      try {
        if (!this.hasJoined) await this.join();
        await this.renew();
        await this.divide();
        this.recovered();
      } catch (error) {
        this.failed(error);
        nextMs = Math.min(nextMs, TRY_AGAIN_MS);
      }
      // STOP-1: a stop that came meanwhile leaves no timer.
      if (this.listener === null) return;
      this.clock.clearTimer(this.timer);
      this.timer = this.clock.setTimer(() => void this.look(), nextMs, 'background');
    }
  }

  private async join(): Promise<void> {
    const agreed = await this.leases.agreeOn(this.partitions);
    if (agreed !== this.partitions) {
      const { engine } = this.driver;
      const advice = `The replicas of this agent divide its conversations into ${agreed} partitions, and this one into ${this.partitions}. Give all of them the same number.`;
      this.mismatch = new StoreError({ engine, fault: 'refused', advice });
      throw this.mismatch;
    }
    await this.notices.start();
    // Before the others are told, so that they see us when they look.
    await this.leases.renew([]);
    await this.notices.tellChange();
    this.hasJoined = true;
  }

  private async renew(): Promise<void> {
    for (;;) {
      const sentAt = this.clock.now();
      const held = [...this.tenures.values()];
      const fences = held.map(({ fence }) => fence);
      if ((await this.leases.renew(fences)) || (await this.renewOneByOne(held, fences))) {
        this.confirmed(sentAt);
        return;
      }
    }
  }

  /** Loses what has gone to others. False when a fence was replaced meanwhile: the renewal has to be sent again. */
  private async renewOneByOne(held: readonly Tenure[], fences: readonly Condition[]): Promise<boolean> {
    const holds = await Promise.all(fences.map((fence) => this.leases.renewOne(fence)));
    await Promise.allSettled(held.map(({ refencing }) => refencing));
    const gone = held.filter((_, place) => !holds[place]);
    const lost = gone.filter((tenure) => fences.includes(tenure.fence));
    this.lose(
      lost.map(({ partition }) => partition),
      'taken over',
    );
    await this.leases.renew([]);
    return lost.length === gone.length;
  }

  private confirmed(sentAt: number): void {
    if (this.listener === null) return;
    const safeUntil = sentAt + this.leaseMs * (1 - MARGIN);
    const now = this.clock.now();
    // What has been over cannot be made good: `owns` has said no meanwhile, and what waited for a yes has been dropped.
    if (now >= this.safeUntil) this.loseAll('expired');
    // An answer that took so long says nothing of now.
    if (now >= safeUntil) return;
    this.confirmedAt = sentAt;
    this.safeUntil = safeUntil;
    this.clock.clearTimer(this.watch);
    this.watch = this.clock.setTimer(
      () => this.loseAll('expired'),
      safeUntil - this.clock.now(),
      'background',
    );
  }

  /** REP-6: takes what is free and ours to have; lets go what somebody else shall have. */
  private async divide(): Promise<void> {
    const { live, taken } = await this.leases.look();
    // What is taken now would only be given back.
    if (this.listener === null) return;
    this.live = live;
    const takes: Promise<void>[] = [];
    for (let partition = 0; partition < this.partitions; partition += 1) {
      const isOurs = rendezvous(partition, live) === this.name;
      const tenure = this.tenures.get(partition);
      const lease = taken.get(partition);
      if (tenure !== undefined) {
        if (tenure.state === 'held' && !isOurs) void this.leave(tenure);
        continue;
      }
      // One that we have given up, or whose answer never came: it would be nobody's until its end.
      const orphan = lease?.owner === this.name ? lease.fence : null;
      if (isOurs && (lease === undefined || orphan !== null)) takes.push(this.take(partition, orphan));
      else if (orphan !== null) takes.push(this.leases.release([orphan]));
    }
    // Together: one after the other they would take longer than what we have is ours.
    await Promise.all(takes);
  }

  /** `orphan`: a lease of ours that nobody has. */
  private async take(partition: number, orphan: Condition | null): Promise<void> {
    if (orphan !== null) await this.leases.release([orphan]);
    const sentAt = this.clock.now();
    const fence = await this.leases.acquire(partition);
    if (fence === null) return;
    const now = this.clock.now();
    if (this.listener === null || now >= sentAt + this.leaseMs * (1 - MARGIN) || now >= this.safeUntil) {
      await this.leases.release([fence]);
      return;
    }
    const fresh = { isDoubted: false, refencing: null, state: 'held' } as const;
    this.tenures.set(partition, { partition, fence, since: now, ...fresh });
    this.takenCount += 1;
    this.listener.taken(partition);
  }

  /** Nothing new begins. When what was begun is finished, the partition is free. */
  private async leave(tenure: Tenure): Promise<void> {
    tenure.state = 'leaving';
    await this.listener?.leaving(tenure.partition);
    if (this.tenures.get(tenure.partition) !== tenure || this.listener === null) return;
    this.forget([tenure.partition], 'moved', this.listener);
    try {
      await this.leases.release([tenure.fence]);
      await this.notices.tellChange();
    } catch {
      // It is free when its lease is over.
    }
  }

  private loseAll(why: LossReason): void {
    this.lose([...this.tenures.keys()], why);
  }

  private lose(partitions: readonly number[], why: LossReason): void {
    if (this.listener === null) return;
    this.lostCount += this.forget(partitions, why, this.listener);
  }

  /** Returns how many of them we had. */
  private forget(partitions: readonly number[], why: LossReason, listener: ReplicaListener): number {
    const ours = partitions.filter((partition) => this.tenures.delete(partition));
    if (ours.length > 0) listener.lost(ours, why);
    return ours.length;
  }

  /** An outage is told once. */
  private failed(cause: unknown): void {
    if (this.inTrouble && this.mismatch === null) return;
    this.inTrouble = true;
    const { engine } = this.driver;
    const error =
      cause instanceof AgentChatClientError ? cause : new StoreError({ engine, fault: 'failed', cause });
    this.listener?.trouble(error);
  }

  private recovered(): void {
    if (!this.inTrouble) return;
    this.inTrouble = false;
    this.listener?.trouble(null);
  }
}
