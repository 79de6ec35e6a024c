import { describe, expect, it } from 'vitest';
import { NotFoundError } from '../../../src/errors/index.js';
import type { MessageEvent } from '../../../src/realtime/index.js';
import { Replicas } from '../../../src/stores/replicas/replicas.js';
import { ModelReplica, ReplicasWorld } from '../../stores/replicas-world.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';
import { cursorOf, Gates, rigOf } from './replica-rig.js';

/** Schedules in which something of one tenure of a partition could harm the next, or the moving itself. */
describe('REP-5 nothing of an earlier tenure harms the next', () => {
  const noSeq = { id: 'x', seq: null as never };

  it('a message without a seq that was dropped with its lane comes again', async () => {
    const gates = new Gates();
    const { rig, fleet } = await rigOf([0], gates.handler);
    await rig.frame(message(1), message(2, 'conv_a', noSeq));
    fleet.lose(0);
    gates.end('a1');
    fleet.take(0);
    rig.source.rows = [row(1), row(2, 'conv_a', noSeq)];
    for (let n = 0; n < 20; n += 1) {
      await rig.clock.advance(10_000);
      gates.end('a1');
      gates.end('x');
    }
    expect(gates.begun.filter((id) => id === 'x')).toHaveLength(2);
    expect(rig.acked).toContain('x');
  });

  it('a parked message that was at work when the partition was lost comes again', async () => {
    let mode: 'fail' | 'hang' | 'succeed' = 'fail';
    const begun: string[] = [];
    const { rig, fleet } = await rigOf([0], ({ payload }: MessageEvent) => {
      begun.push(`${payload.id} ${mode}`);
      if (payload.id !== 'a1' || mode === 'succeed') return undefined;
      if (mode === 'fail') throw new Error('model is down');
      return new Promise(() => {});
    });
    rig.source.history = [message(1), message(2)];
    await rig.frame(message(1), message(2));
    await rig.clock.advance(20_000);
    expect(fleet.stored.get('conv_a')?.parked).toHaveLength(1);
    mode = 'hang';
    await rig.clock.advance(120_000);
    fleet.lose(0);
    mode = 'succeed';
    fleet.take(0);
    rig.source.rows = [row(1)];
    await rig.clock.advance(4 * 3_600_000);
    expect(begun).toContain('a1 succeed');
  });

  it('a message that was parked beside the order is not handled again when another replica may have done so', async () => {
    let fails = true;
    const { rig, fleet } = await rigOf([0], () => {
      if (fails) throw new Error('model is down');
    });
    await rig.frame(message(1, 'conv_a', noSeq));
    await rig.clock.advance(15_000);
    fleet.lose(0, 'moved');
    fails = false;
    const { length } = rig.handled;
    fleet.take(0);
    await rig.clock.advance(600_000);
    expect(rig.handled).toHaveLength(length);
    expect(rig.engine.order.register.parkedTotal).toBe(0);
  });

  it('a list of what is unfinished that was read before the taking is not believed', async () => {
    const { rig, fleet } = await rigOf([]);
    fleet.stored.set('conv_a', { ...cursorOf('conv_a', 3), parked: [{ seq: 2, id: 'a2', times: 1 }] });
    rig.source.history = [message(1), message(2), message(3), message(4)];
    const { unfinished } = fleet.cursors;
    fleet.cursors.unfinished = async () => {
      const list = await unfinished();
      await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 50));
      return list;
    };
    fleet.take(1);
    await rig.clock.advance(20);
    // The owner until now has handled 2, 3 and 4, and gives it away.
    fleet.stored.set('conv_a', cursorOf('conv_a', 5));
    fleet.take(0);
    await rig.clock.advance(1_000);
    await rig.frame(message(5));
    await rig.clock.advance(200_000);
    expect(rig.handled).toEqual(['a5']);
  });

  it('an answer of history that was asked for in an earlier tenure is not believed', async () => {
    const { rig, fleet } = await rigOf([0]);
    let refuse = () => {};
    rig.source.next(
      'getMessages',
      () =>
        new Promise((_, reject) => {
          refuse = () => reject(Object.assign(new NotFoundError({ message: 'gone', status: 404 })));
        }),
    );
    await rig.frame(message(1), message(4));
    await rig.clock.advance(3_000);
    expect(rig.source.count('getMessages')).toBe(1);
    fleet.lose(0);
    fleet.stored.set('conv_a', cursorOf('conv_a', 3));
    fleet.take(0);
    // The gap of the new tenure asks, too, and its answer takes its time.
    rig.source.next('getMessages', async () => {
      await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 1_000));
      return [message(3), message(4)];
    });
    await rig.frame(message(4));
    await rig.clock.advance(2_500);
    expect(rig.source.count('getMessages')).toBe(2);
    refuse();
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'a3', 'a4']);
    expect(rig.gaps.map(({ reason }) => reason)).toEqual(['gap_filled']);
  });

  it('rows of a pass that were left to somebody else make no later one the oldest', async () => {
    const { rig, fleet } = await rigOf([1]);
    const filler = Array.from({ length: 498 }, (_, n) => row(n + 1, 'conv_z'));
    const first = [row(5), row(6), ...filler];
    rig.source.rows = [...first, row(7)];
    rig.source.next('sync', async () => first);
    rig.source.next('sync', async () => {
      await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 20));
      fleet.take(0);
      return [row(7)];
    });
    void rig.engine.catchUp.drain();
    await rig.clock.advance(20_000);
    expect(rig.handled).toEqual(['a5', 'a6', 'a7']);
  });
});

