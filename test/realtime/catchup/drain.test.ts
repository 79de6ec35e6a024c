import { describe, expect, it } from 'vitest';
import { answer } from './answers.js';
import { EngineRig, message, row } from './engine-rig.js';

function rows(from: number, to: number, conversation?: string) {
  return Array.from({ length: to - from + 1 }, (_, i) => row(from + i, conversation));
}

describe('CATCH-1: the drain', () => {
  it('reads the undelivered queue after every hello.ok, page by page, and acknowledges by cursor', async () => {
    const rig = new EngineRig();
    rig.source.rows = rows(1, 1_200);
    await rig.hello();
    await rig.clock.advance(3_000);
    expect(rig.handled).toHaveLength(1_200);
    expect(rig.source.asked.filter((line) => line.startsWith('sync') && !line.startsWith('syncAck'))).toEqual(
      ['sync', 'sync del_a500', 'sync del_a1000'],
    );
    expect(rig.source.asked.findLast((line) => line.startsWith('syncAck'))).toBe('syncAck del_a1200');
    expect(rig.acked).toEqual([]);
    expect(rig.engine.counters).toMatchObject({ drainedRows: 1_200, handled: 1_200, reconciled: 0 });
    rig.source.rows = [row(1_201)];
    await rig.lost();
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(rig.handled).toHaveLength(1_201);
  });

  it('fetches the next page while handlers run, and waits for slow ones only so long', async () => {
    const rig = new EngineRig({ handler: () => new Promise(() => {}), bounds: { drainPending: 10 } });
    rig.source.rows = rows(1, 1_000);
    await rig.hello();
    expect(rig.source.count('sync')).toBe(2);
    await rig.clock.advance(5_000);
    expect(rig.source.count('sync')).toBe(3);
    expect(rig.engine.counters.drainedRows).toBe(1_000);
  });

  it('gives live frames of the same conversation their place by seq', async () => {
    const rig = new EngineRig();
    let answerSync = (_: unknown) => {};
    rig.source.next('sync', () => new Promise((resolve) => (answerSync = resolve)));
    await rig.hello();
    await rig.frame(message(5), message(4));
    answerSync(rows(1, 3));
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(rig.gaps).toEqual([]);
  });

  it('handles once what comes as backlog, as a row and live', async () => {
    const rig = new EngineRig();
    let answerSync = (_: unknown) => {};
    rig.source.next('sync', () => new Promise((resolve) => (answerSync = resolve)));
    await rig.hello();
    await rig.frame(message(1), message(2));
    answerSync(rows(1, 2));
    await rig.clock.settle();
    await rig.frame(message(2));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.source.asked).toContain('syncAck del_a2');
  });

  it('asks a failing sync again while the socket stays up, never before a Retry-After', async () => {
    const rig = new EngineRig();
    rig.source.rows = [row(1)];
    rig.source.next('sync', () => Promise.reject(new TypeError('fetch failed')), 2);
    rig.source.next('sync', () => Promise.reject(answer(429, { retryAfterMs: 45_000 })));
    await rig.hello();
    await rig.clock.advance(2_000);
    expect(rig.source.count('sync')).toBe(3);
    await rig.clock.advance(44_000);
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a1']);
  });

  it('gives a stalled sync up and asks again', async () => {
    const rig = new EngineRig();
    rig.source.rows = [row(1)];
    rig.source.next('sync', () => new Promise(() => {}));
    await rig.hello();
    await rig.clock.advance(65_000);
    expect(rig.handled).toEqual(['a1']);
  });

  it.each([null, {}, 'rows', 7, { envelopes: [] }])(
    'does not take %j for an empty queue: reported, and asked again',
    async (body) => {
      const rig = new EngineRig();
      rig.source.rows = [row(1)];
      rig.source.next('sync', () => Promise.resolve(body), 2);
      await rig.hello();
      expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
      await rig.clock.advance(90_000);
      expect(rig.handled).toEqual(['a1']);
      expect(rig.errors).toHaveLength(1);
    },
  );

  it('handles good rows behind a malformed one; that one is reported once, and its cursor never passed', async () => {
    const rig = new EngineRig();
    const bad = { ...row(2), id: '' };
    rig.source.rows = [row(1), bad, null, 7, row(1, 'conv_b'), row(2, 'conv_b')];
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'b1', 'b2']);
    expect(rig.source.asked.filter((line) => line.startsWith('syncAck'))).toEqual(['syncAck del_a1']);
    // What is behind it is acknowledged by frame (ACK-2).
    expect(rig.acked).toEqual(['b1', 'b2']);
    const reports = rig.errors.length;
    expect(reports).toBeGreaterThan(0);
    await rig.lost();
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(rig.errors).toHaveLength(reports);
  });

  it('stops at a full page that has no cursor to go on from, and says so', async () => {
    const rig = new EngineRig();
    rig.source.rows = rows(1, 500).map((each) => ({ ...each, delivery_id: null }));
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(rig.handled).toHaveLength(500);
    expect(rig.source.count('sync')).toBe(1);
    expect(rig.errors).toHaveLength(1);
  });

  it('is not led in circles by cursors that come again', async () => {
    const rig = new EngineRig({ reconcileIntervalMs: 0 });
    const page = (cursor: string) => rows(1, 500).map((each) => ({ ...each, delivery_id: cursor }));
    for (let n = 0; n < 50; n += 1) {
      rig.source.next('sync', () => Promise.resolve(page('del_x')));
      rig.source.next('sync', () => Promise.resolve(page('del_y')));
    }
    await rig.hello();
    await rig.clock.advance(60_000);
    expect(rig.source.asked.filter((line) => /^sync( |$)/.test(line)).length).toBeLessThan(5);
    expect(rig.handled).toHaveLength(500);
    expect(rig.errors).toHaveLength(1);
  });

  it('survives the end of its session in the middle, and loses nothing', async () => {
    const rig = new EngineRig();
    rig.source.rows = rows(1, 600);
    let answerSecond = (_: unknown) => {};
    rig.source.next('sync', () => Promise.resolve(rows(1, 500)));
    rig.source.next('sync', () => new Promise((resolve) => (answerSecond = resolve)));
    await rig.hello();
    await rig.clock.advance(2_000);
    await rig.lost();
    await rig.clock.advance(1_000);
    await rig.hello();
    answerSecond(rows(501, 600));
    await rig.clock.advance(20_000);
    expect(rig.handled).toEqual(rows(1, 600).map(({ id }) => id));
    expect(rig.gaps).toEqual([]);
  });

  it('answers each request for a pass, also one that comes right after the last', async () => {
    const rig = new EngineRig();
    await rig.hello();
    const found: number[] = [];
    const ask = async () => {
      for (let n = 1; n <= 5; n += 1) {
        rig.source.rows = [row(n)];
        found.push(await rig.engine.catchUp.drain());
      }
    };
    void ask();
    await rig.clock.advance(5_000);
    expect(found).toEqual([1, 1, 1, 1, 1]);
    expect(rig.handled).toHaveLength(5);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('answers one that comes %i microtasks after the last', async (ticks) => {
    const rig = new EngineRig();
    await rig.hello();
    let answered = 0;
    const ask = async () => {
      await rig.engine.catchUp.drain();
      answered += 1;
      for (let n = 0; n < ticks; n += 1) await Promise.resolve();
      await rig.engine.catchUp.drain();
      answered += 1;
    };
    void ask();
    await rig.clock.advance(5_000);
    expect(answered).toBe(2);
  });

  it('answers a request with what its own pass brought to light, not with what others did meanwhile', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.clock.advance(1_000);
    let answerSync = (_: unknown) => {};
    rig.source.next('sync', () => new Promise((resolve) => (answerSync = resolve)));
    const found: number[][] = [];
    const ask = async (n: number) => found.push([n, await rig.engine.catchUp.drain()]);
    void ask(1);
    await rig.clock.settle();
    void ask(2);
    rig.source.rows = rows(1, 4);
    answerSync(rows(1, 3));
    await rig.clock.advance(5_000);
    expect(found).toEqual([
      [1, 3],
      [2, 1],
    ]);
    expect(rig.engine.counters.reconciled).toBe(4);
  });

  it.each([
    ['the pass after the connect', true, 0],
    ['a later pass', false, 40],
  ])(
    'counts a message once that %s has shed, however often it comes again',
    async (_name, first, counted) => {
      const rig = new EngineRig({
        autoDrainOnConnect: first,
        reconcileIntervalMs: 0,
        bounds: { lane: 2, holdPerConversation: 3 },
        handler: () => new Promise(() => {}),
      });
      rig.source.rows = rows(1, 40);
      await rig.hello();
      if (!first) expect(await rig.engine.catchUp.drain()).toBe(40);
      expect(rig.engine.counters.shed).toBeGreaterThan(0);
      const news: number[] = [];
      const again = async () => {
        for (let n = 0; n < 3; n += 1) news.push(await rig.engine.catchUp.drain());
      };
      void again();
      await rig.clock.advance(10_000);
      expect(news).toEqual([0, 0, 0]);
      expect(rig.engine.counters.reconciled).toBe(counted);
    },
  );

  it('is nothing without a session', async () => {
    const rig = new EngineRig();
    expect(await rig.engine.catchUp.drain()).toBe(0);
    expect(rig.source.asked).toEqual([]);
  });

  it('runs only when it is asked for with autoDrainOnConnect: false', async () => {
    const rig = new EngineRig({ autoDrainOnConnect: false });
    rig.source.rows = [row(1)];
    await rig.hello();
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual([]);
    expect(await rig.engine.catchUp.drain()).toBe(1);
    expect(rig.handled).toEqual(['a1']);
  });

  it('lets a new conversation that waited for a look across two sessions begin', async () => {
    const rig = new EngineRig({ autoDrainOnConnect: false });
    await rig.hello();
    rig.source.next('sync', () => new Promise(() => {}));
    await rig.frame(message(7));
    await rig.lost();
    rig.source.rows = [row(6), row(7)];
    await rig.hello();
    await rig.clock.advance(120_000);
    expect([...rig.handled].sort()).toEqual(['a6', 'a7']);
  });
});

