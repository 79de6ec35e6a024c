import { describe, expect, it } from 'vitest';
import { answer } from './answers.js';
import { EngineRig, message } from './engine-rig.js';

const WINDOW = 2_000;
const hang = () => new Promise(() => {});

describe('GAP-2: fills', () => {
  it.each([403, 404, 410, 400, 422])('a %i ends it at once, and is not asked again', async (status) => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.reject(answer(status)));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.gaps).toMatchObject([
      { reason: 'gap_fill_failed', recovered: false, missing: [{ from: 2, to: 2 }] },
    ]);
    await rig.clock.advance(60_000);
    expect(rig.source.count('getMessages')).toBe(1);
  });

  it.each([
    ['a 503', () => Promise.reject(answer(503))],
    ['a network failure', () => Promise.reject(new TypeError('fetch failed'))],
    ['a source that throws', () => Promise.reject(Object.create(null))],
    ['a body that is no list', () => Promise.resolve({ messages: [] })],
    ['a 401 while a key is rotated', () => Promise.reject(answer(401))],
  ])('%s passes: it is asked again', async (_name, instead) => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [message(1), message(2), message(3)];
    rig.source.next('getMessages', instead, 2);
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 2_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.gaps).toMatchObject([{ recovered: true }]);
  });

  it('a status on an error of somebody else’s source is understood', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.reject(Object.assign(new Error('gone'), { status: 404 })));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a3']);
  });

  it('never asks before a Retry-After', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.reject(answer(429, { retryAfterMs: 30_000 })));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 29_990);
    expect(rig.source.count('getMessages')).toBe(1);
    await rig.clock.advance(20);
    expect(rig.source.count('getMessages')).toBe(2);
  });

  it('that hang delay their own conversations only: each gives its place back after two seconds', async () => {
    const rig = new EngineRig({ bounds: { fillsAtOnce: 2 } });
    await rig.hello();
    rig.source.next('getMessages', hang, 2);
    const ids = ['conv_a', 'conv_b', 'conv_c', 'conv_d'];
    rig.source.history = ids.flatMap((id) => [message(2, id)]);
    for (const id of ids) await rig.frame(message(1, id), message(3, id));
    await rig.clock.advance(WINDOW + 1_000);
    expect(rig.handled).toEqual(['a1', 'b1', 'c1', 'd1']);
    await rig.clock.advance(1_500);
    expect(rig.handled.slice(4).sort()).toEqual(['c2', 'c3', 'd2', 'd3']);
    rig.source.history.push(message(3), message(3, 'conv_b'));
    await rig.clock.advance(90_000);
    expect(rig.handled).toHaveLength(12);
  });

  it('are fair: a wide gap does not keep others waiting', async () => {
    const rig = new EngineRig({ bounds: { fillsAtOnce: 1 } });
    await rig.hello();
    rig.source.history = Array.from({ length: 3_000 }, (_, i) => message(i + 1)).concat([
      message(1, 'conv_b'),
      message(2, 'conv_b'),
      message(3, 'conv_b'),
    ]);
    const usual = rig.source.getMessages.bind(rig.source);
    rig.source.getMessages = async (id, options) => {
      await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 20));
      return usual(id, options);
    };
    await rig.frame(message(1), message(1, 'conv_b'), message(3_000), message(3, 'conv_b'));
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled.indexOf('b2')).toBeLessThan(500);
    expect(rig.handled.indexOf('b2')).toBeGreaterThan(0);
    await rig.clock.advance(10_000);
    expect(rig.handled).toHaveLength(3_003);
  });

  it('leave malformed rows out, and keep the good ones', async () => {
    const rig = new EngineRig();
    await rig.hello();
    const junk = [null, 7, { seq: 2 }, { ...message(2), seq: '2' }, { ...message(9), seq: -1 }];
    rig.source.next('getMessages', () => Promise.resolve([...junk, message(3), message(2)]));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('name a row that cannot be used as missing, and never say recovered (GAP-3)', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () =>
      Promise.resolve([{ seq: 2, id: 7 }, message(3), message(4), message(5)]),
    );
    await rig.frame(message(1), message(5));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a3', 'a4', 'a5']);
    expect(rig.gaps).toMatchObject([
      { reason: 'gap_fill_failed', recovered: false, missing: [{ from: 2, to: 2 }] },
    ]);
    await rig.frame(message(2));
    expect(rig.handled.at(-1)).toBe('a2');
    expect(rig.contexts.get('a2')).toMatchObject({ late: true });
  });

  it('take a source that ignores the cursor and gives everything', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.next('getMessages', () => Promise.resolve([message(3), message(1), message(2)]));
    await rig.frame(message(1), message(3));
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('confirm a far-off seq, and take no answer for a no', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    rig.source.next('getMessages', () => Promise.reject(answer(503)));
    await rig.frame(message(900_000));
    expect(rig.handled).toEqual(['a1', 'a900000']);
    expect(rig.source.asked.at(-1)).toBe('getMessages conv_a after 899999');
    expect(rig.gaps).toMatchObject([{ recovered: false, missing: [] }]);
  });
});

