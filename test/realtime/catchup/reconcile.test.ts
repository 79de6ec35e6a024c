import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../src/stores/index.js';
import { answer } from './answers.js';
import { EngineRig, message, row } from './engine-rig.js';

const MINUTE = 60_000;

function listed(id: string, newest: number, at = '2026-01-01T00:00:30.000Z') {
  return { id, newest_unread_seq: newest, last_message_at: at, updated_at: at };
}

describe('CATCH-1: the reconcile finds a lost last message', () => {
  it('in the undelivered queue, in ack mode, once a minute', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    rig.source.rows = [row(2)];
    await rig.clock.advance(MINUTE - 1);
    expect(rig.handled).toEqual(['a1']);
    await rig.clock.advance(2_001);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.engine.counters.reconciled).toBe(1);
    expect(rig.source.count('list')).toBe(0);
  });

  it('in the list of conversations, without ack mode', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.history = [message(1), message(2)];
    rig.source.list = [listed('conv_a', 2)];
    await rig.clock.advance(MINUTE + 3_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.gaps).toMatchObject([{ recovered: true, bufferedSeq: null }]);
  });

  it('after the drain of the next session as well', async () => {
    const rig = new EngineRig({ reconcileIntervalMs: 0 });
    await rig.hello(false);
    await rig.frame(message(1));
    await rig.lost();
    rig.source.history = [message(1), message(2)];
    rig.source.list = [listed('conv_a', 2)];
    await rig.hello(false);
    await rig.clock.advance(3_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('also of a conversation that came to life since we first connected', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    rig.source.history = [message(1), message(2)];
    rig.source.list = [listed('conv_a', 2)];
    await rig.clock.advance(MINUTE + 5_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('but leaves alone what an earlier process has handled', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    const old = '2025-12-31T20:00:00.000Z';
    rig.source.history = [message(1, 'conv_a', { created_at: old })];
    rig.source.list = [listed('conv_a', 1, old)];
    await rig.clock.advance(MINUTE + 5_000);
    expect(rig.handled).toEqual([]);
    expect(rig.source.count('getMessages')).toBe(0);
  });

  it('does not look while the answer is still that nothing is new', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.list = [listed('conv_a', 1)];
    await rig.clock.advance(10 * MINUTE);
    expect(rig.source.count('getMessages')).toBe(0);
    expect(rig.engine.counters.reconciled).toBe(0);
  });

  it('takes no seq for news that is absurdly far away and that history does not know (GAP-2)', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.list = [listed('conv_a', 9_000_000)];
    await rig.clock.advance(2.5 * MINUTE);
    expect(rig.engine.counters.reconciled).toBe(0);
    expect(rig.gaps).toEqual([]);
    // Asked about once in two minutes, and not at every look.
    expect(rig.source.asked.filter((line) => line.startsWith('getMessages'))).toEqual([
      'getMessages conv_a after 8999999',
    ]);
    expect(rig.engine.order.conversations.get('conv_a')?.busy).toBeNull();
    await rig.clock.advance(MINUTE);
    expect(rig.source.count('getMessages')).toBe(2);
  });

  it('asks about a far-off seq again that a lagging history has denied (GAP-2)', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 10 } });
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.list = [listed('conv_a', 30)];
    await rig.clock.advance(1.5 * MINUTE);
    expect(rig.source.count('getMessages')).toBe(1);
    rig.source.history = Array.from({ length: 30 }, (_, n) => message(n + 1));
    await rig.clock.advance(2 * MINUTE);
    expect(rig.handled).toHaveLength(30);
  });

  it('believes a far-off seq that history shows, and fetches everything before it (GAP-2)', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 1_000 } });
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.history = Array.from({ length: 3_000 }, (_, n) => message(n + 1));
    rig.source.list = [listed('conv_a', 3_000)];
    await rig.clock.advance(2 * MINUTE);
    expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    expect(rig.gaps).toMatchObject([{ recovered: true, bufferedSeq: null }]);
  });

  it('asks about a far-off seq again at the next look when history did not answer', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 10 } });
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')));
    rig.source.history = Array.from({ length: 30 }, (_, n) => message(n + 1));
    rig.source.list = [listed('conv_a', 30)];
    await rig.clock.advance(1.5 * MINUTE);
    expect(rig.handled).toHaveLength(1);
    await rig.clock.advance(MINUTE);
    expect(rig.handled).toHaveLength(30);
  });

  it('GAP-4: gets to every conversation of the list, however few may wait at a time', async () => {
    const store = new MemoryStore();
    const rig = new EngineRig({ store, bounds: { waitingConversations: 1, idleConversations: 1 } });
    await rig.hello(false);
    for (const id of ['conv_b', 'conv_c', 'conv_d']) await rig.frame(message(1, id));
    await rig.clock.advance(1_000);
    // The last message of a conversation that nobody knows was lost; the others are as they were.
    rig.source.history = [message(1, 'conv_a')];
    rig.source.list = [listed('conv_d', 1), listed('conv_c', 1), listed('conv_b', 1), listed('conv_a', 1)];
    await rig.clock.advance(5 * MINUTE);
    expect(rig.handled).toEqual(['b1', 'c1', 'd1', 'a1']);
  });

  it('does not ask about a far-off seq again so soon when history refused', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 10 } });
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.next('getMessages', () => Promise.reject(answer(403)));
    rig.source.list = [listed('conv_a', 30)];
    await rig.clock.advance(2.5 * MINUTE);
    expect(rig.source.count('getMessages')).toBe(1);
  });

  it('believes one of a conversation whose place a store knows, too (GAP-2)', async () => {
    const store = new MemoryStore();
    await store.save([{ conversationId: 'conv_a', expected: 2, floor: 1, missing: [], parked: [] }]);
    const rig = new EngineRig({ store, bounds: { absurdSeqDistance: 10 } });
    rig.source.history = Array.from({ length: 30 }, (_, n) => message(n + 1));
    rig.source.list = [listed('conv_a', 30), listed('conv_b', 40)];
    await rig.hello(false);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(rig.source.history.slice(1).map(({ id }) => id));
    expect(rig.gaps).toMatchObject([{ conversationId: 'conv_a', recovered: true }]);
  });

  it('asks about a few of many far-off seqs in one look, and in the end about all of them', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 10 } });
    await rig.hello(false);
    for (let n = 0; n < 30; n += 1) await rig.frame(message(1, `conv_${n}`, { id: `m${n}` }));
    rig.source.list = Array.from({ length: 30 }, (_, n) => listed(`conv_${n}`, 10_000 + n));
    const asked = () => new Set(rig.source.asked.filter((line) => line.startsWith('getMessages'))).size;
    await rig.clock.advance(MINUTE + 1_000);
    expect(asked()).toBe(8);
    await rig.clock.advance(3 * MINUTE);
    expect(asked()).toBe(30);
    expect(rig.source.count('getMessages')).toBe(30);
  });

  it('reads the list as far as it shows activity since the last look', async () => {
    const rig = new EngineRig();
    rig.source.list = Array.from({ length: 350 }, (_, n) =>
      listed(`conv_${n}`, 0, '2025-01-01T00:00:00.000Z'),
    );
    await rig.hello(false);
    await rig.clock.advance(1_000);
    expect(rig.source.count('list')).toBe(4);
    await rig.clock.advance(MINUTE);
    expect(rig.source.count('list')).toBe(5);
  });

  it('survives any list', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.history = [message(1), message(2)];
    const junk = [
      null,
      7,
      'x',
      {},
      { id: 5, newest_unread_seq: 3 },
      { id: 'conv_x', newest_unread_seq: 'y' },
      { id: 'conv_y', newest_unread_seq: -4, last_message_at: 'never' },
      { ...listed('conv_a', 2), last_message_at: null, updated_at: undefined },
    ];
    rig.source.next('list', () => Promise.resolve(null));
    rig.source.next('list', () => Promise.reject(Object.create(null)));
    rig.source.list = junk;
    await rig.clock.advance(3 * MINUTE + 5_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.errors).toEqual([]);
  });

  it('is done without where the source has no list', async () => {
    const rig = new EngineRig();
    Object.assign(rig.source, { listConversations: undefined });
    await rig.hello(false);
    await rig.frame(message(1));
    await rig.clock.advance(10 * MINUTE);
    expect(rig.errors).toEqual([]);
  });

  it('stops with the session, and begins anew with the next', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.lost();
    const before = rig.source.count('sync');
    await rig.clock.advance(10 * MINUTE);
    expect(rig.source.count('sync')).toBe(before);
    await rig.hello();
    await rig.clock.advance(MINUTE + 1_000);
    expect(rig.source.count('sync')).toBe(before + 2);
  });

  it('is off with reconcileIntervalMs: 0', async () => {
    const rig = new EngineRig({ reconcileIntervalMs: 0 });
    await rig.hello();
    await rig.clock.advance(60 * MINUTE);
    expect(rig.source.count('sync')).toBe(1);
  });

  it('does not begin another while one hangs', async () => {
    const rig = new EngineRig({ reconcileIntervalMs: 1_000 });
    await rig.hello();
    rig.source.next('sync', () => new Promise(() => {}));
    await rig.clock.advance(30_000);
    expect(rig.source.count('sync')).toBe(2);
    await rig.clock.advance(60_000);
    expect(rig.source.count('sync')).toBeGreaterThan(5);
  });
});
