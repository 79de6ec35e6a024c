import { describe, expect, it } from 'vitest';
import { type CursorStore, MemoryStore, type StoredCursor } from '../../../src/stores/index.js';
import { answer } from '../catchup/answers.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

function cursor(conversationId: string, extra: Partial<StoredCursor> = {}): StoredCursor {
  return { conversationId, expected: 10, floor: 1, missing: [], parked: [], ...extra };
}

function parked(...seqs: number[]): StoredCursor['parked'] {
  return seqs.map((seq) => ({ seq, id: `a${seq}`, times: 1 }));
}

/** A bot that comes back after a crash: its store knows these conversations, of which nothing is heard. */
async function restarted(
  store: CursorStore | readonly StoredCursor[],
  options: ConstructorParameters<typeof EngineRig>[0] = {},
): Promise<EngineRig> {
  const rig = new EngineRig({
    store: Array.isArray(store) ? await filled(store) : (store as CursorStore),
    ...options,
  });
  rig.source.history = Array.from({ length: 9 }, (_, i) => message(i + 1));
  await rig.hello();
  return rig;
}

async function filled(cursors: readonly StoredCursor[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.save(cursors);
  return store;
}

describe('HND-1: parked messages of a conversation that stays silent after a restart', () => {
  it('are fetched again on their schedule, though nothing reminds us of the conversation', async () => {
    const store = await filled([cursor('conv_a', { parked: parked(4) })]);
    const rig = await restarted(store);
    await rig.clock.advance(59_000);
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a4']);
    expect(rig.contexts.get('a4')).toMatchObject({ late: true, redelivered: true });
    expect(rig.acked).toEqual(['a4']);
    expect(await store.load('conv_a')).toEqual(cursor('conv_a'));
    expect(await store.unfinished()).toEqual([]);
  });

  it('are parked once more where their handler keeps failing, later each time', async () => {
    const store = await filled([cursor('conv_a', { parked: parked(4) })]);
    const handler = () => {
      throw new Error('on purpose');
    };
    const rig = await restarted(store, { handlerRetry: { retries: 0 }, handler });
    await rig.clock.advance(61_000);
    expect(await store.unfinished()).toMatchObject([{ parked: [{ seq: 4, times: 2 }] }]);
    await rig.clock.advance(118_000);
    expect(rig.source.count('getMessages')).toBe(1);
    await rig.clock.advance(2_000);
    expect(rig.source.count('getMessages')).toBe(2);
  });

  it('are fetched once, also when the conversation speaks meanwhile', async () => {
    const rig = await restarted([cursor('conv_a', { parked: parked(4) })]);
    rig.source.history.push(message(10));
    await rig.frame(message(10));
    await rig.clock.advance(300_000);
    expect(rig.handled).toEqual(['a10', 'a4']);
    expect(rig.source.count('getMessages')).toBe(1);
  });

  it('are not parked any more when they are gone from history: nothing is left to fetch', async () => {
    const store = await filled([cursor('conv_a', { parked: parked(4) })]);
    const rig = await restarted(store);
    rig.source.history = [message(5)];
    await rig.clock.advance(62_000);
    expect(rig.handled).toEqual([]);
    expect(rig.gaps).toEqual([]);
    expect(await store.unfinished()).toEqual([]);
  });

  it('are missing when history refuses them: named, remembered, and delivered late if they come (GAP-3)', async () => {
    const store = await filled([cursor('conv_a', { parked: parked(4) })]);
    const rig = await restarted(store);
    rig.source.next('getMessages', () => Promise.reject(answer(404)));
    await rig.clock.advance(62_000);
    expect(rig.handled).toEqual([]);
    const missing = [{ from: 4, to: 4 }];
    expect(rig.gaps).toMatchObject([{ conversationId: 'conv_a', reason: 'gap_fill_failed', missing }]);
    expect(await store.unfinished()).toEqual([cursor('conv_a', { missing })]);
    await rig.frame(message(4));
    expect(rig.handled).toEqual(['a4']);
    expect(rig.acked).toEqual(['a4']);
  });

  it('wait for the next life when the client stops first', async () => {
    const rig = await restarted([cursor('conv_a', { parked: parked(4) })]);
    await rig.clock.advance(1_000);
    await rig.stop();
    await rig.clock.advance(3_600_000);
    expect(rig.source.count('getMessages')).toBe(0);
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a4']);
  });
});

describe('GAP-3: what was given up before a restart', () => {
  it('is delivered late when it comes, and struck out of the store', async () => {
    const store = await filled([cursor('conv_a', { missing: [{ from: 5, to: 6 }] })]);
    const rig = await restarted(store);
    await rig.frame(message(6), message(7));
    expect(rig.handled).toEqual(['a6']);
    expect(rig.contexts.get('a6')).toMatchObject({ late: true });
    expect(rig.acked).toEqual(['a6', 'a7']);
    expect(await store.unfinished()).toEqual([cursor('conv_a', { missing: [{ from: 5, to: 5 }] })]);
  });

  it('costs no request as long as it does not', async () => {
    const rig = await restarted([cursor('conv_a', { missing: [{ from: 5, to: 6 }] })]);
    await rig.clock.advance(3_000);
    expect(rig.source.count('getMessages')).toBe(0);
  });
});

describe('HND-1: a store is asked for what is unfinished', () => {
  class Counting extends MemoryStore {
    asked = 0;
    loads = 0;
    readonly instead: (() => Promise<never>)[] = [];
    override unfinished() {
      this.asked += 1;
      return this.instead.shift()?.() ?? super.unfinished();
    }
    override load(id: string) {
      this.loads += 1;
      return super.load(id);
    }
  }

  it('once, after the first connect, and each conversation that it gives needs no load of its own', async () => {
    const store = new Counting();
    await store.save([cursor('conv_a', { parked: parked(4) }), cursor('conv_b')]);
    const rig = await restarted(store);
    await rig.lost();
    await rig.hello();
    await rig.frame(message(10), message(10, 'conv_b'));
    expect(store.asked).toBe(1);
    expect(store.loads).toBe(1);
    expect(rig.handled).toEqual(['a10', 'b10']);
  });

  it('not before it has connected', async () => {
    const store = new Counting();
    const rig = new EngineRig({ store });
    await rig.clock.advance(60_000);
    expect(store.asked).toBe(0);
  });

  it('is done without where it cannot list', async () => {
    const inner = await filled([cursor('conv_a', { parked: parked(4) })]);
    const store: CursorStore = { load: (id) => inner.load(id), save: (cursors) => inner.save(cursors) };
    const rig = await restarted(store);
    await rig.clock.advance(70_000);
    expect(rig.handled).toEqual([]);
    expect(rig.errors).toEqual([]);
    // The next message of the conversation brings it back, as before.
    await rig.frame(message(10));
    await rig.clock.advance(61_000);
    expect(rig.handled).toEqual(['a10', 'a4']);
  });

  it.each([
    ['fails', () => Promise.reject(Object.create(null))],
    [
      'throws',
      () => {
        throw new Error('at once');
      },
    ],
    ['hangs', () => new Promise<never>(() => {})],
    ['gives no list', () => Promise.resolve({ cursors: [] } as never)],
  ])('again when it %s, with a report, and nothing waits for it', async (_name, instead) => {
    const store = new Counting();
    await store.save([cursor('conv_a', { parked: parked(4) })]);
    store.instead.push(instead as () => Promise<never>);
    const rig = await restarted(store);
    await rig.frame(message(1, 'conv_b'));
    expect(rig.handled).toEqual(['b1']);
    await rig.clock.advance(90_000);
    expect(store.asked).toBe(2);
    expect(rig.errors).toMatchObject([{ code: 'STORE_FAILED' }]);
    expect(rig.handled).toEqual(['b1', 'a4']);
  });

  it('again in the next life when the client stopped before it had answered (STOP-1)', async () => {
    const store = new Counting();
    await store.save([cursor('conv_a', { parked: parked(4) })]);
    store.instead.push(() => new Promise<never>(() => {}));
    const rig = await restarted(store);
    await rig.stop();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(61_000);
    expect(store.asked).toBe(2);
    expect(rig.handled).toEqual(['a4']);
    expect(rig.errors).toEqual([]);
  });

  it.each([
    ['junk', [null, undefined, 7, 'x', [], {}, { conversationId: 7 }, { conversationId: 'conv_b' }]],
    [
      'positions that are none',
      [-1, 1.5, '10', 2 ** 53, Number.NaN].map((expected) => ({ ...cursor('conv_b'), expected })),
    ],
    ['entries that are none', [{ ...cursor('conv_b'), parked: [null, 7, { seq: 'x' }], missing: 'all' }]],
    [
      'what throws when it is looked at',
      [
        new Proxy(cursor('conv_b'), {
          get: () => {
            throw new Error('on purpose');
          },
        }),
      ],
    ],
  ])('and the good cursors between %s are used', async (_name, junk) => {
    const good = cursor('conv_a', { parked: parked(4) });
    const store: CursorStore = {
      load: () => Promise.resolve(null),
      save: () => Promise.resolve(),
      unfinished: () => Promise.resolve([...junk, good] as StoredCursor[]),
    };
    const rig = await restarted(store);
    await rig.clock.advance(61_000);
    expect(rig.handled).toEqual(['a4']);
    expect(rig.errors).toEqual([]);
  });

  it('and a cursor that changed while it was listing is left alone: the list may be older', async () => {
    const store = new Counting();
    await store.save([cursor('conv_a', { expected: 3, parked: parked(1) })]);
    const list = await store.unfinished();
    let release = () => {};
    store.instead.push(
      () =>
        new Promise<never>((resolve) => {
          release = () => resolve(list as never);
        }),
    );
    // What is touched meanwhile is driven out of memory by others before the answer comes.
    const rig = new EngineRig({ store, bounds: { idleConversations: 1 } });
    rig.source.history = Array.from({ length: 9 }, (_, i) => message(i + 1));
    await rig.hello();
    await store.save([cursor('conv_a', { expected: 3 })]);
    await rig.frame(message(3), message(4));
    for (const id of ['conv_b', 'conv_c', 'conv_d']) await rig.frame(message(1, id));
    expect(rig.engine.order.conversations.get('conv_a')).toBeUndefined();
    release();
    await rig.clock.advance(120_000);
    await rig.frame(message(4));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a3', 'a4', 'b1', 'c1', 'd1']);
  });

  it('up to the bounds: nothing that a store gives takes more memory', async () => {
    const many = Array.from({ length: 500 }, (_, i) =>
      cursor(`conv_${i}`, {
        expected: 1_000_000,
        missing: Array.from({ length: 10 }, (_each, n) => ({ from: 2 * n + 1, to: 2 * n + 1 })),
        parked: parked(100, 101, 102),
      }),
    );
    const store: CursorStore = {
      load: () => Promise.resolve(null),
      save: () => Promise.resolve(),
      unfinished: () => Promise.resolve(many),
    };
    const rig = await restarted(store, { bounds: { missing: 20, parked: 10 } });
    const { register, conversations } = rig.engine.order;
    expect(register.missingTotal).toBe(20);
    expect(register.parkedTotal).toBe(10);
    expect(conversations.size).toBeLessThanOrEqual(30);
    expect(conversations.busy.size).toBeLessThanOrEqual(30);
    await rig.clock.advance(120_000);
    expect(rig.source.count('getMessages')).toBeLessThanOrEqual(20);
  });
});