describe('ORD-3 without ack mode: the look behind', () => {
  const older = { created_at: '2025-12-31T23:00:00.000Z' };

  it('finds what was written since our first hello.ok, however many pages, and nothing older', async () => {
    const rig = new EngineRig();
    const count = 450;
    rig.source.history = Array.from({ length: count }, (_, i) =>
      message(i + 1, 'conv_a', i < 20 ? older : {}),
    );
    await rig.hello(false);
    await rig.frame(message(count));
    await rig.clock.advance(1_000);
    expect(rig.handled[0]).toBe('a21');
    expect(rig.handled).toHaveLength(count - 20);
    expect(rig.gaps).toEqual([]);
  });

  it('starts at the first message when nothing older is ours', async () => {
    const rig = new EngineRig();
    rig.source.history = [message(6, 'conv_a', older), message(7)];
    await rig.hello(false);
    await rig.frame(message(7));
    expect(rig.handled).toEqual(['a7']);
    expect(rig.source.asked.at(-1)).toBe('getMessages conv_a before 8');
  });

  it('starts blind after five seconds, with a report, and delivers late what is found then', async () => {
    const rig = new EngineRig();
    rig.source.history = [message(6), message(7)];
    await rig.hello(false);
    rig.source.next('getMessages', () => Promise.reject(answer(503)), 6);
    await rig.frame(message(7));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a7']);
    expect(rig.gaps).toMatchObject([{ recovered: false, expectedSeq: 7 }]);
    await rig.clock.advance(60_000);
    expect(rig.handled).toEqual(['a7', 'a6']);
    expect(rig.contexts.get('a6')).toMatchObject({ late: true, source: 'fill' });
  });

  it('starts at once when history refuses to answer', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    rig.source.next('getMessages', () => Promise.reject(answer(403)), 9);
    await rig.frame(message(7));
    expect(rig.handled).toEqual(['a7']);
  });
});

describe('HND-1: parked messages', () => {
  it('are fetched again after a minute, doubling to an hour', async () => {
    const rig = new EngineRig({
      handlerRetry: { retries: 0 },
      handler: () => {
        throw new Error('on purpose');
      },
    });
    rig.source.history = [message(1)];
    await rig.hello();
    await rig.frame(message(1));
    const at: number[] = [];
    let known = 0;
    for (let minute = 1; minute <= 400; minute += 1) {
      await rig.clock.advance(60_000);
      if (rig.source.count('getMessages') > known) at.push(minute);
      known = rig.source.count('getMessages');
    }
    const waits = at.map((minute, i) => minute - (at[i - 1] ?? 0));
    expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(rig.acked).toEqual([]);
    expect(rig.engine.counters.parked).toBe(known + 1);
  });

  it('are asked for again when history does not answer, and forgotten when they are gone', async () => {
    const rig = new EngineRig({
      handlerRetry: { retries: 0 },
      handler: () => {
        throw new Error('on purpose');
      },
    });
    await rig.hello();
    await rig.frame(message(1));
    rig.source.next('getMessages', () => Promise.reject(answer(503)), 2);
    await rig.clock.advance(180_500);
    expect(rig.source.count('getMessages')).toBe(3);
    await rig.clock.advance(6 * 3_600_000);
    expect(rig.source.count('getMessages')).toBe(3);
    expect(rig.engine.counters.handled).toBe(0);
    // It was not handled: should it come again, it is not taken for a duplicate and acknowledged.
    await rig.frame(message(1));
    expect(rig.engine.counters.handlerFailures).toBe(2);
    expect(rig.acked).toEqual([]);
  });

  it('do not keep the conversation waiting', async () => {
    const rig = new EngineRig({
      handlerRetry: { retries: 0 },
      handler: ({ payload }) => {
        if (payload.seq === 1) throw new Error('on purpose');
      },
    });
    await rig.hello();
    await rig.frame(message(1), message(2));
    expect(rig.acked).toEqual(['a2']);
    expect(rig.engine.counters).toMatchObject({ handled: 1, parked: 1 });
  });
});
