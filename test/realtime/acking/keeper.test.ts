import { describe, expect, it } from 'vitest';
import { MemoryStore, type StoredCursor } from '../../../src/stores/index.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';

/** A store that does what the test says before it does what a store does. */
class TroubledStore extends MemoryStore {
  readonly instead: (() => Promise<unknown>)[] = [];
  readonly saves: StoredCursor[][] = [];
  loads = 0;

  override async load(id: string): Promise<StoredCursor | null> {
    this.loads += 1;
    await this.instead.shift()?.();
    return super.load(id);
  }

  override async save(cursors: readonly StoredCursor[]): Promise<void> {
    await this.instead.shift()?.();
    this.saves.push([...cursors]);
    return super.save(cursors);
  }
}

const failure = () => Promise.reject(Object.create(null));
const hang = () => new Promise<never>(() => {});

async function started(store: TroubledStore): Promise<EngineRig> {
  const rig = new EngineRig({ store });
  await rig.hello();
  await rig.frame(message(1));
  return rig;
}

describe('ACK-1: with a store, persist, then acknowledge', () => {
  it('acknowledges only what has been saved', async () => {
    const store = new TroubledStore();
    const rig = await started(store);
    let save = () => {};
    store.instead.push(() => new Promise<void>((resolve) => (save = resolve)));
    await rig.frame(message(2));
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.acked).toEqual(['a1']);
    save();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1', 'a2']);
    expect(await store.load('conv_a')).toMatchObject({ expected: 3, floor: 1 });
  });

  it('saves once for all messages of one turn of the loop', async () => {
    const store = new TroubledStore();
    const rig = await started(store);
    store.saves.length = 0;
    for (let seq = 2; seq <= 50; seq += 1) {
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq) });
    }
    await rig.clock.settle();
    expect(store.saves).toHaveLength(1);
    expect(store.saves[0]).toMatchObject([{ conversationId: 'conv_a', expected: 51 }]);
    expect(rig.acked).toHaveLength(50);
  });

  it('a store that fails, at once or later, delays acknowledgements and loses none', async () => {
    const store = new TroubledStore();
    const rig = await started(store);
    store.instead.push(failure, () => {
      throw new Error('at once');
    });
    await rig.frame(message(2));
    await rig.frame(message(3));
    expect(rig.acked).toEqual(['a1']);
    await rig.clock.advance(10_000);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(rig.errors.map(({ code }) => code)).toEqual(['STORE_FAILED', 'STORE_FAILED']);
    expect(store.saves.at(-1)).toMatchObject([{ expected: 4 }]);
  });

  it('forgets nothing that falls due in the moment in which a save ends', async () => {
    for (let ticks = 0; ticks <= 8; ticks += 1) {
      const store = new TroubledStore();
      const rig = await started(store);
      let saved = Promise.resolve();
      store.instead.push(() => {
        saved = Promise.resolve();
        return saved;
      });
      await rig.frame(message(2));
      let at = rig.acked.length;
      const chain = async () => {
        while (rig.acked.length === at) await Promise.resolve();
        for (let n = 0; n < ticks; n += 1) await Promise.resolve();
        rig.engine.inbox.frame({ type: 'message.new', payload: message(3) });
      };
      at -= 1;
      await chain();
      await rig.clock.settle();
      expect(rig.acked, `${ticks} microtasks later`).toEqual(['a1', 'a2', 'a3']);
    }
  });

  it('drained rows are acknowledged by cursor after they were saved', async () => {
    const store = new TroubledStore();
    const rig = new EngineRig({ store });
    rig.source.rows = [row(1), row(2)];
    store.instead.push(async () => undefined, failure);
    await rig.hello();
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.source.count('syncAck')).toBe(0);
    await rig.clock.advance(2_000);
    expect(rig.source.asked).toContain('syncAck del_a2');
  });
});

