import { describe, expect, it } from 'vitest';
import { TIMING } from '../../../src/realtime/bounds.js';
import { type CursorStore, MemoryStore, type StoredCursor } from '../../../src/stores/index.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

interface Write {
  readonly cursors: readonly StoredCursor[];
  /** The database has it now; nobody is told. */
  land(): void;
  /** The promise fulfils. */
  answer(): void;
  fail(): void;
}

/** A store whose every write lands and answers when the test says so: a slow database behind a pool of connections. */
class SlowStore implements CursorStore {
  readonly stored = new Map<string, StoredCursor>();
  readonly writes: Write[] = [];
  underWay = 0;
  mostUnderWay = 0;
  /** While set, writes land and answer by themselves. */
  prompt = false;

  load(id: string): Promise<StoredCursor | null> {
    return Promise.resolve(this.stored.get(id) ?? null);
  }

  save(cursors: readonly StoredCursor[]): Promise<void> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    return new Promise((resolve, reject) => {
      const settled = () => {
        this.underWay -= 1;
      };
      const write: Write = {
        cursors,
        land: () => {
          for (const cursor of cursors) this.stored.set(cursor.conversationId, cursor);
        },
        answer: () => {
          settled();
          resolve();
        },
        fail: () => {
          settled();
          reject(new Error('connection lost'));
        },
      };
      this.writes.push(write);
      if (!this.prompt) return;
      write.land();
      write.answer();
    });
  }

  at(index: number): Write {
    const write = this.writes.at(index);
    if (write === undefined) throw new Error(`no write ${index}`);
    return write;
  }

  expected(id = 'conv_a'): number | undefined {
    return this.stored.get(id)?.expected;
  }
}

async function started(store: CursorStore): Promise<EngineRig> {
  const rig = new EngineRig({ store });
  await rig.hello();
  return rig;
}

/** A rig whose first write gives no answer, with what came since. */
async function stuck(): Promise<{ rig: EngineRig; store: SlowStore }> {
  const store = new SlowStore();
  const rig = await started(store);
  await rig.frame(message(1));
  await rig.frame(message(2), message(3));
  return { rig, store };
}

