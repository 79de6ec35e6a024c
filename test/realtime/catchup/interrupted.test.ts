import { describe, expect, it } from 'vitest';
import type { EventContext, EventHandler, RealtimeOptions } from '../../../src/realtime/index.js';
import { EngineRig, message } from './engine-rig.js';

const HOUR = 3_600_000;

/** Ends as a well-behaved handler does when it is told to: by rejecting with the reason. */
function untilAborted({ signal }: EventContext): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

describe('STOP-1: a stop with handlers that never end', () => {
  it.each([1, 2])(
    'leaves their slots (concurrency %i) to the other conversations of the next life',
    async (concurrency) => {
      const rig = new EngineRig({
        concurrency,
        handler: ({ payload }) => (payload.conversation_id < 'conv_c' ? new Promise(() => {}) : undefined),
      });
      await rig.hello();
      await rig.frame(message(1), message(1, 'conv_b'), message(1, 'conv_c'));
      expect(rig.handled).toHaveLength(concurrency === 1 ? 1 : 2);
      await rig.stop(1_000);
      expect(rig.clock.pendingTimers).toBe(0);
      rig.engine.start();
      await rig.hello();
      // With one slot conv_b, which never ends either, takes it: until the next stop.
      if (concurrency === 1) {
        await rig.stop(1_000);
        rig.engine.start();
        await rig.hello();
      }
      await rig.frame(message(2, 'conv_c'), message(1, 'conv_d'));
      expect(rig.handled.slice(-3)).toEqual(['c1', 'c2', 'd1']);
      // Its own conversation still waits for it (ORD-1).
      await rig.frame(message(2));
      await rig.clock.advance(1_000);
      expect(rig.handled).not.toContain('a2');
    },
  );

  it('a slot is given back once: the stuck handler that ends after all frees no second one', async () => {
    const ends: (() => void)[] = [];
    const rig = new EngineRig({
      concurrency: 1,
      handler: () => new Promise<void>((resolve) => ends.push(resolve)),
    });
    await rig.hello();
    await rig.frame(message(1));
    await rig.stop(1_000);
    rig.engine.start();
    await rig.hello();
    await rig.frame(message(1, 'conv_b'), message(1, 'conv_c'), message(1, 'conv_d'));
    expect(rig.engine.lanes.slots.runningCount).toBe(1);
    ends[0]?.();
    await rig.clock.settle();
    expect(rig.engine.lanes.slots.runningCount).toBe(1);
    expect(rig.handled).toEqual(['a1', 'b1']);
    expect(rig.engine.counters.handled).toBe(1);
  });
});

describe.each([
  ['park', { onHandlerFailure: 'park' }],
  ['block', { onHandlerFailure: 'block' }],
] satisfies [string, Partial<RealtimeOptions>][])(
  'STOP-1: handlers that a stop interrupts (%s)',
  (_, policy) => {
    function interrupted(handler: EventHandler<'message.new'>, retries = 0) {
      const dead: string[] = [];
      const calls: EventContext[] = [];
      const rig = new EngineRig({
        ...policy,
        handlerRetry: { retries },
        onDeadLetter: ({ payload }) => void dead.push(payload.id),
        handler: (event, context) => {
          calls.push(context);
          return handler(event, context);
        },
      });
      return { rig, dead, calls };
    }

    it.each([0, 3])('are not judged, and the next life calls them again (retries: %i)', async (retries) => {
      let works = false;
      const { rig, dead, calls } = interrupted((_event, context) => {
        return works ? undefined : untilAborted(context);
      }, retries);
      await rig.hello();
      await rig.frame(message(1), message(2));
      await rig.stop(1_000);
      await rig.clock.settle();
      expect(calls).toHaveLength(1);
      const { counters } = rig.engine;
      expect({ ...counters }).toMatchObject({ handled: 0, parked: 0, handlerFailures: 0, acksSent: 0 });
      const errors = rig.errors.filter(({ code }) => code !== 'HANDLERS_LEFT');
      expect([dead, rig.acked, errors]).toEqual([[], [], []]);

      await rig.clock.advance(HOUR);
      expect(calls).toHaveLength(1);
      expect(rig.clock.pendingTimers).toBe(0);

      works = true;
      rig.engine.start();
      await rig.hello();
      await rig.clock.advance(1_000);
      expect(rig.handled).toEqual(['a1', 'a1', 'a2']);
      expect(calls[1]).toMatchObject({ attempt: 1, redelivered: true });
      expect(calls[1]?.signal.aborted).toBe(false);
      expect(rig.acked).toEqual(['a1', 'a2']);
      expect({ ...counters }).toMatchObject({ handled: 2, parked: 0 });
      expect(dead).toEqual([]);
    });

    it('nothing runs when one fails long after disconnect() has resolved', async () => {
      let fail = () => {};
      const { rig, dead, calls } = interrupted(
        () => new Promise((_, reject) => (fail = () => reject(new Error('late failure')))),
      );
      await rig.hello();
      await rig.frame(message(1));
      await rig.stop(1_000);
      await rig.clock.advance(HOUR);
      const { length } = rig.source.asked;
      fail();
      await rig.clock.advance(HOUR);
      const errors = rig.errors.filter(({ code }) => code !== 'HANDLERS_LEFT');
      expect([dead, rig.acked, errors]).toEqual([[], [], []]);
      expect(calls).toHaveLength(1);
      expect(rig.source.asked).toHaveLength(length);
      expect(rig.clock.pendingTimers).toBe(0);
      expect({ ...rig.engine.counters }).toMatchObject({ handled: 0, parked: 0 });
    });

    it('one that fails before the deadline is not judged either', async () => {
      let fail = () => {};
      const { rig, dead } = interrupted(
        () => new Promise((_, reject) => (fail = () => reject(new Error('on purpose')))),
      );
      await rig.hello();
      await rig.frame(message(1));
      rig.engine.sessionEnded();
      const stopped = rig.engine.stop(10_000);
      await rig.clock.advance(500);
      fail();
      await rig.clock.settle();
      await stopped;
      expect(dead).toEqual([]);
      expect(rig.engine.counters).toMatchObject({ handled: 0, parked: 0 });
      expect(rig.clock.now()).toBe(500);
    });

    it('one that takes its time to end, until the next life has begun, is not judged either', async () => {
      let works = false;
      const { rig, dead, calls } = interrupted(async (_event, context) => {
        if (works) return;
        await untilAborted(context).catch(() => {});
        await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 500));
        throw context.signal.reason;
      });
      await rig.hello();
      await rig.frame(message(1));
      await rig.stop(1_000);
      rig.engine.start();
      await rig.hello();
      works = true;
      await rig.clock.advance(5_000);
      expect(dead).toEqual([]);
      expect(calls).toHaveLength(2);
      expect(rig.engine.counters).toMatchObject({ handled: 1, parked: 0 });
      expect(rig.acked).toEqual(['a1']);
    });
  },
);