describe('REP-6 a partition that is to move', () => {
  it('moves although others keep the store busy', async () => {
    const { rig, fleet } = await rigOf([0, 1]);
    const { clock } = rig;
    const { save } = fleet.cursors;
    fleet.cursors.save = async (cursors) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 20));
      return save(cursors);
    };
    let seq = 0;
    const pump = () => {
      seq += 1;
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq, 'conv_b') });
      clock.setTimer(pump, 10);
    };
    pump();
    await rig.frame(message(1));
    await clock.advance(1_000);
    fleet.owned.delete(0);
    let isQuiet = false;
    void fleet.listener?.leaving(0).then(() => {
      isQuiet = true;
    });
    await clock.advance(1_000);
    expect(isQuiet).toBe(true);
  });

  it('does not wait for ever for a handler that never ends', async () => {
    const gates = new Gates();
    const { rig, fleet } = await rigOf([0], gates.handler);
    await rig.frame(message(1));
    fleet.owned.delete(0);
    let isQuiet = false;
    void fleet.listener?.leaving(0).then(() => {
      isQuiet = true;
    });
    await rig.clock.advance(59_000);
    expect(isQuiet).toBe(false);
    await rig.clock.advance(2_000);
    expect(isQuiet).toBe(true);
  });
});

describe('a coordinator', () => {
  it('REP-1 that is given to two clients serves the first, and the second says what is wrong', async () => {
    const { clock } = new EngineRig();
    const world = new ReplicasWorld(clock);
    const link = new ModelReplica(world, 'a', 4);
    const replicas = new Replicas(world.connection(link), { leaseMs: 30_000, partitions: 4 }, clock);
    const first = new EngineRig({ replicas, clock });
    const second = new EngineRig({ replicas, clock });
    await first.hello();
    await second.hello();
    await clock.advance(1_000);
    for (const { engine } of [first, second])
      engine.inbox.frame({ type: 'message.new', payload: message(1) });
    await clock.advance(100);
    expect([first.handled, second.handled]).toEqual([['a1'], []]);
    expect(second.errors.map(({ code }) => code)).toEqual(['VALIDATION_ERROR']);
    expect(second.errors[0]?.message).toContain('Call `store.replicas()` once for each client.');
    // Nor does it stop what is the first one's.
    await second.stop();
    for (const { engine } of [first, second])
      engine.inbox.frame({ type: 'message.new', payload: message(2) });
    await clock.advance(100);
    expect(first.handled).toEqual(['a1', 'a2']);
  });

  it.each(['owns', 'partitionOf', 'tell', 'start', 'stop'] as const)(
    'HND-1 of somebody else that throws in %s() disturbs nothing, and is told',
    async (method) => {
      const { rig, fleet } = await rigOf([0]);
      await rig.frame(message(1));
      Object.assign(fleet, {
        [method]: () => {
          throw new Error('a bug');
        },
      });
      for (let seq = 1; seq < 20; seq += 1) await rig.frame(message(1), message(seq, 'conv_b'));
      await rig.lost();
      await rig.hello();
      await rig.stop();
      const told = rig.errors.filter(({ code }) => code === 'REPLICAS_FAILED');
      expect(told.length).toBeGreaterThan(0);
      expect(told.length).toBeLessThan(8);
      expect(rig.handled).toEqual(['a1']);
    },
  );
});

describe('replicas', () => {
  it('REP-4 what history shows is no finding against the socket', async () => {
    const { rig, fleet } = await rigOf([0]);
    const at = (seq: number) =>
      message(seq, 'conv_a', { created_at: new Date(rig.clock.wallNow()).toISOString() });
    await rig.frame(at(1));
    await rig.clock.advance(20_000);
    for (let seq = 2; seq < 30; seq += 1) {
      rig.source.history.push(at(seq));
      fleet.listener?.heard('conv_a', seq);
      await rig.clock.advance(20_000);
    }
    expect(rig.handled).toHaveLength(29);
    expect(rig.replaced).toEqual([]);
  });

  it('STOP-1 the deadline of a stop aborts handlers, though the store does not answer', async () => {
    const { clock } = new EngineRig();
    const world = new ReplicasWorld(clock);
    const link = new ModelReplica(world, 'a', 4);
    const replicas = new Replicas(world.connection(link), { leaseMs: 30_000, partitions: 4 }, clock);
    const gates = new Gates();
    const rig = new EngineRig({ replicas, handler: gates.handler, clock });
    await rig.hello();
    await clock.advance(1_000);
    rig.engine.inbox.frame({ type: 'message.new', payload: message(1) });
    await clock.advance(100);
    expect(gates.begun).toEqual(['a1']);
    const { signal } = rig.contexts.get('a1') ?? {};
    link.delayMs = 9_000;
    await clock.advance(9_500);
    void rig.engine.stop(1_000);
    await clock.advance(1_100);
    expect(signal?.aborted).toBe(true);
  });
});
