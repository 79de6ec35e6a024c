import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../src/realtime/index.js';
import { message } from '../catchup/engine-rig.js';
import { LoopRig } from './loop-rig.js';

const MINUTE = 60_000;

async function connected(options?: ConstructorParameters<typeof LoopRig>[0]): Promise<LoopRig> {
  const rig = new LoopRig(options);
  await rig.connected();
  return rig;
}

describe('ACK-1: a loop over messages()', () => {
  it('acknowledges a message when it asks for the next, and not before', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const first = await rig.ask(loop);
    expect(first.id).toBe('a1');
    await rig.clock.advance(10_000);
    expect(rig.acked).toEqual([]);
    expect(rig.client.counters.handled).toBe(0);
    const second = await rig.ask(loop);
    expect(second.id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
    await rig.ask(loop);
    expect(rig.acked).toEqual(['a1', 'a2']);
    expect(rig.client.counters.handled).toBe(2);
  });

  it('acknowledges at once with ack(); asking for the next, or another ack(), does nothing more', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const { event } = await rig.ask(loop);
    event.ack();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
    event.ack();
    const second = await rig.ask(loop);
    event.ack();
    await rig.clock.settle();
    expect(second.id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
    expect(rig.client.counters.handled).toBe(1);
  });

  it('gets the wire frame, and beside it what handlers are told', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    const payload = message(1, 'conv_a', { metadata: { mood: 'fine' } });
    rig.network.last.frame({ type: 'message.new', id: 'frame_7', payload });
    const { event } = await rig.ask(loop);
    expect(event).toMatchObject({ type: 'message.new', id: 'frame_7', payload });
    expect(event.context).toMatchObject({ source: 'live', attempt: 1, redelivered: false, late: false });
    expect(event.context.signal.aborted).toBe(false);
  });

  it('may take the event apart', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    const seen: string[] = [];
    for await (const { payload, ack } of rig.client.messages()) {
      seen.push(payload.id);
      ack();
      if (seen.length === 2) break;
    }
    await rig.clock.settle();
    expect(seen).toEqual(['a1', 'a2']);
    expect(rig.acked).toEqual(['a1', 'a2']);
  });

  it('saves the cursor before it acknowledges, as after a handler', async () => {
    const saved: number[] = [];
    const store = {
      load: () => Promise.resolve(null),
      save: (cursors: readonly { expected: number }[]) => {
        saved.push(...cursors.map(({ expected }) => expected));
        return Promise.resolve();
      },
    };
    const rig = await connected({ store });
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const { event } = await rig.ask(loop);
    await rig.clock.advance(1_000);
    expect(saved).toEqual([]);
    event.ack();
    await rig.clock.settle();
    expect(saved).toEqual([2]);
    expect(rig.acked).toEqual(['a1']);
  });
});

