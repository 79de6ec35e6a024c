import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from '../catchup/engine-rig.js';
import { cursorOf, FakeCoordinator, Gates, rigOf } from './replica-rig.js';

describe('REP-4 a message of a conversation that another replica has', () => {
  it('is neither handled nor acknowledged, and its owner is told of the seq', async () => {
    const { rig, fleet } = await rigOf([0]);
    await rig.frame(message(1), message(1, 'conv_b'), message(2, 'conv_b'));
    await rig.clock.advance(60_000);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.acked).toEqual(['a1']);
    expect(fleet.told).toEqual(['conv_b 1', 'conv_b 2']);
    expect(rig.engine.counters.notOurs).toBe(2);
  });

  it('is left alone in the undelivered queue too', async () => {
    const { rig } = await rigOf([0]);
    rig.source.rows = [row(1, 'conv_b'), row(1, 'conv_a')];
    await rig.clock.advance(16_000);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.acked).toEqual(['a1']);
    // A cursor would cover the other one's row.
    expect(rig.source.count('syncAck')).toBe(0);
    expect(rig.engine.counters.findings).toBe(0);
  });

  it('is told of when it is our own', async () => {
    const { rig, fleet } = await rigOf([0]);
    rig.engine.inbox.sent(message(5, 'conv_b', { sender: 'me' }));
    rig.engine.inbox.sent(message(1, 'conv_a', { sender: 'me' }));
    await rig.clock.advance(1_000);
    expect(fleet.told).toEqual(['conv_b 5']);
  });

  it('opens an ordinary gap where it is heard of by its owner, which fills it', async () => {
    const { rig, fleet } = await rigOf([0]);
    await rig.frame(message(1));
    rig.source.history = [message(1), message(2), message(3)];
    fleet.listener?.heard('conv_a', 3);
    fleet.listener?.heard('conv_b', 7);
    await rig.clock.advance(10_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.acked).toEqual(['a1', 'a2', 'a3']);
    expect(rig.source.asked.filter((asked) => asked.includes('conv_b'))).toEqual([]);
  });

  it('is found without a notice, every 15 seconds', async () => {
    const { rig } = await rigOf([0]);
    await rig.frame(message(1));
    rig.source.rows = [row(2)];
    await rig.clock.advance(16_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });
});

