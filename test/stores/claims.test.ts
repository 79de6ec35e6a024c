import { describe, expect, it } from 'vitest';
import { type Claim, Claims, type DedupeStore, MemoryDedupeStore } from '../../src/stores/index.js';
import { VirtualClock } from '../support/virtual-clock.js';

const LEASE_MS = 60_000;

/** A store that fails at what it is told to, and the claims over it. */
function stage() {
  const clock = new VirtualClock();
  const memory = new MemoryDedupeStore({ clock, leaseMs: LEASE_MS });
  const broken = new Set<keyof DedupeStore>();
  const asked: string[] = [];
  const ask = async <T>(method: keyof DedupeStore, work: () => Promise<T>) => {
    asked.push(method);
    if (broken.has(method)) throw new Error('the store is down');
    return work();
  };
  const store: DedupeStore = {
    claim: (key) => ask('claim', () => memory.claim(key)),
    commit: (key, token) => ask('commit', () => memory.commit(key, token)),
    release: (key, token) => ask('release', () => memory.release(key, token)),
    renew: (key, token) => ask('renew', () => memory.renew(key, token)),
  };
  const claims = new Claims(store, clock);
  const held = async (key: string) => {
    const claim = await claims.claim(key);
    if (claim.state !== 'claimed') throw new Error(`${key} is ${claim.state}`);
    return claim.token;
  };
  /** What somebody else would be told. */
  const stateOf = async (key: string): Promise<Claim['state']> => {
    const claim = await memory.claim(key);
    if (claim.state === 'claimed') await memory.release(key, claim.token);
    return claim.state;
  };
  return { clock, memory, store, claims, broken, asked, held, stateOf };
}

describe('a claim', () => {
  it('holds for as long as its handler is at work', async () => {
    const { clock, claims, held, stateOf } = stage();
    const token = await held('a');
    await clock.advance(24 * LEASE_MS);
    expect(await stateOf('a')).toBe('in_progress');
    await claims.commit('a', token);
    expect(await stateOf('a')).toBe('done');
  });

  it('survives two renewals in a row that fail', async () => {
    const { clock, broken, held, stateOf } = stage();
    await held('a');
    await clock.advance(0.9 * LEASE_MS);
    broken.add('renew');
    // It was renewed at two thirds of its time.
    await clock.advance(0.7 * LEASE_MS);
    broken.clear();
    await clock.advance(LEASE_MS);
    expect(await stateOf('a')).toBe('in_progress');
  });

  it.each(['commit', 'release'] as const)('is not renewed after its %s', async (end) => {
    const { clock, claims, asked, held } = stage();
    await claims[end]('a', await held('a'));
    expect(clock.pendingTimers).toBe(0);
    expect(asked).toEqual(['claim', end]);
  });

  it('does not keep the process alive', async () => {
    const { clock, held } = stage();
    await held('a');
    expect([clock.pendingTimers, clock.pendingForegroundTimers]).toEqual([1, 0]);
  });

  it('is not renewed when it was not had', async () => {
    const { clock, claims, memory } = stage();
    await memory.claim('theirs');
    const done = await memory.claim('done');
    if (done.state === 'claimed') await memory.commit('done', done.token);
    expect(await claims.claim('theirs')).toEqual({ state: 'in_progress' });
    expect(await claims.claim('done')).toEqual({ state: 'done' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('of somebody who has lost it ends no later one', async () => {
    const { clock, claims, broken, held, stateOf } = stage();
    broken.add('renew');
    const first = await held('a');
    await clock.advance(LEASE_MS);
    broken.clear();
    await held('a');
    await claims.release('a', first);
    await clock.advance(10 * LEASE_MS);
    expect(await stateOf('a')).toBe('in_progress');
  });

  it.each([undefined, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '60000'])(
    'is not renewed when the store says that it holds for %s',
    async (leaseMs) => {
      const { clock, memory } = stage();
      const store: DedupeStore = {
        claim: async () => ({ state: 'claimed', token: 't', leaseMs: leaseMs as number }),
        commit: (key, token) => memory.commit(key, token),
        release: (key, token) => memory.release(key, token),
        renew: () => Promise.resolve(),
      };
      await new Claims(store, clock).claim('a');
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('is renewed no more than a hundred times a second, whatever the store says', async () => {
    const { clock, memory } = stage();
    let renewals = 0;
    const store: DedupeStore = {
      claim: async () => ({ state: 'claimed', token: 't', leaseMs: Number.MIN_VALUE }),
      commit: (key, token) => memory.commit(key, token),
      release: (key, token) => memory.release(key, token),
      async renew() {
        renewals += 1;
      },
    };
    await new Claims(store, clock).claim('a');
    await clock.advance(1_000);
    expect(renewals).toBe(100);
  });

  it('is left to expire by a store that cannot renew', async () => {
    const { clock, memory } = stage();
    const store: DedupeStore = {
      claim: (key) => memory.claim(key),
      commit: (key, token) => memory.commit(key, token),
      release: (key, token) => memory.release(key, token),
    };
    await new Claims(store, clock).claim('a');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe.each(['commit', 'release'] as const)('a %s that fails', (what) => {
  const after = what === 'commit' ? 'done' : 'claimed';

  it('is told, and tried again until the store works', async () => {
    const { clock, claims, broken, asked, held, stateOf } = stage();
    const token = await held('a');
    broken.add(what);
    await expect(claims[what]('a', token)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await clock.advance(10_000);
    expect(await stateOf('a')).toBe('in_progress');
    broken.clear();
    await clock.advance(10_000);
    expect(await stateOf('a')).toBe(after);
    expect(asked.filter((method) => method === what)).toHaveLength(5);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is given up after four minutes, and leaves nothing behind', async () => {
    const { clock, claims, broken, asked, held, stateOf } = stage();
    const token = await held('a');
    broken.add(what);
    await expect(claims[what]('a', token)).rejects.toThrow(what);
    expect(clock.pendingForegroundTimers).toBe(0);
    await clock.advance(256_000);
    expect(asked.filter((method) => method === what)).toHaveLength(9);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(LEASE_MS);
    expect(await stateOf('a')).toBe('claimed');
  });

  it('waits with no more than a thousand others', async () => {
    const { clock, claims, broken, held } = stage();
    broken.add(what);
    for (let number = 0; number < 1_500; number += 1) {
      const token = await held(`a${number}`);
      await expect(claims[what](`a${number}`, token)).rejects.toThrow();
    }
    // A commit that is tried again is also renewed meanwhile.
    expect(clock.pendingTimers).toBe(what === 'commit' ? 2_000 : 1_000);
    broken.clear();
    await clock.advance(1_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a commit that fails for a moment', () => {
  it('does not let the claim expire before the store has been told', async () => {
    const { clock, claims, broken, held, stateOf } = stage();
    const token = await held('a');
    broken.add('commit');
    await expect(claims.commit('a', token)).rejects.toThrow();
    await clock.advance(2 * LEASE_MS);
    expect(await stateOf('a')).toBe('in_progress');
    broken.clear();
    await clock.advance(2 * LEASE_MS);
    expect(await stateOf('a')).toBe('done');
  });
});