describe('HND-1: a message that a loop leaves', () => {
  const leave: [string, (rig: LoopRig) => Promise<unknown>][] = [
    [
      'by break',
      async (rig) => {
        for await (const _ of rig.client.messages()) break;
      },
    ],
    [
      'by a throw',
      async (rig) => {
        const loop = async () => {
          for await (const _ of rig.client.messages()) throw new Error('on purpose');
        };
        await expect(loop()).rejects.toThrow('on purpose');
      },
    ],
    [
      'by return()',
      async (rig) => {
        const loop = rig.client.messages();
        await loop.next();
        expect(await loop.return('ignored')).toEqual({ done: true, value: undefined });
      },
    ],
    [
      'by throw()',
      async (rig) => {
        const loop = rig.client.messages();
        await loop.next();
        const error = new Error('on purpose');
        await expect(loop.throw(error)).rejects.toBe(error);
      },
    ],
    [
      'by the end of `await using`',
      async (rig) => {
        const loop = rig.client.messages();
        await loop.next();
        await loop[Symbol.asyncDispose]();
      },
    ],
  ];

  it.each(leave)(
    '%s is not handled: the next loop gets it again, and nothing counts against it',
    async (_, leaving) => {
      const letters: unknown[] = [];
      const rig = await connected({
        handlerRetry: { retries: 0 },
        onDeadLetter: (event) => letters.push(event),
      });
      await rig.frame(message(1), message(2));
      for (let n = 0; n < 5; n += 1) await leaving(rig);
      await rig.clock.advance(10 * MINUTE);
      expect(rig.acked).toEqual([]);
      expect(rig.client.counters).toMatchObject({ handled: 0, parked: 0, handlerFailures: 0 });
      // While no loop is there, nobody takes them, and that is told.
      expect([rig.codes, letters]).toEqual([['NO_HANDLER'], []]);
      const loop = rig.client.messages();
      const again = await rig.ask(loop);
      expect(again.id).toBe('a1');
      expect(again.event.context).toMatchObject({ redelivered: true, attempt: 1, late: false });
      const second = await rig.ask(loop);
      expect(second.id).toBe('a2');
      expect(second.event.context.redelivered).toBe(false);
      expect(rig.acked).toEqual(['a1']);
    },
  );

  it('goes to a handler that comes after it', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    for await (const _ of rig.client.messages()) break;
    const seen: [string, boolean, number][] = [];
    rig.client.on('message.new', ({ payload }, { redelivered, attempt }) => {
      seen.push([payload.id, redelivered, attempt]);
    });
    await rig.clock.settle();
    expect(seen).toEqual([
      ['a1', true, 1],
      ['a2', false, 1],
    ]);
    expect(rig.acked).toEqual(['a1', 'a2']);
  });

  it('was in the hands of a handler before: its attempts go on where they were', async () => {
    const rig = await connected();
    const off = rig.client.on('message.new', () => Promise.reject(new Error('on purpose')));
    await rig.frame(message(1));
    off();
    await rig.clock.advance(10_000);
    const { event } = await rig.ask(rig.client.messages());
    expect(event.context).toMatchObject({ redelivered: true, attempt: 2 });
    event.ack();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
  });

  it('does not starve the others, however often a loop fails at it', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(1, 'conv_b'), message(1, 'conv_c'), message(2, 'conv_c'));
    const handled: string[] = [];
    for (let n = 0; n < 8; n += 1) {
      const loop = async () => {
        for await (const { payload, ack } of rig.client.messages()) {
          if (payload.id === 'a1') throw new Error('poison');
          handled.push(payload.id);
          ack();
          break;
        }
      };
      await loop().catch(() => {});
    }
    expect(handled).toEqual(['b1', 'c1', 'c2']);
  });

  it('still counts as handled when it is acknowledged later, before anybody has it again', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    let kept: ReceivedMessage | undefined;
    for await (const event of rig.client.messages()) {
      kept = event;
      break;
    }
    kept?.ack();
    kept?.ack();
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
    expect((await rig.ask(rig.client.messages())).id).toBe('a2');
    expect(rig.client.counters.handled).toBe(1);
  });

  it('belongs to who has it now: a late ack() of its former loop means nothing', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    const former = rig.client.messages();
    const { event } = await rig.ask(former);
    await former.return();
    const loop = rig.client.messages();
    await rig.ask(loop);
    event.ack();
    await rig.clock.settle();
    expect(rig.acked).toEqual([]);
    expect((await rig.ask(loop)).id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
  });
});

describe('BP-1: a loop over messages()', () => {
  it('takes a message from its lane only when it asks: what waits makes nobody slow', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    await rig.clock.advance(10 * MINUTE);
    const before = rig.client.explain();
    expect(before.totals).toMatchObject({ waiting: 3, slotsTaken: 0 });
    expect(before.runningHandlers).toBe(0);
    const { event } = await rig.ask(loop);
    expect(rig.client.explain().totals).toMatchObject({ waiting: 2, slotsTaken: 1 });
    expect(rig.client.explain().runningHandlers).toBe(1);
    event.ack();
    await rig.clock.advance(10 * MINUTE);
    expect(rig.client.explain().totals).toMatchObject({ waiting: 2, slotsTaken: 0 });
    expect(rig.codes).toEqual([]);
  });

  it('is told, once, that it has been at work on a message for long', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    await rig.ask(loop);
    await rig.clock.advance(10 * MINUTE);
    expect(rig.errors).toMatchObject([{ code: 'HANDLER_SLOW', messageId: 'a1' }]);
    expect((await rig.ask(loop)).id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
  });

  it('holds nothing but bounded lanes while it is slow: what is shed is fetched again, once and in order', async () => {
    const rig = await connected({ bounds: { lane: 5, holdPerConversation: 5 } });
    const loop = rig.client.messages();
    const seen: string[] = [];
    let most = 0;
    const work = (async () => {
      for await (const { payload } of loop) {
        seen.push(payload.id);
        await new Promise<void>((resolve) => {
          rig.clock.setTimer(resolve, 100);
        });
      }
    })();
    for (let seq = 1; seq <= 100; seq += 1) {
      rig.source.history.push(message(seq));
      await rig.frame(message(seq));
      const { waiting, held } = rig.client.explain().totals;
      most = Math.max(most, waiting + held);
      await rig.clock.advance(10);
    }
    await rig.clock.advance(2 * MINUTE);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `a${i + 1}`));
    expect(most).toBeLessThanOrEqual(10);
    expect(rig.client.counters.shed).toBeGreaterThan(0);
    await rig.stopped();
    await work;
    expect(new Set(rig.acked).size).toBe(100);
  });
});

