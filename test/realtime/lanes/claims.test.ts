import { describe, expect, it } from 'vitest';
import type { MessageIterator } from '../../../src/realtime/index.js';
import type { TimeSlice } from '../../../src/realtime/lanes/time-slice.js';
import {
  type Claim,
  Claims,
  type DedupeStore,
  MemoryDedupeStore,
  messageClaimKey,
} from '../../../src/stores/index.js';
import { message } from '../catchup/engine-rig.js';
import { LanesRig } from './lanes-rig.js';
import { LoopRig } from './loop-rig.js';

type RigOptions = NonNullable<ConstructorParameters<typeof LanesRig>[0]>;

/** The lanes over a dedupe store that somebody else uses, too. */
function world(broken: Partial<DedupeStore> = {}, options: RigOptions = {}) {
  const notes: string[] = [];
  // The rig makes the clock that the store needs.
  const parts: { claims?: Claims } = {};
  const claiming = (slice: TimeSlice) => ({
    slice,
    get clock() {
      return rig.clock;
    },
    get claims() {
      return parts.claims as Claims;
    },
    onDuplicate: () => notes.push('duplicate'),
    onError: ({ code }: { code: string }) => notes.push(code),
  });
  const rig: LanesRig = new LanesRig({
    claiming,
    handlerRetry: { retries: 1, minDelayMs: 500, maxDelayMs: 10_000 },
    ...options,
  });
  const memory = new MemoryDedupeStore({ clock: rig.clock, leaseMs: 60_000 });
  const store: DedupeStore = {
    claim: (key) => (broken.claim ?? memory.claim.bind(memory))(key),
    commit: (key, token) => (broken.commit ?? memory.commit.bind(memory))(key, token),
    release: (key, token) => (broken.release ?? memory.release.bind(memory))(key, token),
    renew: (key, token) => memory.renew(key, token),
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

  it('does not wait long for somebody who does not take long', async () => {
    const { rig, memory } = world();
    const claim = await memory.claim(messageClaimKey('a1'));
    rig.handlers(rig.manual);
    rig.push('a1', 'a2');
    await rig.clock.advance(1);
    if (claim.state === 'claimed') await memory.commit(messageClaimKey('a1'), claim.token);
    await rig.clock.advance(50);
    expect(rig.started).toEqual(['a2']);
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

  it('stays claimed however long its handler takes', async () => {
    const { rig, memory } = world();
    rig.handlers(rig.manual);
    rig.push('a1');
    await rig.clock.advance(3_600_000);
    expect(await stateOf(memory, 'a1')).toBe('in_progress');
    await rig.finish('a1');
    expect(await stateOf(memory, 'a1')).toBe('done');
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
    rig.stop();
    await rig.lanes.slots.whenIdle();
    rig.lanes.abandon();
    expect(rig.clock.pendingForegroundTimers).toBe(0);
    if (claim.state === 'claimed') await memory.release(messageClaimKey('a1'), claim.token);
    rig.restart();
    rig.lanes.setOpen(true);
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
    rig.stop();
    answer({ state: 'claimed', token: 't1' });
    await rig.clock.settle();
    expect(rig.started).toEqual([]);
    expect(released).toEqual(['t1']);
  });
});

describe('a message that has failed for good', () => {
  const letters = (handle: (id: string) => unknown) => ({
    onDeadLetter: ({ payload }: { payload: { id: string } }) => handle(payload.id),
  });
  const fail = () => {
    throw new Error('on purpose');
  };

  it('HND-1: is done when its letter was taken, so that it is not handled when it also comes by webhook', async () => {
    const taken: string[] = [];
    const { rig, memory } = world(
      {},
      letters((id) => taken.push(id)),
    );
    rig.handlers(fail);
    rig.push('a1');
    await rig.clock.advance(2_000);
    expect([taken, rig.handled]).toEqual([['a1'], ['a1']]);
    expect(await stateOf(memory, 'a1')).toBe('done');
  });

  it('is claimed while its letter is taken', async () => {
    const { rig, memory } = world(
      {},
      letters(() => new Promise(() => {})),
    );
    rig.handlers(fail);
    rig.push('a1');
    await rig.clock.advance(2_000);
    expect(await stateOf(memory, 'a1')).toBe('in_progress');
  });

  it('HND-1: needs no letter when somebody else has handled it after all', async () => {
    const taken: string[] = [];
    const { rig, memory, notes, broken } = world(
      {},
      letters((id) => taken.push(id)),
    );
    rig.handlers(fail);
    let claims = 0;
    broken.claim = async (key) => {
      claims += 1;
      // Between the last attempt and the letter.
      if (claims === 3) {
        const theirs = await memory.claim(key);
        if (theirs.state === 'claimed') await memory.commit(key, theirs.token);
      }
      return memory.claim(key);
    };
    rig.push('a1');
    await rig.clock.advance(5_000);
    expect([taken, notes, rig.handled]).toEqual([[], ['duplicate'], ['a1']]);
  });

  it('HND-1: is released, and parked, when its letter fails, too', async () => {
    const { rig, memory } = world({}, letters(fail));
    rig.handlers(fail);
    rig.push('a1');
    await rig.clock.advance(2_000);
    expect(rig.log).toContain('parked a1');
    expect(await stateOf(memory, 'a1')).toBe('claimed');
  });

  it('STOP-1: waits for the next life when the stop comes while its letter is being claimed', async () => {
    const taken: string[] = [];
    const { rig, broken } = world(
      {},
      letters((id) => taken.push(id)),
    );
    const { memory } = world();
    let claims = 0;
    broken.claim = (key) => {
      claims += 1;
      return claims === 3 ? new Promise(() => {}) : memory.claim(key);
    };
    broken.release = (key, token) => memory.release(key, token);
    rig.handlers(fail);
    rig.push('a1');
    await rig.clock.advance(2_000);
    rig.stop();
    await rig.clock.advance(10_000);
    await rig.lanes.slots.whenIdle();
    expect([taken, rig.handled]).toEqual([[], []]);
    rig.lanes.abandon();
    rig.restart();
    rig.lanes.setOpen(true);
    await rig.clock.advance(10_000);
    expect([taken, rig.handled]).toEqual([['a1'], ['a1']]);
  });
});

/** A client whose messages are claimed when the test lets them. */
async function claimingClient() {
  const memory = new MemoryDedupeStore();
  const asked: string[] = [];
  let gate: Promise<void> | null = null;
  const dedupe: DedupeStore = {
    async claim(key) {
      asked.push(`claim ${key.slice('message.new:'.length)}`);
      await gate;
      return memory.claim(key);
    },
    commit: (key, token) => memory.commit(key, token),
    release: (key, token) => memory.release(key, token),
  };
  const rig = new LoopRig({ dedupe });
  await rig.connected();
  /** Claims wait from now on; returns what lets them go on. */
  const hold = () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return async () => {
      gate = null;
      open();
      await rig.clock.settle();
    };
  };
  return { rig, memory, asked, hold };
}

describe('whoever takes messages, while one is being claimed', () => {
  it('HND-1: may leave the loop: the message waits for the next one, unseen', async () => {
    const { rig, memory, hold } = await claimingClient();
    const letGo = hold();
    const loop = rig.client.messages();
    const asked = await rig.ask(loop);
    await rig.frame(message(1));
    await loop.return();
    await letGo();
    expect(asked.outcome).toBe('done');
    expect([rig.client.counters.handled, rig.acked]).toEqual([0, []]);
    expect(await stateOf(memory, 'a1')).toBe('claimed');
    const next = await rig.ask(rig.client.messages());
    expect(next.id).toBe('a1');
    expect(next.event.context).toMatchObject({ redelivered: false, attempt: 1 });
  });

  it('HND-1: may turn from a loop to a handler', async () => {
    const { rig, hold } = await claimingClient();
    const letGo = hold();
    const loop = rig.client.messages();
    await rig.ask(loop);
    await rig.frame(message(1));
    await loop.return();
    const handled: string[] = [];
    rig.client.on('message.new', ({ payload }) => handled.push(payload.id));
    await letGo();
    expect(handled).toEqual(['a1']);
    expect(rig.acked).toEqual(['a1']);
  });

  it('HND-1: may remove its handler, which is not called any more', async () => {
    const { rig, hold } = await claimingClient();
    const letGo = hold();
    const handled: string[] = [];
    const off = rig.client.on('message.new', ({ payload }) => handled.push(`first ${payload.id}`));
    await rig.frame(message(1));
    off();
    await letGo();
    expect([handled, rig.acked]).toEqual([[], []]);
    rig.client.on('message.new', ({ payload }, { redelivered }) =>
      handled.push(`second ${payload.id} ${redelivered}`),
    );
    await rig.clock.settle();
    expect([handled, rig.acked]).toEqual([['second a1 false'], ['a1']]);
  });

  it('BP-1: has no more claimed than it has asked for', async () => {
    const { rig, asked } = await claimingClient();
    const loop = rig.client.messages();
    await rig.frame(message(1, 'conv_a'), message(1, 'conv_b'), message(1, 'conv_c'));
    expect((await rig.ask(loop)).id).toBe('a1');
    expect(asked).toEqual(['claim a1']);
    const second = await rig.ask(loop);
    expect([second.id, second.event.context.redelivered]).toEqual(['b1', false]);
    expect(asked).toEqual(['claim a1', 'claim b1']);
  });

  it('is asked again at once when the message turns out to be done', async () => {
    const { rig, memory, hold } = await claimingClient();
    const claim = await memory.claim(messageClaimKey('a1'));
    if (claim.state === 'claimed') await memory.commit(messageClaimKey('a1'), claim.token);
    const letGo = hold();
    const asked = await rig.ask(rig.client.messages());
    await rig.frame(message(1, 'conv_a'), message(1, 'conv_b'));
    await letGo();
    expect(asked.id).toBe('b1');
    expect(rig.client.counters.duplicates).toBe(1);
  });

  it('is given what is being claimed before it hears that the service has refused the client', async () => {
    const { rig, hold } = await claimingClient();
    const letGo = hold();
    const loop = rig.client.messages();
    const asked = await rig.ask(loop);
    await rig.frame(message(1));
    rig.network.last.end({ code: 4401, reason: 'unauthorized' });
    await rig.clock.settle();
    expect(asked.outcome).toBe('waiting');
    await letGo();
    expect(asked.id).toBe('a1');
    expect((await rig.ask(loop)).outcome).toBe('rejected');
  });

  it('hears of the refusal when what was being claimed is not given', async () => {
    const { rig, memory, hold } = await claimingClient();
    const claim = await memory.claim(messageClaimKey('a1'));
    if (claim.state === 'claimed') await memory.commit(messageClaimKey('a1'), claim.token);
    const letGo = hold();
    const asked = await rig.ask(rig.client.messages());
    await rig.frame(message(1));
    rig.network.last.end({ code: 4401, reason: 'unauthorized' });
    await letGo();
    expect(asked.outcome).toBe('rejected');
  });
});

describe('ack() after the loop was left', () => {
  const left = async (loop: MessageIterator, rig: LoopRig) => {
    const { event } = await rig.ask(loop);
    await loop.return();
    return event;
  };

  it.each(['at once', 'later'])(
    'is remembered, so that the message is not handled by webhook (%s)',
    async (when) => {
      const { rig, memory } = await claimingClient();
      const loop = rig.client.messages();
      await rig.frame(message(1));
      const event = await left(loop, rig);
      if (when === 'later') await rig.clock.settle();
      event.ack();
      await rig.clock.settle();
      expect(await stateOf(memory, 'a1')).toBe('done');
      expect([rig.acked, rig.client.counters.handled]).toEqual([['a1'], 1]);
    },
  );

  it('leaves a message alone that somebody else has claimed since', async () => {
    const { rig, memory } = await claimingClient();
    const loop = rig.client.messages();
    await rig.frame(message(1));
    const event = await left(loop, rig);
    await rig.clock.settle();
    const theirs = await memory.claim(messageClaimKey('a1'));
    event.ack();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
    if (theirs.state === 'claimed') await memory.release(messageClaimKey('a1'), theirs.token);
    expect(await stateOf(memory, 'a1')).toBe('claimed');
  });
});
