import { describe, expect, it } from 'vitest';
import { totalsOf } from '../../../src/realtime/explain/explain.js';
import type { EventContext } from '../../../src/realtime/index.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

const handlerRetry = { retries: 1, minDelayMs: 500, maxDelayMs: 1_000 };

/** An engine whose handler fails on `a1` while it is told to. */
function failing(options: ConstructorParameters<typeof EngineRig>[0] = {}) {
  const state = { fails: true };
  const calls: [string, Pick<EventContext, 'attempt' | 'redelivered' | 'late'>][] = [];
  const rig = new EngineRig({
    handlerRetry,
    handler: async ({ payload }, { attempt, redelivered, late }) => {
      calls.push([payload.id, { attempt, redelivered, late }]);
      if (payload.id === 'a1' && state.fails) throw new Error('on purpose');
    },
    ...options,
  });
  rig.source.history = [message(1), message(2)];
  return { rig, calls, state };
}

describe('HND-1: a message whose handler keeps failing, from frame to acknowledgement', () => {
  it('is parked: it stays unacknowledged, its conversation goes on, and it comes again, late', async () => {
    const { rig, calls, state } = failing();
    await rig.hello();
    await rig.frame(message(1), message(2));
    await rig.clock.advance(10_000);
    expect(rig.acked).toEqual(['a2']);
    expect(rig.engine.counters).toMatchObject({ parked: 1, handled: 1, handlerFailures: 2 });
    expect(totalsOf(rig.engine).parked).toBe(1);
    state.fails = false;
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(['a2', 'a1']);
    expect(calls.at(-1)).toEqual(['a1', { attempt: 1, redelivered: true, late: true }]);
    expect(rig.engine.counters).toMatchObject({ parked: 1, handled: 2, late: 1 });
    expect(totalsOf(rig.engine).parked).toBe(0);
  });

  it('is parked again while it fails, each time after its retries, and never blocks the others', async () => {
    const { rig, calls } = failing();
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(10 * 60_000);
    // At 0, and 1, 3 and 7 minutes later.
    expect(calls.map(([, { attempt }]) => attempt)).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
    expect(rig.engine.counters.parked).toBe(4);
    await rig.frame(message(2));
    expect(rig.acked).toEqual(['a2']);
  });

  it('is waited for under `block`: nothing behind it is handled or acknowledged, other conversations are', async () => {
    const { rig, state } = failing({ onHandlerFailure: 'block' });
    await rig.hello();
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(['b1']);
    expect(rig.engine.counters.parked).toBe(0);
    state.fails = false;
    await rig.clock.advance(2_000);
    expect(rig.acked).toEqual(['b1', 'a1', 'a2']);
  });

  it('is handled when a dead letter handler has taken it, and does not come again', async () => {
    const taken: string[] = [];
    const { rig, calls } = failing({ onDeadLetter: ({ payload }) => void taken.push(payload.id) });
    await rig.hello();
    await rig.frame(message(1), message(2));
    await rig.clock.advance(3 * 3_600_000);
    expect(taken).toEqual(['a1']);
    expect(rig.acked).toEqual(['a1', 'a2']);
    expect(calls.filter(([id]) => id === 'a1')).toHaveLength(2);
  });

  it.each([true, false])('is kept where there is no history to fetch it from (acks: %s)', async (ackMode) => {
    const { rig, calls, state } = failing({ client: undefined });
    await rig.hello(ackMode);
    await rig.frame(message(1), message(2));
    await rig.clock.advance(70_000);
    expect(rig.engine.counters).toMatchObject({ parked: 2, handled: 1 });
    await rig.stop();
    expect(rig.clock.pendingTimers).toBe(0);
    await rig.clock.advance(600_000);
    state.fails = false;
    rig.engine.start();
    await rig.clock.advance(1_000);
    expect(calls.at(-1)).toEqual(['a1', { attempt: 1, redelivered: true, late: true }]);
    expect(rig.engine.counters).toMatchObject({ handled: 2, late: 1 });
    expect(totalsOf(rig.engine).parked).toBe(0);
  });

  it('comes with the backlog where an earlier process had parked it, and there is no history', async () => {
    const cursor = {
      conversationId: 'conv_a',
      expected: 3,
      floor: 0,
      missing: [],
      parked: [{ seq: 1, id: 'a1', times: 2 }],
    };
    const store = { load: async () => cursor, save: async () => {} };
    const { rig, calls, state } = failing({ client: undefined, store });
    state.fails = false;
    await rig.hello();
    await rig.frame(message(3));
    await rig.frame(message(1));
    expect(calls).toEqual([
      ['a3', { attempt: 1, redelivered: false, late: false }],
      ['a1', { attempt: 1, redelivered: true, late: true }],
    ]);
    expect(rig.acked).toEqual(['a3', 'a1']);
  });

  it('that has no seq is parked by its id, unacknowledged, and comes again from memory', async () => {
    let fails = true;
    const rig = new EngineRig({
      handlerRetry,
      handler: () => {
        if (fails) throw new Error('on purpose');
      },
    });
    await rig.hello();
    await rig.frame(message(1, 'conv_a', { seq: undefined as never }));
    await rig.clock.advance(50_000);
    expect(rig.engine.counters.parked).toBe(1);
    expect(rig.acked).toEqual([]);
    fails = false;
    await rig.clock.advance(12_000);
    expect(rig.acked).toEqual(['a1']);
  });
});