describe('ORD-1: a loop over messages()', () => {
  it('gets one message of a conversation at a time, in order, and lets conversations take turns', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(3), message(2), message(4));
    await rig.frame(message(1, 'conv_b'), message(1, 'conv_c'), message(2, 'conv_b'));
    const seen: string[] = [];
    for (let n = 0; n < 7; n += 1) seen.push((await rig.ask(loop)).id);
    expect(seen).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('gives its slot back when it works for long, and never its lane', async () => {
    const rig = await connected({ concurrency: 1 });
    const iterator = rig.client.messages();
    const [one, other] = [iterator[Symbol.asyncIterator](), iterator[Symbol.asyncIterator]()];
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    expect((await rig.ask(one)).id).toBe('a1');
    const second = await rig.ask(other);
    expect(second.outcome).toBe('waiting');
    expect(rig.client.explain().heldBack).toBe('all slots taken');
    await rig.clock.advance(80_000);
    expect(second.id).toBe('b1');
    const third = await rig.ask(other);
    await rig.clock.advance(10 * MINUTE);
    expect(third.outcome).toBe('waiting');
    await rig.ask(one);
    expect(third.id).toBe('a2');
  });
});

describe('several loops over one iterator', () => {
  it('work at the same time, each acknowledging what it was given itself', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    await rig.frame(message(1), message(2), message(1, 'conv_b'), message(2, 'conv_b'));
    const [one, other] = [iterator[Symbol.asyncIterator](), iterator[Symbol.asyncIterator]()];
    expect((await rig.ask(one)).id).toBe('a1');
    expect((await rig.ask(other)).id).toBe('b1');
    expect(rig.acked).toEqual([]);
    expect((await rig.ask(other)).id).toBe('b2');
    expect(rig.acked).toEqual(['b1']);
    expect((await rig.ask(one)).id).toBe('a2');
    expect(rig.acked).toEqual(['b1', 'a1']);
  });

  it('the first is the iterator itself, so that a message taken by hand is acknowledged by the loop', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    await rig.frame(message(1), message(2));
    await rig.ask(iterator);
    for await (const { payload } of iterator) {
      expect(payload.id).toBe('a2');
      await rig.clock.settle();
      expect(rig.acked).toEqual(['a1']);
      break;
    }
  });

  it('all end when one is left; what the others have in hand stays theirs', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    await rig.frame(message(1), message(1, 'conv_b'));
    const [one, other, third] = [1, 2, 3].map(() => iterator[Symbol.asyncIterator]());
    if (one === undefined || other === undefined || third === undefined) throw new Error('three loops');
    await rig.ask(one);
    await rig.ask(other);
    const waiting = await rig.ask(third);
    await one.return();
    await rig.clock.settle();
    expect(waiting.outcome).toBe('done');
    const next = rig.client.messages();
    expect((await rig.ask(next)).id).toBe('a1');
    expect((await rig.ask(other)).outcome).toBe('done');
    expect(rig.acked).toEqual(['b1']);
  });

  it('calls of next() that overlap are answered in order, and acknowledged by ack() only', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    const calls = [await rig.ask(loop), await rig.ask(loop), await rig.ask(loop)];
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    expect(calls.map(({ outcome }) => outcome)).toEqual(['message', 'message', 'waiting']);
    expect([calls[0]?.id, calls[1]?.id]).toEqual(['a1', 'b1']);
    calls[0]?.event.ack();
    await rig.clock.settle();
    expect(calls[2]?.id).toBe('a2');
    await rig.frame(message(1, 'conv_c'), message(2, 'conv_c'));
    // No call was under way: this one is alone again, and the next acknowledges it.
    expect((await rig.ask(loop)).id).toBe('c1');
    expect(rig.acked).toEqual(['a1']);
    expect((await rig.ask(loop)).id).toBe('c2');
    expect(rig.acked).toEqual(['a1', 'c1']);
    await loop.return();
    const again = rig.client.messages();
    const left = [await rig.ask(again), await rig.ask(again), await rig.ask(again)].map(({ id }) => id);
    expect(left.sort()).toEqual(['a2', 'b1', 'c2']);
  });
});