describe('REP-3 when a partition is lost', () => {
  it('what runs is aborted and does not count, and what waits does not begin', async () => {
    const gates = new Gates();
    const { rig, fleet } = await rigOf([0, 1], gates.handler);
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    const { signal } = rig.contexts.get('a1') ?? {};
    expect(signal?.aborted).toBe(false);
    fleet.lose(0);
    expect(signal?.aborted).toBe(true);
    gates.end('a1');
    gates.end('b1');
    await rig.clock.advance(60_000);
    expect(gates.begun).toEqual(['a1', 'b1']);
    expect(rig.acked).toEqual(['b1']);
    expect(fleet.stored.has('conv_a')).toBe(false);
    expect(rig.engine.lanes.slots.taken).toBe(0);
    expect(rig.engine.lanes.waitingTotal).toBe(0);
  });

  it('what is handled and not saved yet is not acknowledged', async () => {
    const { rig, fleet } = await rigOf([0, 1]);
    let save = () => {};
    fleet.saving = new Promise((resolve) => {
      save = resolve;
    });
    await rig.frame(message(1), message(1, 'conv_b'));
    expect(rig.handled).toEqual(['a1', 'b1']);
    fleet.lose(0, 'taken over');
    save();
    await rig.clock.advance(60_000);
    expect(rig.acked).toEqual(['b1']);
    expect(rig.engine.counters.partitionsLost).toBe(1);
  });

  it('a message whose claim is granted later does not begin, and the claim is released', async () => {
    const settled: string[] = [];
    let grant = () => {};
    const dedupe = {
      claim: () =>
        new Promise<{ state: 'claimed'; token: string }>((resolve) => {
          grant = () => resolve({ state: 'claimed', token: 't' });
        }),
      commit: async (key: string) => void settled.push(`commit ${key}`),
      release: async (key: string) => void settled.push(`release ${key}`),
    };
    const { rig, fleet } = await rigOf([0], undefined, { dedupe });
    await rig.frame(message(1));
    fleet.lose(0);
    grant();
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual([]);
    expect(settled).toEqual(['release message.new:a1']);
    expect(rig.engine.lanes.slots.taken).toBe(0);
  });

  it('a message that somebody else has claimed is not asked about any more', async () => {
    let asked = 0;
    const dedupe = {
      claim: async () => {
        asked += 1;
        return { state: 'in_progress' as const };
      },
      commit: async () => {},
      release: async () => {},
    };
    const { rig, fleet } = await rigOf([0], undefined, { dedupe });
    await rig.frame(message(1));
    await rig.clock.advance(1_000);
    fleet.lose(0);
    await rig.clock.advance(20_000);
    const before = asked;
    await rig.clock.advance(600_000);
    expect(asked).toBe(before);
    expect(rig.engine.lanes.slots.taken).toBe(0);
  });

  it('a retry of it does not come, nor a parked message, nor a gap', async () => {
    const failing = () => {
      throw new Error('model is down');
    };
    const { rig, fleet } = await rigOf([0], failing);
    await rig.frame(message(1), message(5));
    await rig.clock.advance(1);
    fleet.lose(0);
    const { length } = rig.handled;
    const asked = rig.source.count('getMessages');
    await rig.clock.advance(7_200_000);
    expect(rig.handled).toHaveLength(length);
    expect(rig.source.count('getMessages')).toBe(asked);
    expect(rig.engine.order.register.parkedTotal).toBe(0);
    expect(rig.engine.order.runner.held).toBe(0);
  });
});

describe('REP-3 when many partitions are lost at once', () => {
  it('the conversations are gone through once', async () => {
    const { rig, fleet } = await rigOf([0, 1, 2]);
    await rig.frame(message(1), message(1, 'conv_b'), message(1, 'conv_c'));
    let walks = 0;
    const { conversations } = rig.engine.order;
    const { idsOf } = conversations;
    conversations.idsOf = (fits) => {
      walks += 1;
      return idsOf.call(conversations, fits);
    };
    fleet.owned.clear();
    fleet.listener?.lost([0, 1, 2], 'expired');
    expect(walks).toBe(1);
    expect(conversations.size).toBe(0);
    expect(rig.engine.counters.partitionsLost).toBe(3);
  });
});

describe('REP-5 when a partition is taken', () => {
  it('its conversations begin where the store says, and what came meanwhile is in the queue', async () => {
    const { rig, fleet } = await rigOf([]);
    fleet.stored.set('conv_a', cursorOf('conv_a', 3));
    rig.source.rows = [row(2), row(3)];
    fleet.take(0);
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a3']);
    // The one that another replica had handled is acknowledged again.
    expect(rig.acked.toSorted()).toEqual(['a2', 'a3']);
  });

  it('and had been ours before, what we knew of it is forgotten', async () => {
    const { rig, fleet } = await rigOf([0]);
    await rig.frame(message(1), message(2));
    await rig.clock.advance(1_000);
    fleet.lose(0);
    // Another one handles 3 to 9.
    fleet.stored.set('conv_a', cursorOf('conv_a', 10));
    fleet.take(0);
    await rig.clock.advance(1_000);
    await rig.frame(message(9), message(10));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a10']);
    expect(rig.acked).toEqual(['a1', 'a2', 'a9', 'a10']);
  });

  it('an answer of the store that was asked for before the loss is not believed', async () => {
    const { rig, fleet } = await rigOf([0]);
    let answer = () => {};
    fleet.stored.set('conv_a', cursorOf('conv_a', 2));
    fleet.loading = new Promise((resolve) => {
      answer = resolve;
    });
    await rig.frame(message(2));
    fleet.lose(0);
    fleet.stored.set('conv_a', cursorOf('conv_a', 3));
    fleet.take(0);
    await rig.frame(message(3));
    answer();
    await rig.frame(message(2));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a3']);
  });

  it('what it owes is fetched again, though nothing comes in it', async () => {
    const { rig, fleet } = await rigOf([]);
    fleet.stored.set('conv_a', { ...cursorOf('conv_a', 3), parked: [{ seq: 2, id: 'a2', times: 1 }] });
    rig.source.history = [message(1), message(2)];
    fleet.take(0);
    await rig.clock.advance(7_200_000);
    expect(rig.handled).toEqual(['a2']);
  });
});