describe('ACK-1: a write that gives no answer', () => {
  it('is waited for, and reported every ten seconds: a second one could be overtaken by it', async () => {
    const { rig, store } = await stuck();
    await rig.clock.advance(5 * TIMING.storePatience - 1);
    expect(store.writes).toHaveLength(1);
    expect(rig.errors.map(({ code }) => code)).toEqual(Array(4).fill('STORE_FAILED'));
    expect(rig.acked).toEqual([]);
    store.at(0).land();
    store.at(0).answer();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
    store.at(1).land();
    store.at(1).answer();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(store.writes.map(({ cursors }) => cursors[0]?.expected)).toEqual([2, 4]);
    expect(store.mostUnderWay).toBe(1);
    expect(rig.clock.pendingForegroundTimers).toBe(0);
  });

  it('that fails in the end is made again at once with the newest, and not in vain', async () => {
    const { rig, store } = await stuck();
    await rig.clock.advance(15_000);
    store.prompt = true;
    store.at(0).fail();
    await rig.clock.advance(1_000);
    expect(store.expected()).toBe(4);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
  });

  it('is taken for dead after a minute: a lost promise does not hold back every later acknowledgement', async () => {
    const { rig, store } = await stuck();
    store.prompt = true;
    await rig.clock.advance(TIMING.storeAbandon + 1_000);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(store.expected()).toBe(4);
    expect(rig.errors).toHaveLength(TIMING.storeAbandon / TIMING.storePatience);
    await rig.frame(message(4));
    expect(rig.acked.at(-1)).toBe('a4');
    expect(store.expected()).toBe(5);
  });

  it.each(['answers', 'fails'])(
    'and lands after that, and %s: what it has overwritten is saved once more',
    async (how) => {
      const { rig, store } = await stuck();
      store.prompt = true;
      await rig.clock.advance(TIMING.storeAbandon + 1_000);
      await rig.frame(message(4));
      expect(store.expected()).toBe(5);
      store.at(0).land();
      expect(store.expected()).toBe(2);
      if (how === 'answers') store.at(0).answer();
      else store.at(0).fail();
      await rig.clock.settle();
      expect(store.expected()).toBe(5);
      expect(rig.acked).toEqual(['a1', 'a2', 'a3', 'a4']);
    },
  );

  it('and lands while the next one is under way: the newest is saved after both', async () => {
    const { rig, store } = await stuck();
    await rig.clock.advance(TIMING.storeAbandon + 1_000);
    expect(store.writes).toHaveLength(2);
    store.at(1).land();
    store.at(0).land();
    store.at(0).answer();
    store.prompt = true;
    store.at(1).answer();
    await rig.clock.settle();
    expect(store.expected()).toBe(4);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
  });

  it('touches only its own conversations when it lands', async () => {
    const { rig, store } = await stuck();
    store.prompt = true;
    await rig.clock.advance(TIMING.storeAbandon + 1_000);
    await rig.frame(message(1, 'conv_b'));
    const writes = store.writes.length;
    store.at(0).answer();
    await rig.clock.settle();
    expect(store.writes).toHaveLength(writes + 1);
    expect(store.at(-1).cursors.map(({ conversationId }) => conversationId)).toEqual(['conv_a']);
  });

  it('a conversation that is forgotten meanwhile does not begin with what it may put back', async () => {
    const store = new SlowStore();
    const rig = new EngineRig({ store, bounds: { idleConversations: 1 } });
    await rig.hello();
    await rig.frame(message(1), message(2));
    store.prompt = true;
    await rig.clock.advance(TIMING.storeAbandon + 1_000);
    await rig.frame(message(3));
    await rig.frame(message(1, 'conv_b'), message(1, 'conv_c'));
    store.at(0).land();
    await rig.frame(message(3), message(4));
    await rig.clock.advance(20_000);
    expect(rig.handled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('is watched for eight at a time: a store that never answers again costs no more memory', async () => {
    const { rig, store } = await stuck();
    for (let seq = 4; seq < 24; seq += 1) {
      await rig.frame(message(seq));
      await rig.clock.advance(TIMING.storeAbandon + 20_000);
    }
    store.prompt = true;
    await rig.clock.advance(TIMING.storeAbandon + 40_000);
    const writes = store.writes.length;
    store.at(0).answer(); // long forgotten
    await rig.clock.settle();
    expect(store.writes).toHaveLength(writes);
    store.at(-3).land();
    store.at(-3).answer(); // not yet
    await rig.clock.settle();
    expect(store.writes.length).toBeGreaterThan(writes);
    expect(store.expected()).toBe(24);
  });

  it('keeps no stopped client busy, and the next life waits on for it (STOP-1)', async () => {
    const { rig, store } = await stuck();
    await rig.stop(2_000);
    expect(rig.clock.pendingTimers).toBe(0);
    const { length } = rig.errors;
    await rig.clock.advance(3_600_000);
    expect(rig.errors).toHaveLength(length);
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(5_000);
    expect(store.writes).toHaveLength(1);
    store.prompt = true;
    store.at(0).land();
    store.at(0).answer();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(store.expected()).toBe(4);
  });

  it('that lands while the client is stopped is acknowledged by the next life', async () => {
    const { rig, store } = await stuck();
    await rig.stop(2_000);
    store.at(0).land();
    store.at(0).answer();
    await rig.clock.settle();
    expect(rig.acked).toEqual([]);
    store.prompt = true;
    rig.engine.start();
    await rig.hello();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
  });
});

describe('ACK-1: what waits for a store that is down', () => {
  it('is bounded in conversations as well; whatever is forgotten comes again, and is saved and acked then', async () => {
    let works = false;
    const stored = new Map<string, StoredCursor>();
    const store: CursorStore = {
      load: (id) => Promise.resolve(stored.get(id) ?? null),
      save: (cursors) => {
        if (!works) return Promise.reject(new Error('disk full'));
        for (const cursor of cursors) stored.set(cursor.conversationId, cursor);
        return Promise.resolve();
      },
    };
    const rig = new EngineRig({ store, bounds: { idleConversations: 3, unsavedAcks: 3 } });
    await rig.hello();
    const ids = ['conv_a', 'conv_b', 'conv_c', 'conv_d', 'conv_e'];
    for (const id of ids) await rig.frame(message(1, id));
    works = true;
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(['c1', 'd1', 'e1']);
    expect([...stored.keys()]).toEqual(['conv_c', 'conv_d', 'conv_e']);
    // Forgotten by memory and store alike: it is handled again, and then it counts.
    await rig.frame(message(1, 'conv_a'));
    await rig.clock.advance(1_000);
    expect(rig.acked.at(-1)).toBe('a1');
    expect(stored.get('conv_a')).toMatchObject({ expected: 2 });
  });
});

describe('ACK-1: the cursor and what comes late', () => {
  it('covers a late message that was handled while its lane was at work all the time', async () => {
    const store = new MemoryStore();
    let finish = () => {};
    const rig = new EngineRig({
      client: undefined,
      handle: 'me',
      store,
      gapFillWindowMs: 100,
      handler: ({ payload }) =>
        payload.seq === 2 ? new Promise<void>((resolve) => (finish = resolve)) : undefined,
    });
    await rig.hello();
    await rig.frame(message(1));
    await rig.frame(message(2));
    // Nobody can fetch what is known to exist: it is given up while the one before it is at work, and comes late.
    rig.engine.order.noteKnown('conv_a', 3);
    await rig.clock.advance(60_000);
    expect(rig.gaps).toMatchObject([{ missing: [{ from: 3, to: 3 }] }]);
    await rig.frame(message(3));
    finish();
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(await store.load('conv_a')).toMatchObject({ expected: 4, missing: [], parked: [] });
  });
});
