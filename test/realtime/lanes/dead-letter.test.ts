import { describe, expect, it } from 'vitest';
import { LanesRig } from './lanes-rig.js';

const handlerRetry = { retries: 1, minDelayMs: 500, maxDelayMs: 10_000 };

/** A dead letter handler whose calls the test ends. */
function letters() {
  const calls: { id: string; error: unknown; done(): void; fail(): void }[] = [];
  return {
    calls,
    onDeadLetter: ({ payload }: { payload: { id: string } }, error: unknown) =>
      new Promise<void>((resolve, reject) => {
        calls.push({ id: payload.id, error, done: resolve, fail: () => reject(new Error('no letter')) });
      }),
    last() {
      const call = calls.at(-1);
      if (call === undefined) throw new Error('no dead letter');
      return call;
    },
  };
}

describe('HND-1: the dead letter handler', () => {
  it('is called once for several handlers that failed, after their retries, and spares those that succeeded', async () => {
    const { calls, onDeadLetter, last } = letters();
    const rig = new LanesRig({ handlerRetry, onDeadLetter });
    const called: string[] = [];
    rig.handlers(
      () => called.push('good'),
      () => {
        called.push('bad');
        throw new Error('bad');
      },
      async () => {
        called.push('worse');
        throw new Error('worse');
      },
    );
    rig.push('a1');
    await rig.clock.advance(5_000);
    expect(called).toEqual(['good', 'bad', 'worse', 'bad', 'worse']);
    expect(calls).toMatchObject([{ id: 'a1', error: new Error('worse') }]);
    expect(rig.handled).toEqual([]);
    last().done();
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1']);
    expect(rig.log).not.toContain('parked a1');
  });

  it('may be synchronous', async () => {
    const taken: string[] = [];
    const rig = new LanesRig({
      handlerRetry: { ...handlerRetry, retries: 0 },
      onDeadLetter: ({ payload }) => void taken.push(payload.id),
    });
    rig.handlers(() => {
      throw new Error('on purpose');
    });
    rig.push('a1', 'a2', 'b1');
    await rig.clock.settle();
    expect(taken).toEqual(['a1', 'b1', 'a2']);
    expect(rig.handled).toEqual(['a1', 'b1', 'a2']);
  });

  it('that never ends keeps its own lane; its slot it gives back after the warning (ORD-1)', async () => {
    const rig = new LanesRig({
      bounds: { concurrency: 1 },
      handlerRetry: { ...handlerRetry, retries: 0 },
      onDeadLetter: () => new Promise(() => {}),
    });
    rig.handlers(({ payload }) => {
      if (payload.id === 'a1') throw new Error('on purpose');
    });
    rig.push('a1', 'a2', 'b1');
    await rig.clock.advance(30_000);
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(60_000);
    expect(rig.handled).toEqual(['b1']);
    expect(rig.errors.map(({ code }) => code)).toEqual(['HANDLER_FAILED', 'HANDLER_SLOW']);
  });

  it('that fails under `block` is asked again after the handlers were, until one of them succeeds', async () => {
    const { calls, onDeadLetter } = letters();
    const rig = new LanesRig({
      handlerRetry: { ...handlerRetry, retries: 0 },
      onHandlerFailure: 'block',
      onDeadLetter,
    });
    let fails = 3;
    rig.handlers(({ payload }) => {
      fails -= payload.id === 'a1' ? 1 : 0;
      if (fails >= 0) throw new Error('on purpose');
    });
    rig.push('a1', 'a2');
    for (let n = 0; n < 3; n += 1) {
      await rig.clock.settle();
      expect(calls).toHaveLength(n + 1);
      calls[n]?.fail();
      await rig.clock.advance(10_000);
    }
    expect(rig.log).toEqual(['handled a1', 'handled a2', 'empty a']);
  });
});

describe('STOP-1: a dead letter handler at work when the client stops', () => {
  async function atWork() {
    const letter = letters();
    const rig = new LanesRig({
      handlerRetry: { ...handlerRetry, retries: 0 },
      onDeadLetter: letter.onDeadLetter,
    });
    const failing = () => {
      rig.log.push('called');
      throw new Error('on purpose');
    };
    rig.handlers(failing);
    rig.push('a1');
    await rig.clock.settle();
    rig.stop();
    let idle = false;
    void rig.lanes.slots.whenIdle().then(() => {
      idle = true;
    });
    await rig.clock.settle();
    expect(idle).toBe(false);
    return { rig, letter, failing, isIdle: () => idle };
  }

  it('is waited for, and counts when it succeeds', async () => {
    const { rig, letter, isIdle } = await atWork();
    letter.last().done();
    await rig.clock.settle();
    expect(isIdle()).toBe(true);
    expect(rig.handled).toEqual(['a1']);
  });

  it('is not judged when it fails: the next life calls the handlers again', async () => {
    const { rig, letter, failing, isIdle } = await atWork();
    letter.last().fail();
    await rig.clock.settle();
    expect(isIdle()).toBe(true);
    expect(rig.log).toEqual(['called']);
    rig.lanes.abandon();
    rig.restart();
    rig.handlers(failing);
    await rig.clock.settle();
    expect(rig.log).toEqual(['called', 'called']);
    expect(letter.calls).toHaveLength(2);
    letter.last().done();
    await rig.clock.settle();
    expect(rig.handled).toEqual(['a1']);
  });

  it('keeps its lane when it outlives the deadline, and counts when it succeeds in the next life', async () => {
    const { rig, letter, isIdle } = await atWork();
    rig.lanes.abandon();
    await rig.clock.settle();
    expect(isIdle()).toBe(true);
    rig.restart();
    rig.handlers(({ payload }) => rig.log.push(`starts ${payload.id}`));
    rig.push('a2', 'b1');
    expect(rig.started).toEqual(['b1']);
    letter.last().done();
    await rig.clock.settle();
    expect(rig.handled).toEqual(['b1', 'a1', 'a2']);
  });
});
