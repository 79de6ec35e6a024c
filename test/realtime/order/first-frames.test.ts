import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../../src/stores/index.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';

const WINDOW = 2_000;

describe('ORD-3: the first frame of a new conversation is lost', () => {
  it('with acks: the undelivered queue shows it, and everything comes in order', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.rows = [row(1), row(2)];
    await rig.frame(message(2));
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.contexts.get('a1')?.late).toBe(false);
    expect(rig.gaps).toEqual([]);
  });

  it('without acks: history shows it, and everything comes in order', async () => {
    const rig = new EngineRig();
    await rig.hello(false);
    rig.source.history = [message(1), message(2)];
    await rig.frame(message(2));
    await rig.clock.advance(3_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.contexts.get('a1')?.late).toBe(false);
  });

  it('and so are all but the last', async () => {
    for (const ackMode of [true, false]) {
      const rig = new EngineRig();
      await rig.hello(ackMode);
      rig.source.history = Array.from({ length: 30 }, (_, i) => message(i + 1));
      rig.source.rows = ackMode ? Array.from({ length: 30 }, (_, i) => row(i + 1)) : [];
      await rig.frame(message(30));
      await rig.clock.advance(3_000);
      expect(rig.handled).toEqual(rig.source.history.map(({ id }) => id));
    }
  });
});

describe('ORD-3: the first frame of a new conversation is late', () => {
  it.each([true, false])(
    'but comes while the look is under way: it is the first (acks %s)',
    async (ackMode) => {
      const rig = new EngineRig();
      await rig.hello(ackMode);
      rig.source.next(
        ackMode ? 'sync' : 'getMessages',
        () => new Promise((answer) => rig.clock.setTimer(() => answer([]), 400)),
      );
      await rig.frame(message(3));
      await rig.clock.advance(100);
      await rig.frame(message(1), message(2));
      expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
      expect(rig.contexts.get('a1')?.late).toBe(false);
    },
  );

  it('and comes when the conversation has begun: late, acknowledged when handled and not before', async () => {
    let end = () => {};
    const rig = new EngineRig({
      handler: ({ payload }) =>
        payload.seq === 6
          ? new Promise<void>((resolve) => {
              end = resolve;
            })
          : undefined,
    });
    await rig.hello();
    await rig.frame(message(7));
    await rig.clock.advance(1_000);
    await rig.frame(message(6), message(6));
    expect(rig.acked).toEqual(['a7']);
    end();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a7', 'a6']);
    expect(rig.contexts.get('a6')).toMatchObject({ late: true, redelivered: false });
    // It is known now, and acknowledged again.
    await rig.frame(message(6));
    expect(rig.acked).toEqual(['a7', 'a6', 'a6']);
    expect(rig.engine.counters.late).toBe(1);
  });
});

describe('ORD-2: the position of a conversation', () => {
  it('outlives reconnects, however many and however long', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1), message(2));
    for (let n = 0; n < 5; n += 1) {
      await rig.lost();
      await rig.clock.advance(3_600_000);
      await rig.hello();
    }
    rig.source.history = [message(3), message(4)];
    await rig.frame(message(4));
    expect(rig.handled).toEqual(['a1', 'a2']);
    await rig.clock.advance(WINDOW + 10);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(rig.gaps).toMatchObject([{ expectedSeq: 3, bufferedSeq: 4, recovered: true }]);
  });

  it('is reloaded from the store when it was forgotten: a gap is noticed, and nothing is handled again', async () => {
    const rig = new EngineRig({ store: new MemoryStore(), bounds: { idleConversations: 1 } });
    await rig.hello();
    await rig.frame(message(1), message(2), message(3));
    for (const id of ['conv_b', 'conv_c', 'conv_d']) await rig.frame(message(1, id));
    expect(rig.engine.order.conversations.get('conv_a')).toBeUndefined();
    rig.source.history = [message(4), message(5)];
    await rig.frame(message(3), message(5));
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(rig.acked.filter((id) => id === 'a3')).toHaveLength(2);
  });

  it('that was forgotten without a store begins anew, with a look: what is undelivered is not skipped', async () => {
    const rig = new EngineRig({ bounds: { idleConversations: 1 } });
    await rig.hello();
    await rig.frame(message(1), message(2));
    for (const id of ['conv_b', 'conv_c', 'conv_d']) await rig.frame(message(1, id));
    rig.source.rows = [row(3), row(4)];
    await rig.frame(message(4));
    await rig.clock.advance(1_000);
    expect(rig.handled.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
  });
});
