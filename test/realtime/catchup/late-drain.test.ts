import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from './engine-rig.js';

const COUNT = 1_500;

function slowly(rig: () => EngineRig, ms: number) {
  return () =>
    new Promise<void>((resolve) => {
      rig().clock.setTimer(resolve, ms);
    });
}

function waiting(rig: EngineRig): number {
  return rig.engine.order.conversations.get('conv_a')?.busy?.lane?.waiting ?? 0;
}

/** Passes time in steps, and says how many messages waited in the lane at most. */
async function fullest(rig: EngineRig, ms: number, step: number): Promise<number> {
  let most = 0;
  for (let passed = 0; passed < ms; passed += step) {
    await rig.clock.advance(step);
    most = Math.max(most, waiting(rig));
  }
  return most;
}

describe('BP-1: a conversation that started blind while a long drain was stuck', () => {
  it.each([
    ['history shows them all', 0],
    ['history fails for a while', 12],
  ])('takes the rows late, within the bound of its lane, each once: %s', async (_, failures) => {
    const rig: EngineRig = new EngineRig({ bounds: { lane: 20 }, handler: slowly(() => rig, 5) });
    let release = () => {};
    rig.source.next('sync', () => new Promise((resolve) => (release = () => resolve([]))));
    rig.source.rows = Array.from({ length: COUNT }, (_each, i) => row(i + 1));
    rig.source.history = Array.from({ length: COUNT + 1 }, (_each, i) => message(i + 1));
    await rig.hello();
    await rig.frame(message(COUNT + 1));
    await rig.clock.advance(15_000);
    expect(rig.handled).toEqual([`a${COUNT + 1}`]);
    expect(rig.gaps).toMatchObject([{ reason: 'gap_fill_failed', missing: [] }]);
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')), failures);
    release();
    expect(await fullest(rig, 600_000, 50)).toBeLessThanOrEqual(20);
    expect(rig.engine.counters.shed).toBeGreaterThan(0);
    expect(rig.handled).toHaveLength(COUNT + 1);
    expect(new Set(rig.handled).size).toBe(COUNT + 1);
    expect(rig.contexts.get('a1')).toMatchObject({ late: true });
    expect(rig.gaps).toHaveLength(1);
    expect(rig.source.asked.findLast((line) => line.startsWith('syncAck'))).toBe(`syncAck del_a${COUNT}`);
  });

  it('without ack mode, where the service brings nothing again, loses none either', async () => {
    const rig: EngineRig = new EngineRig({ bounds: { lane: 20 }, handler: slowly(() => rig, 5) });
    rig.source.history = Array.from({ length: COUNT }, (_each, i) => message(i + 1));
    await rig.hello(false);
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')), 6);
    await rig.frame(message(COUNT));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual([`a${COUNT}`]);
    expect(await fullest(rig, 120_000, 50)).toBeLessThanOrEqual(20);
    expect(rig.handled).toHaveLength(COUNT);
    expect(new Set(rig.handled).size).toBe(COUNT);
    expect(rig.gaps).toHaveLength(1);
  });

  it('and while nobody handles messages at all, holds back no more than the lane takes (HND-1)', async () => {
    const rig = new EngineRig({ bounds: { lane: 20 } });
    rig.engine.consumers.setHandlers([]);
    rig.source.history = Array.from({ length: 200 }, (_each, i) => message(i + 1));
    await rig.hello(false);
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')), 6);
    await rig.frame(message(200));
    expect(await fullest(rig, 60_000, 500)).toBe(20);
    const handled: string[] = [];
    rig.engine.consumers.setHandlers([({ payload }) => handled.push(payload.id)]);
    await rig.clock.advance(30_000);
    expect(new Set(handled).size).toBe(200);
    expect(handled).toHaveLength(200);
  });
});

describe('BP-1: parked messages that fall due together', () => {
  it('come as the lane has room, and none is forgotten (HND-1)', async () => {
    let fails = true;
    const rig: EngineRig = new EngineRig({
      bounds: { lane: 5 },
      handlerRetry: { retries: 0 },
      handler: () => {
        if (fails) throw new Error('on purpose');
        return slowly(() => rig, 100)();
      },
    });
    rig.source.history = Array.from({ length: 30 }, (_each, i) => message(i + 1));
    await rig.hello();
    await rig.frame(...rig.source.history);
    expect(rig.engine.counters.parked).toBe(30);
    fails = false;
    rig.handled.length = 0;
    expect(await fullest(rig, 600_000, 100)).toBeLessThanOrEqual(5);
    expect([...rig.handled].sort()).toEqual(rig.source.history.map(({ id }) => id).sort());
    expect(new Set(rig.acked).size).toBe(30);
  });
});

describe('BP-1: what an earlier process had shed', () => {
  it('is asked for by the next one: it lies below the floor, where nothing is ever given up', async () => {
    const saved = { conversationId: 'conv_a', expected: 10, floor: 8, parked: [] };
    const store = {
      load: async () => ({
        ...saved,
        missing: [
          { from: 3, to: 4 },
          { from: 8, to: 8 },
        ],
      }),
      save: async () => {},
    };
    const rig = new EngineRig({ store });
    rig.source.history = Array.from({ length: 10 }, (_each, i) => message(i + 1));
    await rig.hello();
    await rig.frame(message(10));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a10', 'a3', 'a4']);
  });
});
