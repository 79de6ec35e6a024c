import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors/index.js';
import type { Change, Condition, StoreDriver } from '../../src/stores/driver.js';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';
import { Replicas } from '../../src/stores/replicas/replicas.js';
import { DriverCursors } from '../../src/stores/roles/cursors.js';
import type { Fences } from '../../src/stores/roles/fences.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { CONVERSATIONS, LEASE_MS, ModelReplica, PARTITIONS, ReplicasWorld } from './replicas-world.js';

const cursorOf = (conversationId: string, expected: number, parked: readonly number[] = []) => ({
  conversationId,
  expected,
  floor: 1,
  missing: [],
  parked: parked.map((seq) => ({ seq, id: `m${seq}`, times: 1 })),
});

/** One replica of two that give one partition back and forth. */
class Tenant implements Fences {
  fence: Condition | null = null;
  readonly cursors: DriverCursors;

  constructor(private readonly driver: StoreDriver) {
    this.cursors = new DriverCursors(driver, this);
  }

  async take(): Promise<void> {
    const ifVersion = await this.driver.write([{ do: 'put', key: 'l/0', text: 'tenant' }]);
    this.fence = { key: 'l/0', ifVersion };
  }

  fenceOf(): Condition {
    if (this.fence === null) throw new StoreError({ engine: 'memory', fault: 'lease_lost' });
    return this.fence;
  }

  holds(conversationId: string): boolean {
    return this.fence !== null && conversationId !== 'theirs';
  }

  refused(): void {}
  doubted(): void {}
  async settle(): Promise<void> {}
}

describe('cursors under a lease', () => {
  it('HND-1 what a conversation owes is listed, also after others had it in between and owed nothing', async () => {
    const driver = new MemoryDriver(new VirtualClock());
    const [a, b] = [new Tenant(driver), new Tenant(driver)];
    await a.take();
    await a.cursors.save([cursorOf('conv', 3, [2])]);
    await b.take();
    await b.cursors.unfinished();
    await b.cursors.save([cursorOf('conv', 4)]);
    expect(await b.cursors.unfinished()).toEqual([]);
    await a.take();
    await a.cursors.save([cursorOf('conv', 5, [4])]);
    expect(await a.cursors.unfinished()).toEqual([cursorOf('conv', 5, [4])]);
    await a.cursors.save([cursorOf('conv', 5)]);
    expect(await a.cursors.unfinished()).toEqual([]);
  });

  it('REP-4 what others owe is not listed', async () => {
    const driver = new MemoryDriver(new VirtualClock());
    const tenant = new Tenant(driver);
    await tenant.take();
    await new DriverCursors(driver).save([cursorOf('theirs', 3, [2]), cursorOf('ours', 3, [1])]);
    expect(await tenant.cursors.unfinished()).toEqual([cursorOf('ours', 3, [1])]);
  });

  it('ACK-1 a save that has failed and is carried out later does not put back what was saved since', async () => {
    const world = new ReplicasWorld(new VirtualClock());
    const { clock } = world;
    const link = new ModelReplica(world, 'a');
    const driver = world.connection(link);
    const late: (() => Promise<unknown>)[] = [];
    let isSlow = false;
    const write = (changes: readonly Change[]) => {
      if (!isSlow) return driver.write(changes);
      late.push(() => world.driver.write(changes));
      return Promise.reject(new StoreError({ engine: 'shared', fault: 'timeout' }));
    };
    const options = { leaseMs: LEASE_MS, partitions: PARTITIONS };
    const replicas = new Replicas({ ...driver, write }, options, clock);
    void replicas.start(link);
    await clock.advance(1_000);
    const [id = ''] = CONVERSATIONS;
    const save = async (expected: number) => {
      const settled = Promise.allSettled([replicas.cursors.save([cursorOf(id, expected)])]);
      await clock.advance(100);
      return (await settled)[0].status;
    };
    isSlow = true;
    expect(await save(5)).toBe('rejected');
    isSlow = false;
    const fence = replicas.fenceOf(id).ifVersion ?? 0;
    expect(await save(9)).toBe('fulfilled');
    expect(await late[0]?.()).toBeNull();
    const loaded = replicas.cursors.load(id);
    await clock.advance(100);
    expect(await loaded).toMatchObject({ expected: 9 });
    // The partition is still ours, and stays so.
    expect(replicas.fenceOf(id).ifVersion).toBeGreaterThan(fence);
    await clock.advance(3 * LEASE_MS);
    expect(replicas.owns(id)).toBe(true);
    expect(replicas.insight.lost).toBe(0);
  });
});
