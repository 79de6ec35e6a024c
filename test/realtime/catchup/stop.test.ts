import { describe, expect, it } from 'vitest';
import { answer } from './answers.js';
import { EngineRig, message, row } from './engine-rig.js';

const HOUR = 3_600_000;

describe('STOP-1: after disconnect() nothing runs', () => {
  it('a gap that was open is neither asked for nor given up; the next life fills it', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1), message(3));
    await rig.stop();
    const asked = rig.source.asked.length;
    await rig.clock.advance(HOUR);
    expect(rig.gaps).toEqual([]);
    expect(rig.source.asked).toHaveLength(asked);
    rig.source.history = [message(1), message(2), message(3)];
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
  });

  it('a fill under way is taken up again by the next life', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => new Promise(() => {}));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(2_500);
    expect(rig.source.count('getMessages')).toBe(1);
    await rig.stop();
    await rig.clock.advance(HOUR);
    expect(rig.gaps).toEqual([]);
    rig.source.history = [message(1), message(2), message(3)];
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('a new conversation that was being looked up does not start blind', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    rig.source.next('getMessages', () => new Promise(() => {}));
    await rig.frame(message(7));
    await rig.stop();
    await rig.clock.advance(HOUR);
    expect(rig.gaps).toEqual([]);
    rig.source.history = [message(6), message(7)];
    rig.engine.start();
    await rig.hello(false);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a6', 'a7']);
    expect(rig.gaps).toEqual([]);
  });

  it('a far-off message is not taken for unknown', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    rig.source.next('getMessages', () => new Promise(() => {}));
    await rig.frame(message(500_000));
    await rig.stop();
    await rig.clock.advance(HOUR);
    expect(rig.gaps).toEqual([]);
    rig.source.history = [message(1), message(2), message(500_000)];
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a500000']);
  });

  it('a parked message that fell due meanwhile is fetched again by the next life (HND-1)', async () => {
    let fails = true;
    const rig = new EngineRig({
      handlerRetry: { retries: 0 },
      handler: () => {
        if (fails) throw new Error('on purpose');
      },
    });
    await rig.hello();
    await rig.frame(message(1));
    rig.source.history = [message(1)];
    await rig.stop();
    await rig.clock.advance(HOUR);
    fails = false;
    rig.source.rows = [row(1)];
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(60_000);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.contexts.get('a1')).toMatchObject({ redelivered: true });
    await rig.clock.advance(1_000);
    expect(rig.source.asked).toContain('syncAck del_a1');
  });

  it('a sync that was told to wait is asked no earlier by the next life (CATCH-1)', async () => {
    const rig = new EngineRig();
    rig.source.rows = [row(1)];
    rig.source.next('sync', () => Promise.reject(answer(429, { retryAfterMs: 45_000 })));
    await rig.hello();
    await rig.stop(0);
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(44_000);
    expect(rig.source.count('sync')).toBe(1);
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a1']);
  });

  it('no timer is left, whatever was going on', async () => {
    const rig = new EngineRig({ handlerRetry: { retries: 1 }, handler: failing('b1') });
    await rig.hello(false);
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')), 3);
    rig.source.next('sync', () => Promise.reject(new TypeError('fetch failed')), 3);
    await rig.frame(message(1), message(3), message(1, 'conv_b'), message(9, 'conv_c'));
    await rig.clock.advance(3_000);
    await rig.stop();
    await rig.clock.settle();
    expect(rig.clock.pendingTimers).toBe(0);
    const { length } = rig.source.asked;
    const errors = rig.errors.length;
    await rig.clock.advance(24 * HOUR);
    expect(rig.source.asked).toHaveLength(length);
    expect(rig.errors).toHaveLength(errors);
  });

  it('a conversation about which the store had not answered is asked about again', async () => {
    const asked: string[] = [];
    const store = {
      load: (id: string) => {
        asked.push(id);
        return asked.length === 1 ? new Promise<null>(() => {}) : Promise.resolve(null);
      },
      save: () => Promise.resolve(),
    };
    const rig = new EngineRig({ store });
    await rig.hello();
    await rig.frame(message(1), message(2));
    await rig.stop();
    await rig.clock.advance(HOUR);
    expect(rig.clock.pendingTimers).toBe(0);
    rig.engine.start();
    await rig.hello();
    expect(asked).toEqual(['conv_a', 'conv_a']);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('the time in which it was stopped is not time of asking in vain', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.reject(new TypeError('fetch failed')), 4);
    await rig.frame(message(1), message(3));
    await rig.clock.advance(2_300);
    await rig.stop();
    await rig.clock.advance(HOUR);
    rig.source.history = [message(1), message(2), message(3)];
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(30_000);
    expect(rig.gaps).toMatchObject([{ recovered: true, missing: [] }]);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('what running handlers owe is sent before stop() ends', async () => {
    let finish = () => {};
    const rig = new EngineRig({ handler: () => new Promise<void>((resolve) => (finish = resolve)) });
    rig.source.rows = [row(1)];
    await rig.hello();
    rig.engine.sessionEnded();
    const stopped = rig.engine.stop(10_000);
    await rig.clock.advance(500);
    finish();
    await rig.clock.settle();
    await stopped;
    expect(rig.source.asked).toContain('syncAck del_a1');
    expect(rig.clock.now()).toBe(500);
  });

  it('a handler that outlives the deadline is told, and stop() ends', async () => {
    const rig = new EngineRig({ handler: () => new Promise(() => {}) });
    await rig.hello();
    await rig.frame(message(1));
    await rig.stop(2_000);
    expect(rig.contexts.get('a1')?.signal.aborted).toBe(true);
  });
});

function failing(id: string) {
  return ({ payload }: { payload: { id: string } }) => {
    if (payload.id === id) throw new Error('on purpose');
  };
}