describe('ACK-1 and ACK-2 in a drain', () => {
  it('the cursor never passes a row whose handler is at work, or that is parked; what is behind is acked by frame', async () => {
    let finish = () => {};
    const rig = new EngineRig({
      handlerRetry: { retries: 0 },
      handler: ({ payload }) => {
        if (payload.id === 'b1') throw new Error('on purpose');
        return payload.id === 'a2' ? new Promise<void>((resolve) => (finish = resolve)) : undefined;
      },
    });
    rig.source.rows = [row(1), row(2), row(1, 'conv_c'), row(1, 'conv_b'), row(2, 'conv_c')];
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(rig.source.asked.filter((line) => line.startsWith('syncAck'))).toEqual(['syncAck del_a1']);
    expect(rig.acked).toEqual(['c1', 'c2']);
    finish();
    await rig.clock.advance(1_000);
    expect(rig.source.asked.filter((line) => line.startsWith('syncAck')).at(-1)).toBe('syncAck del_c1');
    expect(rig.engine.counters.parked).toBe(1);
  });

  it('ACK-2: no frame overtakes the cursor: the rows before a live message go before it, once', async () => {
    const rig = new EngineRig();
    // The acknowledgement by cursor hangs: a process that died now would have acknowledged nothing.
    rig.source.next('syncAck', () => new Promise(() => {}));
    rig.source.rows = [row(1), row(1, 'conv_b'), row(2)];
    await rig.hello();
    expect(rig.acked).toEqual([]);
    await rig.frame(message(3));
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    await rig.frame(message(4));
    expect(rig.acked).toEqual(['a1', 'a2', 'a3', 'a4']);
  });

  it('ACK-2: rows that the service has confirmed are not acknowledged again', async () => {
    const rig = new EngineRig();
    rig.source.next('syncAck', () => Promise.reject(new TypeError('fetch failed')));
    rig.source.rows = [row(1)];
    await rig.hello();
    await rig.clock.advance(30_000);
    expect(rig.source.count('syncAck')).toBe(2);
    await rig.frame(message(2));
    expect(rig.acked).toEqual(['a2']);
  });

  it('a duplicate of a handled message is acknowledged again, one that is at work is not', async () => {
    let finish = () => {};
    const rig = new EngineRig({
      handler: ({ payload }) =>
        payload.id === 'a2' ? new Promise<void>((resolve) => (finish = resolve)) : undefined,
    });
    await rig.hello();
    await rig.frame(message(1), message(2), message(1), message(2));
    expect(rig.acked).toEqual(['a1', 'a1']);
    finish();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1', 'a1', 'a2']);
  });

  it('rows from a fill are acknowledged by frame in ack mode', async () => {
    const rig = new EngineRig();
    rig.source.history = [message(1), message(2), message(3)];
    await rig.hello();
    await rig.frame(message(1), message(3));
    await rig.clock.advance(3_000);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
  });

  it('an ack that falls due after a reconnect goes out on the new session', async () => {
    let finish = () => {};
    const rig = new EngineRig({ handler: () => new Promise<void>((resolve) => (finish = resolve)) });
    await rig.hello();
    await rig.frame(message(1));
    await rig.lost();
    finish();
    await rig.clock.settle();
    expect(rig.acked).toEqual([]);
    await rig.hello();
    expect(rig.acked).toEqual(['a1']);
  });

  it('without ack mode no frame is acknowledged, and drained rows still are by cursor', async () => {
    const rig = new EngineRig();
    rig.source.rows = [row(1)];
    await rig.hello(false);
    await rig.frame(message(2));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.acked).toEqual([]);
    expect(rig.source.asked).toContain('syncAck del_a1');
  });

  it('our own echo is not acknowledged by frame: nobody waits for it', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1), message(2, 'conv_a', { sender: '@Me' }), message(3));
    expect(rig.handled).toEqual(['a1', 'a3']);
    expect(rig.acked).toEqual(['a1', 'a3']);
  });
});
