import { describe, expect, it } from 'vitest';
import { arrivalOf, LanesRig } from './lanes-rig.js';

describe('HND-1: a failing handler', () => {
  it.each(['sync', 'async'])('is called again after 0.5 s, 1 s and 2 s, then parked: %s', async (kind) => {
    const rig = new LanesRig();
    const at: number[] = [];
    const attempts: number[] = [];
    rig.handlers((_event, { attempt, redelivered }) => {
      at.push(rig.clock.now());
      attempts.push(attempt);
      expect(redelivered).toBe(attempt > 1);
      if (kind === 'sync') throw new Error('on purpose');
      return Promise.reject(new Error('on purpose'));
    });
    rig.push('a1');
    await rig.clock.advance(60_000);
    expect(at).toEqual([0, 500, 1_500, 3_500]);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(rig.log).toEqual(['parked a1', 'empty a']);
    expect(rig.errors.map(({ willRetry }) => willRetry)).toEqual([true, true, true, false]);
  });

  it('keeps its conversation waiting and no other, and no slot', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'b1');
    rig.call('a1').fail();
    await rig.clock.settle();
    expect(rig.started).toEqual(['a1', 'b1']);
    await rig.finish('b1');
    await rig.clock.advance(500);
    expect(rig.started).toEqual(['a1', 'b1', 'a1']);
    await rig.finish('a1', 'a2');
    expect(rig.handled).toEqual(['b1', 'a1', 'a2']);
  });

  it('is called again alone: those that succeeded are not', async () => {
    const rig = new LanesRig();
    const calls: string[] = [];
    let fails = 2;
    rig.handlers(
      () => calls.push('first'),
      () => {
        calls.push('second');
        fails -= 1;
        if (fails >= 0) throw new Error('on purpose');
      },
      async () => {
        calls.push('third');
      },
    );
    rig.push('a1');
    await rig.clock.advance(10_000);
    expect(calls).toEqual(['first', 'second', 'third', 'second', 'second']);
    expect(rig.handled).toEqual(['a1']);
  });

  it('never waits longer than maxDelayMs', async () => {
    const rig = new LanesRig({ handlerRetry: { retries: 6, minDelayMs: 500, maxDelayMs: 2_000 } });
    const at: number[] = [];
    rig.handlers(() => {
      at.push(rig.clock.now());
      throw new Error('on purpose');
    });
    rig.push('a1');
    await rig.clock.advance(60_000);
    expect(at).toEqual([0, 500, 1_500, 3_500, 5_500, 7_500, 9_500]);
  });

  it('is parked, and the lane goes on, when that is the policy', async () => {
    const rig = new LanesRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    rig.handlers(({ payload }) => {
      if (payload.id === 'a1') throw new Error('on purpose');
    });
    rig.push('a1', 'a2');
    await rig.clock.settle();
    expect(rig.log).toEqual(['parked a1', 'empty a', 'handled a2', 'empty a']);
  });

  it('blocks its lane when that is the policy, and is called again until it succeeds', async () => {
    const rig = new LanesRig({ onHandlerFailure: 'block' });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2');
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      rig.call('a1').fail();
      await rig.clock.advance(10_000);
    }
    expect(rig.started).toEqual(Array.from({ length: 9 }, () => 'a1'));
    await rig.finish('a1', 'a2');
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('waits like a blocking one when no more can be parked, and nothing is lost', async () => {
    let room = false;
    const rig = new LanesRig({ canPark: () => room });
    rig.handlers(({ payload }) => {
      if (payload.id === 'a1') throw new Error('on purpose');
    });
    rig.push('a1', 'a2');
    await rig.clock.advance(120_000);
    expect(rig.log).toEqual([]);
    room = true;
    await rig.clock.advance(10_000);
    expect(rig.log).toEqual(['parked a1', 'handled a2', 'empty a']);
  });
});

describe('HND-1: onDeadLetter', () => {
  const handlerRetry = { retries: 1, minDelayMs: 500, maxDelayMs: 10_000 };

  it('takes a message over, and it counts as handled when that succeeds', async () => {
    const letters: unknown[] = [];
    const rig = new LanesRig({
      handlerRetry,
      onDeadLetter: async ({ payload }, error) => {
        letters.push([payload.id, error]);
      },
    });
    const error = new Error('on purpose');
    rig.handlers(() => Promise.reject(error));
    rig.push('a1', 'a2');
    await rig.clock.advance(600);
    expect(letters).toEqual([['a1', error]]);
    expect(rig.handled).toEqual(['a1']);
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s leaves the message to the policy', async (_name, onDeadLetter) => {
    const rig = new LanesRig({ handlerRetry, onDeadLetter });
    rig.handlers(() => Promise.reject(new Error('on purpose')));
    rig.push('a1');
    await rig.clock.advance(5_000);
    expect(rig.log).toEqual(['parked a1', 'empty a']);
    expect(rig.errors).toHaveLength(3);
  });

  it('keeps the lane while it works', async () => {
    let finish = () => {};
    const rig = new LanesRig({
      handlerRetry: { ...handlerRetry, retries: 0 },
      onDeadLetter: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    rig.handlers(({ payload }) => {
      rig.log.push(`starts ${payload.id}`);
      if (payload.id === 'a1') throw new Error('on purpose');
    });
    rig.push('a1', 'a2');
    await rig.clock.advance(30_000);
    expect(rig.log).toEqual(['starts a1']);
    finish();
    await rig.clock.settle();
    expect(rig.log).toEqual(['starts a1', 'handled a1', 'starts a2', 'handled a2', 'empty a']);
  });
});

describe('HND-1: many failures at once', () => {
  it('do not exhaust the stack: 6,000 conversations that waited for a handler which throws', async () => {
    const rig = new LanesRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    const lanes = 6_000;
    for (let n = 0; n < lanes; n += 1) rig.lanes.push(rig.busy(`c${n}`), arrivalOf(`a${n}`));
    let calls = 0;
    rig.handlers(() => {
      calls += 1;
      throw new Error('on purpose');
    });
    await rig.clock.advance(1_000);
    expect(calls).toBe(lanes);
    expect(rig.log.filter((line) => line.startsWith('parked'))).toHaveLength(lanes);
  });

  it('nor do 6,000 in one lane', () => {
    const rig = new LanesRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    for (let n = 0; n < 6_000; n += 1) rig.push(`a${n}`);
    rig.handlers(() => {
      throw new Error('on purpose');
    });
    expect(rig.log.filter((line) => line.startsWith('parked'))).toHaveLength(6_000);
  });

  it('nor do retries of 6,000 conversations', async () => {
    const rig = new LanesRig();
    for (let n = 0; n < 6_000; n += 1) rig.lanes.push(rig.busy(`c${n}`), arrivalOf(`a${n}`));
    let calls = 0;
    rig.handlers(() => {
      calls += 1;
      throw new Error('on purpose');
    });
    expect(calls).toBe(6_000);
  });
});