describe('REP-6 a partition that is to move', () => {
  it('waits for the turn in hand, which is saved and acknowledged, and begins nothing new', async () => {
    const gates = new Gates();
    const { rig, fleet } = await rigOf([0, 1], gates.handler);
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    // From now on nothing may begin in it.
    fleet.owned.delete(0);
    let isQuiet = false;
    void fleet.listener?.leaving(0).then(() => {
      isQuiet = true;
    });
    gates.end('b1');
    await rig.clock.advance(1_000);
    expect(isQuiet).toBe(false);
    expect(rig.contexts.get('a1')?.signal.aborted).toBe(false);
    gates.end('a1');
    await rig.clock.advance(1_000);
    expect(isQuiet).toBe(true);
    expect(gates.begun).toEqual(['a1', 'b1']);
    expect(rig.acked).toEqual(['b1', 'a1']);
    expect(fleet.stored.get('conv_a')?.expected).toBe(2);
    fleet.lose(0, 'moved');
    expect(rig.engine.counters.partitionsLost).toBe(0);
    expect(rig.engine.order.conversations.get('conv_a')).toBeUndefined();
  });
});

describe('a replica', () => {
  it('gives everything up in a stop, when its handlers have ended and what they owe is saved', async () => {
    const gates = new Gates();
    const { rig, fleet } = await rigOf([0], gates.handler);
    await rig.frame(message(1));
    const stopped = rig.engine.stop(5_000);
    await rig.clock.advance(100);
    expect(fleet.stops).toBe(0);
    gates.end('a1');
    await rig.clock.advance(100);
    await stopped;
    expect(fleet.stops).toBe(1);
    expect(fleet.stored.get('conv_a')?.expected).toBe(2);
    expect(rig.acked).toEqual(['a1']);
  });

  it('keeps its partitions through a short break, and gives them up when it has no session for 30 seconds', async () => {
    const { rig, fleet } = await rigOf([0]);
    await rig.lost();
    await rig.clock.advance(20_000);
    await rig.hello();
    await rig.clock.advance(60_000);
    expect(fleet.stops).toBe(0);
    await rig.lost();
    await rig.clock.advance(31_000);
    expect(fleet.stops).toBe(1);
    fleet.owned.add(0);
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1']);
  });

  it('handles nothing where the service takes no acknowledgements, and says why', async () => {
    const fleet = new FakeCoordinator();
    fleet.owned.add(0);
    const rig = new EngineRig({ replicas: fleet });
    await rig.hello(false);
    expect(fleet.listener).toBeNull();
    expect(rig.errors.map(({ code }) => code)).toEqual(['REPLICAS_NEED_ACKS']);
  });

  it('tells what happens to its partitions', async () => {
    const fleet = new FakeCoordinator();
    const rig = new EngineRig({ replicas: fleet });
    const told: unknown[] = [];
    rig.engine.observers.replicas.add((event) => told.push(event));
    await rig.hello();
    fleet.take(0);
    void fleet.listener?.leaving(0);
    fleet.lose(0, 'moved');
    expect(told).toEqual([
      { type: 'taken', partition: 0 },
      { type: 'leaving', partition: 0 },
      { type: 'lost', partition: 0, why: 'moved' },
    ]);
    expect(rig.engine.counters.partitionsTaken).toBe(1);
  });
});
