import type { Change, Condition, StoreDriver } from '../driver.js';
import { KEYS, plainOf } from '../keys.js';

/** Entries that are read in one go: there are not more partitions, nor replicas. */
const MOST = 2_000;

/** Who has a partition, as the store says. */
export interface Lease {
  readonly owner: string;
  readonly fence: Condition;
}

/** The leases of partitions and the signs of life of replicas, as the store has them. All times are the store's. */
export class Leases {
  constructor(
    private readonly driver: StoreDriver,
    private readonly replica: string,
    private readonly leaseMs: number,
  ) {}

  /** The number of partitions that all replicas have agreed on: ours, if nobody came before. */
  async agreeOn(partitions: number): Promise<number> {
    const put = { do: 'put', key: KEYS.partitions, text: String(partitions), ifVersion: null } as const;
    if ((await this.driver.write([put])) !== null) return partitions;
    const [entry] = await this.driver.get([KEYS.partitions]);
    return Number(entry?.text ?? partitions);
  }

  /** Says that this replica lives, and holds on to leases. False when one of them was lost: then nothing was renewed. */
  async renew(fences: readonly Condition[]): Promise<boolean> {
    const { leaseMs: expiresInMs } = this;
    const life: Change = { do: 'put', key: this.lifeKey, text: this.replica, expiresInMs };
    const leases = fences.map(({ key, ifVersion }) => extended(key, ifVersion, expiresInMs));
    return (await this.driver.write([life, ...leases])) !== null;
  }

  /** Holds on to one lease. False when it was lost. */
  async renewOne({ key, ifVersion }: Condition): Promise<boolean> {
    return (await this.driver.write([extended(key, ifVersion, this.leaseMs)])) !== null;
  }

  /** Takes a partition that nobody has. Null when somebody has it. */
  async acquire(partition: number): Promise<Condition | null> {
    const key = keyOfPartition(partition);
    const put = { do: 'put', key, text: this.replica, ifVersion: null, expiresInMs: this.leaseMs } as const;
    const version = await this.driver.write([put]);
    return version === null ? null : { key, ifVersion: version };
  }

  /** Holds on to one lease under a new fence: what was sent under the old one is refused from then on. Null when it was lost. */
  async refence({ key, ifVersion }: Condition): Promise<Condition | null> {
    const put = { do: 'put', key, text: this.replica, ifVersion, expiresInMs: this.leaseMs } as const;
    const version = await this.driver.write([put]);
    return version === null ? null : { key, ifVersion: version };
  }

  async release(fences: readonly Condition[]): Promise<void> {
    // One by one: that one was lost is no reason to keep the others.
    await Promise.all(
      fences.map(({ key, ifVersion }) => this.driver.write([{ do: 'delete', key, ifVersion }])),
    );
  }

  async sayGoodbye(): Promise<void> {
    await this.driver.write([{ do: 'delete', key: this.lifeKey }]);
  }

  /** Who lives, and who has which partition. */
  async look(): Promise<{ readonly live: readonly string[]; readonly taken: ReadonlyMap<number, Lease> }> {
    const [lives, leases] = await Promise.all([
      this.driver.list(KEYS.replica, null, MOST),
      this.driver.list(KEYS.lease, null, MOST),
    ]);
    return {
      live: lives.map(({ text }) => text),
      taken: new Map(
        leases.map(({ key, text, version }) => [
          Number(key.slice(KEYS.lease.length)),
          { owner: text, fence: { key, ifVersion: version } },
        ]),
      ),
    };
  }

  private get lifeKey(): string {
    return KEYS.replica + plainOf(this.replica);
  }
}

function keyOfPartition(partition: number): string {
  return KEYS.lease + String(partition).padStart(5, '0');
}

function extended(key: string, ifVersion: number | null, expiresInMs: number): Change {
  // A fence always has a version.
  return { do: 'extend', key, ifVersion: ifVersion ?? 0, expiresInMs };
}
