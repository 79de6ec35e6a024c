import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { type Claim, MemoryDedupeStore } from '../../src/stores/index.js';
import { VirtualClock } from '../support/virtual-clock.js';

const OPTIONS = { leaseMs: 1_000, rememberMs: 10_000, capacity: 3 };

function stage(options: Partial<typeof OPTIONS> = {}) {
  const clock = new VirtualClock();
  return { clock, store: new MemoryDedupeStore({ ...OPTIONS, ...options, clock }) };
}

/** Claims, and gives the token; fails when there is none to be had. */
async function claimed(store: MemoryDedupeStore, key: string): Promise<string> {
  const claim = await store.claim(key);
  if (claim.state !== 'claimed') throw new Error(`${key} is ${claim.state}`);
  return claim.token;
}

async function handled(store: MemoryDedupeStore, key: string): Promise<void> {
  await store.commit(key, await claimed(store, key));
}

const states = (claims: readonly Claim[]) => claims.map(({ state }) => state);

describe('MemoryDedupeStore', () => {
  it('gives a claim to one of any number that ask at once', async () => {
    const { store } = stage();
    const claims = await Promise.all(Array.from({ length: 50 }, () => store.claim('a')));
    expect(states(claims).sort()).toEqual(['claimed', ...Array(49).fill('in_progress')]);
  });

  it('keeps keys apart, whatever they are called', async () => {
    const { store } = stage();
    for (const key of ['', '__proto__', 'constructor', 'a', 'A']) await claimed(store, key);
    expect(states(await Promise.all([store.claim('__proto__'), store.claim('toString')]))).toEqual([
      'in_progress',
      'claimed',
    ]);
  });

  it('says done after a commit, and gives the claim again after a release', async () => {
    const { store } = stage();
    await handled(store, 'a');
    expect(await store.claim('a')).toEqual({ state: 'done' });
    await store.release('b', await claimed(store, 'b'));
    expect((await store.claim('b')).state).toBe('claimed');
  });

  it('lets a claim go that is held longer than the lease', async () => {
    const { clock, store } = stage();
    await claimed(store, 'a');
    await clock.advance(999);
    expect((await store.claim('a')).state).toBe('in_progress');
    await clock.advance(1);
    expect((await store.claim('a')).state).toBe('claimed');
  });

  it('says how long a claim holds, and holds it longer when it is renewed', async () => {
    const { clock, store } = stage();
    const claim = await store.claim('a');
    expect(claim).toEqual({ state: 'claimed', token: expect.any(String), leaseMs: 1_000 });
    const token = claim.state === 'claimed' ? claim.token : '';
    await clock.advance(900);
    await store.renew('a', token);
    await clock.advance(999);
    // Claims of other keys sweep the expired ones out.
    await claimed(store, 'other');
    expect((await store.claim('a')).state).toBe('in_progress');
    await clock.advance(1);
    expect((await store.claim('a')).state).toBe('claimed');
  });

  it('renews nothing for who does not hold it', async () => {
    const { clock, store } = stage();
    const first = await claimed(store, 'a');
    await clock.advance(1_000);
    const second = await claimed(store, 'a');
    await clock.advance(500);
    await store.renew('a', first);
    await store.renew('never claimed', first);
    await clock.advance(500);
    expect((await store.claim('a')).state).toBe('claimed');
    await handled(store, 'b');
    await store.renew('b', second);
    expect(await store.claim('b')).toEqual({ state: 'done' });
    expect((await store.claim('never claimed')).state).toBe('claimed');
  });

  it('gives every claim a token of its own', async () => {
    const { clock, store } = stage();
    const tokens = [await claimed(store, 'a'), await claimed(store, 'b')];
    await clock.advance(1_000);
    tokens.push(await claimed(store, 'a'));
    expect(new Set(tokens).size).toBe(3);
  });

  it('lets the holder of an expired claim change nothing once somebody else holds it', async () => {
    const { clock, store } = stage();
    const first = await claimed(store, 'a');
    await clock.advance(1_000);
    const second = await claimed(store, 'a');
    await store.commit('a', first);
    expect((await store.claim('a')).state).toBe('in_progress');
    await store.release('a', first);
    expect((await store.claim('a')).state).toBe('in_progress');
    await store.commit('a', second);
    expect((await store.claim('a')).state).toBe('done');
    await store.release('a', second);
    expect((await store.claim('a')).state).toBe('done');
  });

  it('remembers what was handled after the lease had expired, when nobody had taken it over', async () => {
    const { clock, store } = stage();
    const slow = await claimed(store, 'slow');
    await clock.advance(1_000);
    // Claims of other keys sweep the expired ones out.
    await claimed(store, 'other');
    await store.commit('slow', slow);
    expect((await store.claim('slow')).state).toBe('done');
  });

  it('does not remember anything longer because it is committed twice', async () => {
    const { clock, store } = stage();
    const token = await claimed(store, 'a');
    await store.commit('a', token);
    await clock.advance(9_000);
    await store.commit('a', token);
    await clock.advance(1_000);
    expect((await store.claim('a')).state).toBe('claimed');
  });

  it('remembers what was handled as long as it is told to', async () => {
    const { clock, store } = stage();
    await handled(store, 'a');
    await clock.advance(9_999);
    expect((await store.claim('a')).state).toBe('done');
    await clock.advance(1);
    expect((await store.claim('a')).state).toBe('claimed');
  });

  it('forgets the oldest first when more is handled than it may keep', async () => {
    const { store } = stage();
    for (const key of ['a', 'b', 'c', 'd']) await handled(store, key);
    const again = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.claim(key)));
    expect(states(again)).toEqual(['claimed', 'done', 'done', 'done']);
  });

  it('keeps no more than its capacity and what is claimed, however much passes through', async () => {
    const { clock, store } = stage({ capacity: 100 });
    for (let number = 0; number < 10_000; number += 1) {
      await handled(store, `handled ${number}`);
      await claimed(store, `abandoned ${number}`);
      if (number % 100 === 0) await clock.advance(100);
    }
    // Claims are held for a second, in which 1,000 are made.
    expect(store.size).toBeLessThanOrEqual(100 + 1_000);
    await clock.advance(100_000);
    await claimed(store, 'the last');
    expect(store.size).toBe(1);
  });

  it('takes its time from a clock that does not jump', async () => {
    const { clock, store } = stage();
    await handled(store, 'a');
    clock.shiftWall(365 * 86_400_000);
    expect((await store.claim('a')).state).toBe('done');
  });

  it('keeps a day, and a claim ten minutes, unless told otherwise', async () => {
    const clock = new VirtualClock();
    const store = new MemoryDedupeStore({ clock });
    await handled(store, 'handled');
    await claimed(store, 'claimed');
    await clock.advance(599_999);
    expect((await store.claim('claimed')).state).toBe('in_progress');
    await clock.advance(1);
    expect((await store.claim('claimed')).state).toBe('claimed');
    await clock.advanceTo(86_399_999);
    expect((await store.claim('handled')).state).toBe('done');
    await clock.advanceTo(86_400_000);
    expect((await store.claim('handled')).state).toBe('claimed');
  });

  it('leaves no timer behind', async () => {
    const { clock, store } = stage();
    await handled(store, 'a');
    await claimed(store, 'b');
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    [{ leaseMs: 0 }, 'leaseMs'],
    [{ rememberMs: Number.NaN }, 'rememberMs'],
    [{ capacity: 1.5 }, 'capacity'],
    [{ capacity: Number.POSITIVE_INFINITY }, 'capacity'],
    [{ ttl: 5 }, 'ttl'],
  ])('refuses %o, and names it', (options, field) => {
    const attempt = () => new MemoryDedupeStore(options as object);
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(expect.objectContaining({ field }));
  });
});