describe('messages() and whoever else wants messages', () => {
  it('refuses to work beside a handler of message.new, in both orders, and says what to do', async () => {
    const rig = await connected();
    const off = rig.client.on('message.new', () => {});
    expect(() => rig.client.messages()).toThrowError(
      expect.objectContaining({
        name: 'ValidationError',
        message: expect.stringMatching(/remove the handler/),
      }),
    );
    off();
    const loop = rig.client.messages();
    expect(() => rig.client.on('message.new', () => {})).toThrowError(
      expect.objectContaining({
        name: 'ValidationError',
        field: 'type',
        message: expect.stringMatching(/end it/),
      }),
    );
    // Other events have their handlers as ever.
    rig.client.on('typing.start', () => {});
    await loop.return();
    rig.client.on('message.new', () => {});
  });

  it('is refused while there is another iterator, also when that one is not asked', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    expect(() => rig.client.messages()).toThrowError(
      expect.objectContaining({ name: 'ValidationError', message: expect.stringMatching(/end it first/) }),
    );
    await loop.return();
    await rig.client.messages().return();
  });

  it('checks its options', async () => {
    const rig = await connected();
    const wrong = (options: unknown) => () => rig.client.messages(options as { signal: AbortSignal });
    expect(wrong({ sgnal: undefined })).toThrow(/signal/);
    expect(wrong({ signal: 'no' })).toThrow(/signal/);
    expect(wrong(null)).toThrow(/options/);
    await rig.client.messages().return();
  });

  it('HND-1: messages that wait for a loop are not reported as waiting for a handler; those that nobody takes are', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1));
    await rig.clock.advance(MINUTE);
    expect(rig.codes).toEqual([]);
    await loop.return();
    await rig.frame(message(2));
    await rig.clock.advance(MINUTE);
    expect(rig.codes).toEqual(['NO_HANDLER']);
    expect(rig.errors[0]?.message).toMatch(/messages\(\)/);
  });

  it('explain() says that nobody asks, and does not when somebody does', async () => {
    const rig = await connected();
    expect(rig.client.explain().heldBack).toBe('no handler');
    const loop = rig.client.messages();
    await rig.frame(message(1));
    expect(rig.client.explain()).toMatchObject({
      heldBack: 'iterator not asked',
      summary: expect.stringContaining('nobody has asked messages() for the next message'),
    });
    await rig.ask(loop);
    expect(rig.client.explain().heldBack).toBe('iterator not asked');
    await rig.ask(loop);
    expect(rig.client.explain().heldBack).toBeNull();
    expect(rig.client.explain().summary).toMatch(/^Connected and receiving/);
    await loop.return();
    expect(rig.client.explain().heldBack).toBe('no handler');
  });

  it('GAP-5: gets no own messages, and waits until we know who we are', async () => {
    const rig = new LoopRig({ handle: undefined });
    let answer: (me: { handle: string }) => void = () => {};
    Object.assign(rig.source, { getMe: () => new Promise((resolve) => (answer = resolve)) });
    await rig.connected();
    const loop = rig.client.messages();
    const first = await rig.ask(loop);
    await rig.frame(message(1, 'conv_a', { sender: 'me' }), message(2));
    expect(first.outcome).toBe('waiting');
    expect(rig.client.explain().heldBack).toBe('identity unknown');
    answer({ handle: 'me' });
    await rig.clock.settle();
    expect(first.id).toBe('a2');
  });
});

describe('an iterator that has ended', () => {
  it('is done, for every further call and loop', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    const loop = rig.client.messages();
    for await (const _ of loop) break;
    for await (const _ of loop) throw new Error('it has ended');
    for await (const _ of loop) throw new Error('it has ended');
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect(await loop.return()).toEqual({ done: true, value: undefined });
    await expect(loop.throw('again')).rejects.toBe('again');
    await loop[Symbol.asyncDispose]();
    expect(rig.acked).toEqual([]);
  });

  it('ends those who wait', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    const calls = [await rig.ask(loop), await rig.ask(loop)];
    await loop.return();
    await rig.clock.settle();
    expect(calls.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    await rig.frame(message(1));
    expect((await rig.ask(rig.client.messages())).event.context.redelivered).toBe(false);
  });
});