describe('ORD-2 and ORD-3: where a store says the last process stopped', () => {
  it('a conversation goes on there: nothing is handled again, and what is missing is fetched', async () => {
    const store = new MemoryStore();
    await store.save([{ conversationId: 'conv_a', expected: 5, floor: 1, missing: [], parked: [] }]);
    const rig = new EngineRig({ store });
    rig.source.history = [message(4), message(5), message(6)];
    await rig.hello();
    await rig.frame(message(4), message(6));
    await rig.clock.advance(3_000);
    expect(rig.handled).toEqual(['a5', 'a6']);
    expect(rig.acked).toEqual(['a4', 'a5', 'a6']);
  });

  it('it is asked once for a burst, and waited for: to begin without it could repeat what was handled', async () => {
    const store = new TroubledStore();
    await store.save([{ conversationId: 'conv_a', expected: 3, floor: 1, missing: [], parked: [] }]);
    store.instead.push(failure, hang);
    const rig = new EngineRig({ store });
    await rig.hello();
    await rig.frame(message(1), message(2), message(3));
    await rig.clock.advance(9_000);
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a3']);
    expect(store.loads).toBe(3);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
  });

  it.each([7, 'x', { expected: 'y' }, { expected: 2, missing: 'x', parked: 7 }])(
    'junk from another version stops nothing: %j',
    async (junk) => {
      const rig = new EngineRig({
        store: { load: async () => junk as unknown as StoredCursor, save: async () => {} },
      });
      await rig.hello();
      await rig.frame(message(1), message(2));
      await rig.clock.advance(10_000);
      expect(rig.handled).toContain('a2');
    },
  );

  it('a parked message is remembered across processes, and fetched again', async () => {
    const store = new MemoryStore();
    let fails = true;
    const handler = ({ payload }: { payload: { seq: number } }) => {
      if (payload.seq === 1 && fails) throw new Error('on purpose');
    };
    const first = new EngineRig({ store, handler, handlerRetry: { retries: 0 } });
    await first.hello();
    await first.frame(message(1), message(2));
    await first.stop();
    expect(await store.load('conv_a')).toMatchObject({
      expected: 3,
      parked: [{ seq: 1, id: 'a1', times: 1 }],
    });
    fails = false;
    const second = new EngineRig({ store, handler });
    second.source.history = [message(1), message(2), message(3)];
    await second.hello();
    await second.frame(message(3));
    await second.clock.advance(61_000);
    expect(second.handled).toEqual(['a3', 'a1']);
    expect(second.contexts.get('a1')).toMatchObject({ redelivered: true, late: true });
    expect(await store.load('conv_a')).toMatchObject({ expected: 4, parked: [] });
  });

  it('what was given up is remembered across processes, and delivered late', async () => {
    const store = new MemoryStore();
    const first = new EngineRig({ store, client: undefined });
    await first.hello();
    await first.frame(message(1), message(3));
    await first.clock.advance(3_000);
    expect(first.gaps).toMatchObject([{ recovered: false, missing: [{ from: 2, to: 2 }] }]);
    await first.stop();
    const second = new EngineRig({ store, client: undefined });
    await second.hello();
    await second.frame(message(4));
    await second.frame(message(2), message(2));
    expect(second.handled).toEqual(['a4', 'a2']);
    expect(await store.load('conv_a')).toMatchObject({ expected: 5, missing: [] });
  });

  it('a conversation that was forgotten while its cursor is being written is not begun with the older one', async () => {
    const store = new TroubledStore();
    const rig = new EngineRig({ store, bounds: { idleConversations: 1 } });
    await rig.hello();
    await rig.frame(message(1), message(2));
    let save = () => {};
    store.instead.push(() => new Promise<void>((resolve) => (save = resolve)));
    await rig.frame(message(3));
    // Another conversation drives the first out of memory; its load waits for nothing.
    await rig.frame(message(1, 'conv_b'));
    await rig.frame(message(1, 'conv_c'));
    await rig.frame(message(3));
    save();
    await rig.clock.advance(20_000);
    expect(rig.handled.filter((id) => id === 'a3')).toHaveLength(1);
  });
});
