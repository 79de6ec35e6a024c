import { setTimeout } from 'node:timers/promises';
import { Child } from '../../e2e/child.js';
import { Member } from './member.js';
import { now } from './now.js';
import type { ReplicaSetup, ReplicaTold } from './replica.js';
import { WorkLog } from './work-log.js';

const REPLICA = new URL('./replica.ts', import.meta.url);
/** Something happens to the fleet so often, in milliseconds: a half to two seconds. */
const TROUBLE_EVERY_MS = 500;
const TROUBLE_SPREAD_MS = 1_500;
/** `disconnect()` lets handlers finish for ten seconds. */
const GOODBYE_MS = 12_000;

export interface FleetOptions {
  /** Of each replica. */
  readonly setup: Omit<ReplicaSetup, 'name'>;
  /** Restarts the store; undefined where that is not ours to do. */
  readonly restartStore: (() => Promise<void>) | undefined;
  /** What goes wrong when: a number of at least 0 and below 1 each time. */
  readonly random: () => number;
  /** Is told what happens, in words. */
  readonly say?: ((text: string) => void) | undefined;
  /** Hears all that the replicas tell. */
  readonly hear?: ((replica: string, told: ReplicaTold) => void) | undefined;
  /** This replica was killed. */
  readonly onKilled?: ((replica: string) => void) | undefined;
}

/** What was done to the fleet so far. */
export interface TroubleCounts {
  kills: number;
  stops: number;
  restarts: number;
  storeRestarts: number;
}

/** Replicas of one bot, each in a process of its own; kills, stops and restarts them. */
export class Fleet {
  readonly counts: TroubleCounts = { kills: 0, stops: 0, restarts: 0, storeRestarts: 0 };
  private readonly members: Member[] = [];
  private readonly log = new WorkLog();
  private readonly killed: { readonly partitions: ReadonlySet<number>; readonly at: number }[] = [];
  private names = 0;

  constructor(private readonly options: FleetOptions) {}

  /** Starts one more. Resolves when its process runs, which is before it takes part. */
  async start(): Promise<void> {
    this.names += 1;
    const name = `replica-${this.names}`;
    const child = await Child.start<ReplicaTold>(REPLICA, {
      ...this.options.setup,
      name,
    } satisfies ReplicaSetup);
    this.members.push(new Member(name, child, this.log));
    child.onTold((told) => this.options.hear?.(name, told));
  }

  /** Kills, stops and restarts the replicas and the store, until the signal. Then it wakes whom it has stopped. */
  async trouble(signal: AbortSignal): Promise<void> {
    const { random } = this.options;
    for (;;) {
      await setTimeout(TROUBLE_EVERY_MS + random() * TROUBLE_SPREAD_MS, undefined, { signal }).catch(
        () => {},
      );
      if (signal.aborted) break;
      const awake = this.members.filter(({ isGone, isStopped }) => !isGone && !isStopped);
      const member = awake[Math.floor(random() * awake.length)];
      if (member === undefined) continue;
      await this.strike(member, random(), awake.length > 1);
    }
    for (const member of this.members) this.wake(member);
  }

  /** From each SIGKILL until everything that was that replica's had another owner, in milliseconds. */
  takeOversMs(): number[] {
    return this.killed.flatMap(({ partitions, at }) => {
      const taken = this.log.takenAgain(partitions, at);
      return taken === null || partitions.size === 0 ? [] : [Math.round(taken - at)];
    });
  }

  /** Conversations at which two replicas worked at one time, in words. */
  overlaps(): string[] {
    return this.log.overlaps();
  }

  /** Ends all of them at once, and waits until they are gone. */
  async end(): Promise<void> {
    await Promise.all(this.members.map(({ child }) => child.end()));
  }

  /** One is always left that may work. */
  private async strike(member: Member, roll: number, hasOthers: boolean): Promise<void> {
    const { leaseMs } = this.options.setup;
    if (roll < 0.3 && hasOthers) await this.kill(member);
    else if (roll < 0.6 && hasOthers) this.stopFor(member, leaseMs * (1.2 + this.options.random()));
    else if (roll < 0.85 || this.options.restartStore === undefined) await this.restart(member);
    else await this.restartStore(this.options.restartStore);
  }

  private async kill(member: Member): Promise<void> {
    this.counts.kills += 1;
    this.options.say?.(`${member.name} is killed (SIGKILL)`);
    this.killed.push({ partitions: new Set(member.partitions), at: now() });
    member.isGone = true;
    await member.child.end();
    member.halt();
    this.options.onKilled?.(member.name);
    await this.start();
  }

  private stopFor(member: Member, ms: number): void {
    this.counts.stops += 1;
    this.options.say?.(`${member.name} stands still for ${(ms / 1_000).toFixed(1)} s (SIGSTOP)`);
    member.child.signal('SIGSTOP');
    member.isStopped = true;
    member.halt();
    void setTimeout(ms, undefined, { ref: false }).then(() => this.wake(member));
  }

  private wake(member: Member): void {
    if (!member.isStopped || member.isGone) return;
    member.isStopped = false;
    member.wake();
    member.child.signal('SIGCONT');
  }

  private async restart(member: Member): Promise<void> {
    this.counts.restarts += 1;
    this.options.say?.(`${member.name} is restarted (SIGTERM)`);
    member.child.signal('SIGTERM');
    member.isGone = true;
    await Promise.race([member.child.exit, setTimeout(GOODBYE_MS, undefined, { ref: false })]);
    member.halt();
    await this.start();
  }

  private async restartStore(restart: () => Promise<void>): Promise<void> {
    this.counts.storeRestarts += 1;
    this.options.say?.('the store is restarted');
    await restart();
  }
}
