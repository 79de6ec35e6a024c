import type { Clock } from '../../../src/clock/index.js';
import type { Change, Version } from '../../../src/stores/driver.js';
import type { StoredCursor } from '../../../src/stores/index.js';
import { KEYS } from '../../../src/stores/keys.js';
import { partitionOf } from '../../../src/stores/replicas/hashing.js';
import type { Facts } from '../facts.js';
import type { ModelProcess } from './model-process.js';

/** Who has a partition, as the store has confirmed it. */
interface Holding {
  readonly by: ModelProcess;
  /** By the store's clock. */
  readonly until: number;
}

/** Partitions that somebody has to have taken by a moment, unless something happens before. */
interface Expectation {
  readonly rule: string;
  readonly why: string;
  /** Those that nobody has taken yet. */
  readonly open: Set<number>;
  readonly by: number;
}

export interface LeaseWitnessPorts {
  readonly facts: Facts;
  readonly storeClock: Clock;
  readonly partitions: number;
  now(): number;
  onSaved(cursors: readonly StoredCursor[]): void;
}

/** Watches what gets through to the store: leases go to one replica at a time, and only who has one writes. */
export class LeaseWitness {
  private readonly holdings = new Map<number, Holding>();
  private readonly fences = new Map<number, Version>();
  private expectations: Expectation[] = [];

  constructor(private readonly ports: LeaseWitnessPorts) {}

  partitionOf(conversationId: string): number {
    return partitionOf(conversationId, this.ports.partitions);
  }

  /** Who has a valid lease of a partition, by the store's clock. */
  holderOf(partition: number): ModelProcess | null {
    const holding = this.holdings.get(partition);
    return holding === undefined || holding.until <= this.ports.storeClock.now() ? null : holding.by;
  }

  heldBy(process: ModelProcess): readonly number[] {
    return [...this.holdings.keys()].filter((partition) => this.holderOf(partition) === process);
  }

  /** By processes that live. */
  get allHeld(): boolean {
    for (let partition = 0; partition < this.ports.partitions; partition += 1)
      if (this.isFree(partition)) return false;
    return true;
  }

  // -- writes that got through ----------------------------------------------------------------------------------------

  wrote(by: ModelProcess, changes: readonly Change[], version: Version): void {
    const cursors: StoredCursor[] = [];
    for (const change of changes) {
      if (change.key.startsWith(KEYS.lease)) this.leaseWritten(by, change, version);
      if (change.do === 'put' && change.key.startsWith(KEYS.cursor)) {
        const cursor = JSON.parse(change.text) as StoredCursor;
        this.judgeWriter(by, cursor);
        cursors.push(cursor);
      }
    }
    if (cursors.length > 0) this.ports.onSaved(cursors);
  }

  private leaseWritten(by: ModelProcess, change: Change, version: Version): void {
    const { facts, storeClock } = this.ports;
    const partition = Number(change.key.slice(KEYS.lease.length));
    const holder = this.holderOf(partition);
    const until = (expiresInMs = 0) => storeClock.now() + expiresInMs;
    if (change.do === 'put') {
      facts.note(() => `lease    ${partition} goes to ${by.label}, fence ${version}`);
      // Its owner may put a new fence in the place of the old one.
      const isRefenced = holder === by && change.ifVersion === this.fences.get(partition);
      if (holder !== null && !isRefenced)
        facts.object('REP-1', `partition ${partition} went to ${by.label} while ${holder.label} had it`);
      if (version <= (this.fences.get(partition) ?? 0))
        facts.object('REP-1', `the fence of partition ${partition} did not grow`);
      this.fences.set(partition, version);
      this.holdings.set(partition, { by, until: until(change.expiresInMs) });
      for (const { open } of this.expectations) open.delete(partition);
    } else if (change.do === 'extend') {
      this.holdings.set(partition, { by, until: until(change.expiresInMs) });
    } else if (change.do === 'delete') {
      facts.note(() => `lease    ${partition} is given back by ${by.label}`);
      this.holdings.delete(partition);
    }
  }

  private judgeWriter(by: ModelProcess, { conversationId }: StoredCursor): void {
    const holder = this.holderOf(this.partitionOf(conversationId));
    if (holder === by) return;
    const who = holder === null ? 'nobody' : holder.label;
    this.ports.facts.object('REP-2', `${by.label} wrote ${conversationId}, which ${who} has`);
  }

  // -- taking over ----------------------------------------------------------------------------------------------------

  /** REP-5: within so long others have these partitions, if nothing else happens meanwhile. */
  expectTaken(rule: string, why: string, partitions: readonly number[], withinMs: number): void {
    const open = new Set(partitions.filter((partition) => this.isFree(partition)));
    this.expectations.push({ rule, why, open, by: this.ports.now() + withinMs });
  }

  /** Something happens that may take longer. */
  disturbed(): void {
    this.expectations = [];
  }

  check(): void {
    const due = this.expectations.filter(({ by }) => by <= this.ports.now());
    if (due.length === 0) return;
    this.expectations = this.expectations.filter((one) => !due.includes(one));
    for (const { rule, why, open } of due) {
      for (const partition of open) this.ports.facts.object(rule, `nobody has partition ${partition} ${why}`);
    }
  }

  /** Nobody who runs has it. */
  private isFree(partition: number): boolean {
    return this.holderOf(partition)?.isAlive() !== true;
  }
}
