import { describe, expect, it } from 'vitest';
import { partitionOf, rendezvous } from '../../src/stores/replicas/hashing.js';
import { Replicas } from '../../src/stores/replicas/replicas.js';
import { mulberry32 } from '../support/mulberry32.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { CONVERSATIONS, LEASE_MS, ModelReplica, PARTITIONS, ReplicasWorld } from './replicas-world.js';

const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
const aCursor = (conversationId: string, expected: number) => ({
  conversationId,
  expected,
  floor: 1,
  missing: [],
  parked: [],
});

async function worldOf(...names: readonly string[]): Promise<ReplicasWorld> {
  const world = new ReplicasWorld(new VirtualClock());
  for (const name of names) world.add(name);
  await world.clock.advance(LEASE_MS);
  return world;
}

/** What comes of something that takes the store's time. */
async function inTime<T>(world: ReplicasWorld, work: Promise<T>): Promise<PromiseSettledResult<T>> {
  const settled = Promise.allSettled([work]);
  await world.clock.advance(100);
  return (await settled)[0];
}

/** How many partitions each has. */
function shares(world: ReplicasWorld): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const partition of partitions) {
    const owner = world.ownersOf(partition).join('+') || 'nobody';
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

/** Until when everything had an owner again, from now on. */
async function untilAllOwned(world: ReplicasWorld, most: number): Promise<number> {
  const from = world.clock.now();
  while (world.clock.now() - from <= most) {
    if (partitions.every((partition) => world.ownersOf(partition).length === 1)) break;
    await world.clock.advance(100);
  }
  return world.clock.now() - from;
}

describe('dividing conversations', () => {
  it('is even, and the same in every process', () => {
    const counts = new Array<number>(64).fill(0);
    for (let n = 0; n < 64_000; n += 1) {
      const partition = partitionOf(`conv_${n}`, 64);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
    expect(partitionOf('conv_1', 64)).toBe(partitionOf('conv_1', 64));
  });

  it('REP-6 moves only what must move when a replica joins or leaves', () => {
    const three = ['a', 'b', 'c'];
    const four = [...three, 'd'];
    const all = Array.from({ length: 1_000 }, (_, partition) => partition);
    const moved = all.filter((partition) => rendezvous(partition, three) !== rendezvous(partition, four));
    expect(moved.every((partition) => rendezvous(partition, four) === 'd')).toBe(true);
    expect(moved.length).toBeGreaterThan(180);
    expect(moved.length).toBeLessThan(320);
    expect(rendezvous(0, [])).toBeNull();
  });
});

describe('replicas', () => {
  it('REP-1 divide all partitions among themselves, each with a fence', async () => {
    const world = await worldOf('a', 'b', 'c');
    const counts = shares(world);
    expect(Object.keys(counts).sort()).toEqual(['a', 'b', 'c']);
    const fences = world.replicas.flatMap(({ replicas }) => replicas.insight.held.map(({ fence }) => fence));
    expect(new Set(fences).size).toBe(PARTITIONS);
    expect(world.replicas[0]?.replicas.insight).toMatchObject({ partitions: PARTITIONS, lost: 0 });
    expect(world.replicas[0]?.replicas.insight.live).toHaveLength(3);
  });

  it('REP-1 a fence only grows, whoever has the partition', async () => {
    const world = await worldOf('a');
    for (const name of ['b', 'c', 'd']) {
      world.replicas.at(-1)?.kill();
      world.add(name);
      await world.clock.advance(2 * LEASE_MS);
    }
    for (const partition of partitions) {
      const fences = world.told.flatMap((told) =>
        told.partition === partition && told.what === 'taken' ? [told.fence] : [],
      );
      expect(fences.length).toBeGreaterThanOrEqual(3);
      expect(fences).toEqual([...fences].sort((a, b) => a - b));
    }
  });

  it.each([5, 15, 25, 35])('STOP-1 a stop in the middle of a look (%i ms) leaves no timer', async (ms) => {
    const world = new ReplicasWorld(new VirtualClock());
    const { clock } = world;
    const link = new ModelReplica(world, 'a');
    const options = { leaseMs: LEASE_MS, partitions: PARTITIONS };
    const replicas = new Replicas(world.connection(link), options, clock);
    void replicas.start(link);
    await clock.advance(1_000);
    const lookAt = clock.nextTimerAt ?? 0;
    link.delayMs = 10;
    await clock.advanceTo(lookAt + ms);
    void replicas.stop();
    await clock.advance(1_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('REP-2 a write of somebody who has lost the partition is refused, and says so', async () => {
    const world = await worldOf('a', 'b');
    const [a, b] = world.replicas as [ModelReplica, ModelReplica];
    const mine = CONVERSATIONS.find((id) => a.replicas.owns(id)) ?? '';
    expect((await inTime(world, a.replicas.cursors.save([aCursor(mine, 5)]))).status).toBe('fulfilled');
    const foreign = await inTime(world, b.replicas.cursors.save([aCursor(mine, 9)]));
    expect(foreign).toMatchObject({ status: 'rejected', reason: { fault: 'lease_lost' } });
    // A write that was sent while the lease held arrives when it does not: the store refuses it.
    a.delayMs = 2 * LEASE_MS;
    const late = a.replicas.cursors.save([aCursor(mine, 6)]);
    const refused = expect(late).rejects.toMatchObject({ fault: 'lease_lost' });
    await world.clock.advance(1);
    a.delayMs = 1;
    a.process.stop();
    await world.clock.advance(3 * LEASE_MS);
    a.process.continue();
    await world.clock.advance(5 * LEASE_MS);
    await refused;
    const stored = await inTime(world, b.replicas.cursors.load(mine));
    expect(stored).toMatchObject({ value: { expected: 5 } });
  });

  it('REP-3 one that cannot renew stops before its lease ends, by its own clock', async () => {
    const world = await worldOf('a');
    const [a] = world.replicas as [ModelReplica];
    world.isUp = false;
    const confirmed = a.replicas.insight.confirmedAgoMs ?? 0;
    const lostAt = LEASE_MS * (5 / 6) - confirmed;
    await world.clock.advance(lostAt - 100);
    expect(shares(world)).toEqual({ a: PARTITIONS });
    await world.clock.advance(200);
    expect(shares(world)).toEqual({ nobody: PARTITIONS });
    expect(world.told.filter(({ what }) => what === 'expired')).toHaveLength(PARTITIONS);
    // REP-7: it says so once a second at most, and goes on by itself.
    expect(a.troubles.at(-1)).toMatchObject({ code: 'STORE_FAILED', fault: 'unreachable' });
    await world.clock.advance(LEASE_MS);
    world.isUp = true;
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(2_000);
    expect(a.troubles.at(-1)).toBeNull();
  });

  it('REP-3 one that was stopped for longer than a lease owns nothing in the moment in which it goes on', async () => {
    const world = await worldOf('a', 'b');
    const [a, b] = world.replicas as [ModelReplica, ModelReplica];
    a.process.stop();
    expect(await untilAllOwned(world, 3 * LEASE_MS)).toBeLessThan(2 * LEASE_MS);
    expect(shares(world)).toEqual({ b: PARTITIONS });
    a.process.continue();
    expect(CONVERSATIONS.filter((id) => a.replicas.owns(id))).toEqual([]);
    await world.clock.advance(LEASE_MS);
    expect(Object.keys(shares(world)).sort()).toEqual(['a', 'b']);
    expect(b.isRunning).toBe(true);
  });

  it('REP-3 the end is counted from when the last good renewal was sent, however late its answer came', async () => {
    // The other one looks at the leases every ten seconds: each time at another moment of the first one's end.
    for (let phase = 0; phase < 10; phase += 1) {
      const world = await worldOf('a');
      const [a] = world.replicas as [ModelReplica];
      while ((a.replicas.insight.confirmedAgoMs ?? 0) < 9_900) await world.clock.advance(10);
      // Longer each way, and its end comes before the answer.
      a.delayMs = 7_000;
      await world.clock.advance(1_000 + phase * 1_000);
      world.add('b');
      await world.clock.advance(14_000 - phase * 1_000);
      expect(a.replicas.insight.confirmedAgoMs).toBeLessThan(16_000);
      a.isCut = true;
      for (let step = 0; step < 600; step += 1) {
        await world.clock.advance(100);
        for (const partition of partitions) expect(world.ownersOf(partition).length).toBeLessThan(2);
      }
      expect(shares(world)).toEqual({ b: PARTITIONS });
    }
  });

  it('REP-7 what was given up because nothing confirmed it is taken again as soon as the store is back', async () => {
    const world = await worldOf('a');
    const [a] = world.replicas as [ModelReplica];
    while ((a.replicas.insight.confirmedAgoMs ?? 0) > 100) await world.clock.advance(10);
    world.isUp = false;
    // Longer than our own clock allows, and shorter than the lease.
    await world.clock.advance(26_000);
    expect(shares(world)).toEqual({ nobody: PARTITIONS });
    world.isUp = true;
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(2_500);
  });

  it('REP-4 hear which seqs others have heard of, the highest of each conversation', async () => {
    const world = await worldOf('a', 'b');
    const [a, b] = world.replicas as [ModelReplica, ModelReplica];
    for (const seq of [3, 5, 4]) a.replicas.tell('conv x', seq);
    a.replicas.tell('conv y', 1);
    for (let n = 0; n < 2_000; n += 1) a.replicas.tell(`conv ${'z'.repeat(100)} ${n}`, n);
    await world.clock.advance(1_000);
    expect(b.heardSeqs.slice(0, 2)).toEqual([
      ['conv x', 5],
      ['conv y', 1],
    ]);
    expect(b.heardSeqs).toHaveLength(2_002);
    expect(a.heardSeqs).toEqual([]);
  });

  it('REP-5 take over within two leases after a kill, and within a second after a graceful stop', async () => {
    const world = await worldOf('a', 'b', 'c');
    world.replicas[0]?.kill();
    await world.clock.advance(1);
    expect(await untilAllOwned(world, 3 * LEASE_MS)).toBeLessThan(2 * LEASE_MS);
    void world.replicas[1]?.leave();
    await world.clock.advance(1);
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(1_000);
    expect(shares(world)).toEqual({ c: PARTITIONS });
  });

  it('REP-5 find free partitions without notices too', async () => {
    const world = await worldOf('a', 'b');
    world.tells = false;
    void world.replicas[0]?.leave();
    await world.clock.advance(1);
    expect(await untilAllOwned(world, 2 * LEASE_MS)).toBeLessThan(LEASE_MS / 2);
  });

  it('REP-6 a partition moves to a newcomer when the turn in hand is over, and nobody begins anything in it meanwhile', async () => {
    const world = await worldOf();
    const a = world.add('a', { turnMs: 7_000 });
    await world.clock.advance(LEASE_MS);
    world.add('b');
    await world.clock.advance(1_000);
    const moving = world.told.filter(({ what }) => what === 'leaving').map(({ partition }) => partition);
    expect(moving.length).toBeGreaterThan(2);
    for (const partition of moving) expect(world.ownersOf(partition)).toEqual([]);
    // What was begun may be saved.
    const [first = 0] = moving;
    const saved = await inTime(world, a.replicas.cursors.save([aCursor(CONVERSATIONS[first] ?? '', 3)]));
    expect(saved.status).toBe('fulfilled');
    await world.clock.advance(8_000);
    for (const partition of moving) expect(world.ownersOf(partition)).toEqual(['b']);
    const others = partitions.filter((partition) => !moving.includes(partition));
    for (const partition of others) expect(world.ownersOf(partition)).toEqual(['a']);
    expect(world.told.filter(({ what }) => what === 'expired' || what === 'taken over')).toEqual([]);
  });

  it('REP-7 wait for a store that is down when they start', async () => {
    const world = new ReplicasWorld(new VirtualClock());
    world.isUp = false;
    const a = world.add('a');
    await world.clock.advance(LEASE_MS);
    expect(shares(world)).toEqual({ nobody: PARTITIONS });
    expect(a.troubles.length).toBeGreaterThan(0);
    world.isUp = true;
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(2_000);
  });

  it('refuse another number of partitions', async () => {
    const world = await worldOf('a');
    const other = new ModelReplica(world, 'b', 8);
    const starting = other.replicas.start(other);
    const refused = expect(starting).rejects.toThrow(
      'into 16 partitions, and this one into 8. Give all of them the same number.',
    );
    await world.clock.advance(1_000);
    await refused;
    expect(shares(world)).toEqual({ a: PARTITIONS });
  });

  it('REP-3 what was over is not made good by an answer that comes late: it is lost first', async () => {
    const world = await worldOf();
    const a = world.add('a');
    await world.clock.advance(1_000);
    let isSent = false;
    const write = world.driver.write.bind(world.driver);
    world.driver.write = async (changes) => {
      isSent = true;
      return write(changes);
    };
    while (!isSent) await world.clock.advance(0.5);
    const { length } = world.told;
    // The process stands still until what it has is over, and not so long that the answer says nothing.
    world.clock.freeze(16_000);
    expect(CONVERSATIONS.some((id) => a.replicas.owns(id))).toBe(false);
    await world.clock.advance(100);
    expect(world.told.slice(length).filter(({ what }) => what === 'expired')).toHaveLength(PARTITIONS);
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(2_000);
  });

  it('REP-7 a slow store gives all partitions, and keeps them', async () => {
    const world = await worldOf();
    const a = world.add('a');
    a.delayMs = 1_500;
    await world.clock.advance(LEASE_MS);
    expect(shares(world)).toEqual({ a: PARTITIONS });
    await world.clock.advance(10 * LEASE_MS);
    expect(world.told.filter(({ what }) => what !== 'taken')).toEqual([]);
  });

  it('a stop that is asked for while a start waits for the stop before has the last word', async () => {
    const world = await worldOf();
    const a = world.add('a');
    await world.clock.advance(1_000);
    a.delayMs = 500;
    const stops = [a.replicas.stop()];
    await world.clock.advance(1);
    void a.replicas.start(a);
    await world.clock.advance(1);
    stops.push(a.replicas.stop());
    await world.clock.advance(60_000);
    await Promise.all(stops);
    expect(a.replicas.insight.held).toEqual([]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('stop twice, and leave no timer behind', async () => {
    const world = await worldOf('a');
    const [a] = world.replicas as [ModelReplica];
    const stopping = [a.leave(), a.replicas.stop()];
    await world.clock.advance(100);
    await Promise.all(stopping);
    const { length } = world.told;
    await world.clock.advance(10 * LEASE_MS);
    expect(world.told).toHaveLength(length);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

const SEEDS = Number(process.env.REPLICA_SEEDS ?? 12);
const FIRST_SEED = Number(process.env.REPLICA_SEED ?? 1);

describe('REP-1, REP-3, REP-5 through kills, stops, outages and slow links', () => {
  it.each(Array.from({ length: SEEDS }, (_, n) => FIRST_SEED + n))('seed %i', async (seed) => {
    const random = mulberry32(seed);
    const int = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
    const world = new ReplicasWorld(new VirtualClock({ seed }));
    let names = 0;
    const join = () => {
      names += 1;
      world.add(`r${names}`, { turnMs: random() < 0.3 ? int(0, 5_000) : 0 });
    };
    for (let n = 0; n < 3; n += 1) join();
    const judge = () => {
      for (const partition of partitions) {
        const owners = world.ownersOf(partition);
        expect(
          owners.length,
          `at ${world.clock.now()} ${owners.join()} own ${partition}, seed ${seed}`,
        ).toBeLessThan(2);
      }
    };
    const running = () => world.replicas.filter(({ isRunning }) => isRunning);
    const pick = () => running()[int(0, running().length - 1)];
    for (let step = 0; step < 60; step += 1) {
      const roll = random();
      if (roll < 0.1) pick()?.kill();
      else if (roll < 0.25) pick()?.process.stop();
      else if (roll < 0.4) for (const { process, isGone } of world.replicas) isGone || process.continue();
      else if (roll < 0.5) world.isUp = !world.isUp;
      else if (roll < 0.55) world.tells = !world.tells;
      else if (roll < 0.6) Object.assign(pick() ?? {}, { isCut: random() < 0.5 });
      else if (roll < 0.65)
        Object.assign(pick() ?? {}, { delayMs: int(0, 1) === 0 ? int(0, 50) : int(0, LEASE_MS) });
      else if (roll < 0.7) void pick()?.leave();
      else if (running().length < 5) join();
      for (let slices = int(1, 40); slices > 0; slices -= 1) {
        await world.clock.advance(int(1, 700));
        judge();
      }
    }
    // Everything is well again: everything has an owner.
    world.isUp = true;
    for (const replica of world.replicas) {
      replica.delayMs = 1;
      replica.isCut = false;
      if (!replica.isGone) replica.process.continue();
    }
    join();
    await world.clock.advance(2 * LEASE_MS);
    expect(await untilAllOwned(world, LEASE_MS)).toBeLessThan(LEASE_MS);
    judge();
    for (const partition of partitions) {
      const fences = world.told.flatMap((told) =>
        told.partition === partition && told.what === 'taken' ? [told.fence] : [],
      );
      expect(fences).toEqual([...fences].sort((a, b) => a - b));
    }
  });
});
