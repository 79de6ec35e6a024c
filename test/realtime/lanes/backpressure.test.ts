import { describe, expect, it } from 'vitest';
import { heldBackBy, totalsOf } from '../../../src/realtime/explain/explain.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';

const slowly = (rig: () => EngineRig, ms: number) => () =>
  new Promise<void>((resolve) => {
    rig().clock.setTimer(resolve, ms);
  });

function ids(count: number, conversation = 'conv_a'): string[] {
  return Array.from({ length: count }, (_, i) => message(i + 1, conversation).id);
}

describe('BP-1: more comes than handlers can take', () => {
  it('one conversation: the lane sheds, what was shed is fetched again, everything is handled in order, once', async () => {
    const rig: EngineRig = new EngineRig({
      bounds: { lane: 20, holdPerConversation: 10 },
      handler: slowly(() => rig, 50),
    });
    await rig.hello();
    let most = 0;
    for (let seq = 1; seq <= 600; seq += 1) {
      rig.source.history.push(message(seq));
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq) });
      const busy = rig.engine.order.conversations.get('conv_a')?.busy;
      most = Math.max(most, (busy?.lane?.waiting ?? 0) + (busy?.sequence?.hold.size ?? 0));
      if (seq % 20 === 0) await rig.clock.advance(100);
    }
    expect(most).toBeLessThanOrEqual(30);
    expect(rig.engine.counters.shed).toBeGreaterThan(300);
    await rig.clock.advance(180_000);
    expect(rig.handled).toEqual(ids(600));
    expect(new Set(rig.acked).size).toBe(600);
    expect(rig.engine.counters).toMatchObject({ missing: 0, holes: 0 });
  });

  it('many conversations: all together hold no more than they may, and lose nothing', async () => {
    const rig: EngineRig = new EngineRig({
      concurrency: 2,
      bounds: { lane: 2, holdPerConversation: 10, holdTotal: 25 },
      handler: slowly(() => rig, 20),
    });
    await rig.hello();
    const conversations = Array.from({ length: 20 }, (_, n) => `conv_${String.fromCharCode(97 + n)}`);
    for (let seq = 1; seq <= 20; seq += 1) {
      for (const id of conversations) {
        rig.source.history.push(message(seq, id));
        rig.engine.inbox.frame({ type: 'message.new', payload: message(seq, id) });
      }
      const held = conversations.reduce((sum, id) => {
        const sequence = rig.engine.order.conversations.get(id)?.busy?.sequence;
        return sum + (sequence?.hold.size ?? 0);
      }, 0);
      expect(held).toBeLessThanOrEqual(25);
      await rig.clock.advance(10);
    }
    await rig.clock.advance(300_000);
    for (const id of conversations) {
      expect(rig.handled.filter((each) => each.startsWith(id.slice(-1)))).toEqual(ids(20, id));
    }
    expect(rig.engine.counters.missing).toBe(0);
  });

  it('a drain of 1,500 rows into slow handlers keeps within the bounds', async () => {
    const rig: EngineRig = new EngineRig({
      bounds: { lane: 50, holdPerConversation: 50, drainPending: 100 },
      handler: slowly(() => rig, 5),
    });
    rig.source.rows = Array.from({ length: 1_500 }, (_, i) => row(i + 1));
    rig.source.history = Array.from({ length: 1_500 }, (_, i) => message(i + 1));
    await rig.hello();
    await rig.clock.advance(60_000);
    expect(rig.handled).toEqual(ids(1_500));
  });

  it('synchronous handlers: a hold that is longer than the lane is run through at once', async () => {
    const rig = new EngineRig({ bounds: { lane: 4 } });
    await rig.hello();
    await rig.frame(...Array.from({ length: 300 }, (_, i) => message(300 - i)));
    expect(rig.handled).toEqual(ids(300));
  });
});

describe('HND-1: while no handler is registered', () => {
  it('messages are held back, not acknowledged, within the bounds, and none is lost', async () => {
    const rig = new EngineRig({ bounds: { lane: 10, holdPerConversation: 10 } });
    rig.engine.consumers.setHandlers([]);
    await rig.hello();
    for (let seq = 1; seq <= 100; seq += 1) {
      rig.source.history.push(message(seq));
      await rig.frame(message(seq));
    }
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual([]);
    expect(heldBackBy(rig.engine)).toBe('no handler');
    const handled: string[] = [];
    rig.engine.consumers.setHandlers([({ payload }) => handled.push(payload.id)]);
    await rig.clock.advance(30_000);
    expect(handled).toEqual(ids(100));
    expect(heldBackBy(rig.engine)).toBeNull();
  });
});

describe('BP-1: messages without a seq, which no gap betrays', () => {
  const system = (n: number) => message(n, 'conv_a', { id: `system_${n}`, seq: undefined as never });
  const systems = (count: number) => Array.from({ length: count }, (_, i) => system(i + 1));

  it('are shed in ack mode and come again, so that nothing needs to be said', async () => {
    const rig: EngineRig = new EngineRig({ bounds: { lane: 2 }, handler: slowly(() => rig, 100) });
    await rig.hello(true);
    // One at work, two in the lane, one too many.
    await rig.frame(...systems(4));
    expect(rig.engine.counters.shed).toBe(1);
    rig.source.rows = [{ ...row(4), ...system(4) }];
    await rig.clock.advance(120_000);
    expect(rig.handled).toEqual(['system_1', 'system_2', 'system_3', 'system_4']);
    expect(rig.errors).toEqual([]);
  });

  it('are kept in legacy mode, as many again as the lane takes; the next is named', async () => {
    const rig: EngineRig = new EngineRig({ bounds: { lane: 2 }, handler: slowly(() => rig, 100) });
    await rig.hello(false);
    await rig.frame(...systems(6));
    expect(totalsOf(rig.engine).waitingMost).toBe(4);
    expect(rig.engine.counters.shed).toBe(1);
    expect(rig.errors).toMatchObject([
      { code: 'MESSAGE_SHED', message: expect.stringContaining('system_6 of conv_a') },
    ]);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(systems(5).map(({ id }) => id));
  });

  it('do not take the place of those that have a seq', async () => {
    const rig: EngineRig = new EngineRig({ bounds: { lane: 2 }, handler: slowly(() => rig, 100) });
    await rig.hello(false);
    rig.source.history = [message(1), message(2), message(3)];
    await rig.frame(...systems(5), message(1), message(2), message(3));
    await rig.clock.advance(120_000);
    expect(rig.handled).toEqual([...systems(5).map(({ id }) => id), 'a1', 'a2', 'a3']);
    expect(rig.errors).toEqual([]);
  });

  it.each([true, false])(
    'that are rows of the queue come again in both modes (acks: %s)',
    async (ackMode) => {
      const rig: EngineRig = new EngineRig({ bounds: { lane: 2 }, handler: slowly(() => rig, 100) });
      rig.source.rows = systems(8).map((each) => ({
        ...each,
        delivery_id: `del_${each.id}`,
        status: 'stored',
      }));
      await rig.hello(ackMode);
      expect(rig.engine.counters.shed).toBe(5);
      await rig.clock.advance(600_000);
      expect(rig.handled).toHaveLength(8);
      expect(new Set(rig.handled)).toEqual(new Set(systems(8).map(({ id }) => id)));
      expect(rig.errors).toEqual([]);
    },
  );
});
