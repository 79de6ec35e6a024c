import { describe, expect, it } from 'vitest';
import {
  type Claim,
  Claims,
  type DedupeStore,
  MemoryDedupeStore,
  messageClaimKey,
} from '../../../src/stores/index.js';
import { DeliveryRig } from './delivery-rig.js';

/** The lanes over a dedupe store that somebody else uses, too. */
function world(broken: Partial<DedupeStore> = {}) {
  const notes: string[] = [];
  // The rig makes the clock that the store needs.
  const parts: { claims?: Claims } = {};
  const claiming = {
    get clock() {
      return rig.clock;
    },
    get claims() {
      return parts.claims as Claims;
    },
    onDuplicate: () => notes.push('duplicate'),
    onError: ({ code }: { code: string }) => notes.push(code),
  };
  const rig: DeliveryRig = new DeliveryRig({
    claiming,
    handlerRetry: { retries: 1, minDelayMs: 500, maxDelayMs: 10_000 },
  });
  const memory = new MemoryDedupeStore({ clock: rig.clock, leaseMs: 60_000 });
  const store: DedupeStore = {
    claim: (key) => (broken.claim ?? memory.claim.bind(memory))(key),
    commit: (key, token) => (broken.commit ?? memory.commit.bind(memory))(key, token),
    release: (key, token) => (broken.release ?? memory.release.bind(memory))(key, token),
  };
  parts.claims = new Claims(store, rig.clock);
  return { rig, memory, notes, broken };
}

const stateOf = async (store: DedupeStore, id: string): Promise<Claim['state']> => {
  const claim = await store.claim(messageClaimKey(id));
  if (claim.state === 'claimed') await store.release(messageClaimKey(id), claim.token);
  return claim.state;
};

describe('a message that may come in two ways', () => {
  it('is claimed before its handler, and committed before it counts as handled', async () => {
    const { rig, memory } = world();
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.settle();
    expect(await stateOf(memory, 'a1')).toBe('in_progress');
    await rig.finish('a1');
    expect(rig.handled).toEqual(['a1']);
    expect(await stateOf(memory, 'a1')).toBe('done');
  });

  it('counts as handled when somebody else has handled it: no handler sees it', async () => {
    const { rig, memory, notes } = world();
    const claim = await memory.claim(messageClaimKey('a1'));
    if (claim.state === 'claimed') await memory.commit(messageClaimKey('a1'), claim.token);
    rig.handlers(rig.manual);
    rig.push('a1', 'a2');
    await rig.clock.settle();
    expect(rig.started).toEqual(['a2']);
    expect(rig.handled).toEqual(['a1']);
    expect(notes).toEqual(['duplicate']);
  });

  it('ORD-1: waits while somebody else is at it, and its conversation with it; others go on', async () => {
    const { rig, memory } = world();
    const claim = await memory.claim(messageClaimKey('a1'));
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'b1');
    await rig.clock.advance(10_000);
    expect(rig.started).toEqual(['b1']);
    if (claim.state === 'claimed') await memory.commit(messageClaimKey('a1'), claim.token);
    await rig.clock.advance(16_000);
    expect(rig.started).toEqual(['b1', 'a2']);
  });

  it('is handled here when whoever had claimed it failed, or died over it', async () => {
    const { rig, memory } = world();
    await memory.claim(messageClaimKey('a1'));
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.advance(59_000);
    expect(rig.started).toEqual([]);
    await rig.clock.advance(20_000);
    expect(rig.started).toEqual(['a1']);
  });

  it('HND-1: is released when its handler fails, and claimed again for the retry', async () => {
    const { rig, memory } = world();
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.settle();
    rig.call('a1').fail();
    await rig.clock.settle();
    expect(await stateOf(memory, 'a1')).toBe('claimed');
    await rig.clock.advance(1_000);
    await rig.finish('a1');
    expect(rig.errors.map(({ attempt }) => attempt)).toEqual([1]);
    expect(rig.handled).toEqual(['a1']);
  });

  it('HND-1: calls again only the handlers that failed', async () => {
    const { rig } = world();
    const calls: string[] = [];
    rig.handlers(
      () => calls.push('good'),
      () => {
        calls.push('bad');
        if (calls.length === 2) throw new Error('on purpose');
      },
    );
    rig.push('a1');
    await rig.clock.advance(2_000);
    expect(calls).toEqual(['good', 'bad', 'bad']);
    expect(rig.handled).toEqual(['a1']);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['hangs', () => new Promise<never>(() => {})],
    ['answers nonsense', () => Promise.resolve(null as never)],
  ])('waits while the store %s, says so, and goes on when it works again', async (_, claim) => {
    const { rig, notes, broken } = world({ claim });
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.advance(20_000);
    expect(rig.started).toEqual([]);
    expect(notes).toContain('STORE_FAILED');
    delete broken.claim;
    await rig.clock.advance(30_000);
    expect(rig.started).toEqual(['a1']);
  });

  it('counts as handled although the store fails to commit: its handlers have succeeded', async () => {
    const { rig, notes } = world({ commit: () => Promise.reject(new Error('down')) });
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.settle();
    await rig.finish('a1');
    expect(rig.handled).toEqual(['a1']);
    expect(notes).toEqual(['STORE_FAILED']);
  });

  it('STOP-1: a lane that waits for somebody else lets a stop go by at once, and goes on in the next life', async () => {
    const { rig, memory } = world();
    const claim = await memory.claim(messageClaimKey('a1'));
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.settle();
    rig.delivery.stop();
    await rig.delivery.whenIdle();
    rig.delivery.abandon();
    expect(rig.clock.pendingForegroundTimers).toBe(0);
    if (claim.state === 'claimed') await memory.release(messageClaimKey('a1'), claim.token);
    rig.delivery.restart();
    rig.delivery.setOpen(true);
    await rig.clock.settle();
    expect(rig.started).toEqual(['a1']);
  });

  it('STOP-1: a claim that arrives after the stop is given back, and no handler starts', async () => {
    let answer: (claim: Claim) => void = () => {};
    const released: string[] = [];
    const { rig } = world({
      claim: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      release: async (_key, token) => void released.push(token),
    });
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.settle();
    rig.delivery.stop();
    answer({ state: 'claimed', token: 't1' });
    await rig.clock.settle();
    expect(rig.started).toEqual([]);
    expect(released).toEqual(['t1']);
  });
});
