import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BatchContext, BatchOptions, MessageEvent } from '../../../src/realtime/index.js';
import { batchingOf } from '../../../src/realtime/lanes/batch.js';
import { message } from '../catchup/engine-rig.js';
import { ClientRig } from '../client-rig.js';
import { arrivalOf, LanesRig } from './lanes-rig.js';

interface BatchCall {
  readonly ids: string[];
  readonly context: BatchContext;
  done(): void;
  fail(error?: unknown): void;
}

/** Lanes whose batches the test ends. */
class BatchRig extends LanesRig {
  readonly batches: BatchCall[] = [];

  batch(options: BatchOptions = {}): () => void {
    const handler = (messages: readonly MessageEvent[], context: BatchContext) =>
      new Promise<void>((done, reject) => {
        const ids = messages.map(({ payload }) => payload.id);
        const fail = (error: unknown = new Error('on purpose')) => reject(error);
        this.batches.push({ ids, context, done, fail });
      });
    const off = this.consumers.setBatching(batchingOf(handler, options, 256));
    this.lanes.setOpen(true);
    return off;
  }

  get last(): BatchCall {
    const call = this.batches.at(-1);
    if (call === undefined) throw new Error(`no batch has begun: ${this.log.join(', ')}`);
    return call;
  }

  get given(): string[] {
    return this.batches.map(({ ids }) => ids.join(' '));
  }

  async end(how: 'done' | 'fail' = 'done'): Promise<void> {
    this.last[how]();
    await this.clock.settle();
  }
}

describe('BAT-1: a batch begins', () => {
  it('when its conversation has been quiet for settleMs', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1');
    await rig.clock.advance(60);
    rig.push('a2', 'b1');
    await rig.clock.advance(99);
    expect(rig.given).toEqual([]);
    await rig.clock.advance(1);
    expect([...rig.given].sort()).toEqual(['a1 a2', 'b1']);
  });

  it('when maxMessages wait, without any wait', () => {
    const rig = new BatchRig();
    rig.batch({ maxMessages: 3 });
    rig.push('a1', 'a2', 'a3', 'a4');
    expect(rig.given).toEqual(['a1 a2 a3']);
  });

  it('after maxWaitMs in a conversation that is never quiet', async () => {
    const rig = new BatchRig();
    rig.batch({ settleMs: 100, maxWaitMs: 250 });
    for (let seq = 1; seq <= 6; seq += 1) {
      rig.push(`a${seq}`);
      await rig.clock.advance(50);
    }
    expect(rig.given).toEqual(['a1 a2 a3 a4 a5']);
  });

  it('at once with settleMs 0, with what waits by then', async () => {
    const rig = new BatchRig();
    rig.batch({ settleMs: 0 });
    rig.push('a1', 'a2', 'a3');
    expect(rig.given).toEqual(['a1']);
    await rig.end();
    expect(rig.given).toEqual(['a1', 'a2 a3']);
  });

  it('with a free slot only, and takes what has come while it waited for one', async () => {
    const rig = new BatchRig({ bounds: { concurrency: 1 } });
    rig.batch();
    rig.push('a1', 'b1');
    await rig.clock.advance(100);
    expect(rig.given).toEqual(['a1']);
    rig.push('b2');
    await rig.clock.advance(100);
    await rig.end();
    expect(rig.given).toEqual(['a1', 'b1 b2']);
  });

  it('STOP-1: not in a stop, and with all that waits when life goes on', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1');
    await rig.clock.advance(50);
    rig.stop();
    await rig.clock.advance(1_000);
    expect(rig.given).toEqual([]);
    rig.restart();
    rig.push('a2');
    rig.lanes.setOpen(true);
    await rig.clock.advance(100);
    expect(rig.given).toEqual(['a1 a2']);
    await rig.end();
    rig.lanes.stop();
    expect(rig.clock.pendingForegroundTimers).toBe(0);
  });
});

describe('BAT-2: all of a batch is handled together', () => {
  it('in its order when the call has succeeded, and none before', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(100);
    expect(rig.handled).toEqual([]);
    await rig.end();
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.log.at(-1)).toBe('empty a');
  });

  it('and is given again as it was when the call fails, without what came since', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    rig.push('a3');
    await rig.end('fail');
    expect(rig.errors).toMatchObject([
      { code: 'HANDLER_FAILED', messageId: 'a1', attempt: 1, willRetry: true },
    ]);
    await rig.clock.advance(500);
    expect(rig.given).toEqual(['a1 a2', 'a1 a2']);
    expect(rig.last.context).toMatchObject({ attempt: 2, redelivered: true });
    await rig.end();
    expect(rig.handled).toEqual(['a1', 'a2']);
    await rig.clock.advance(100);
    expect(rig.given.at(-1)).toBe('a3');
  });

  it('without our own messages, which are handled at their places', async () => {
    const rig = new BatchRig();
    rig.batch();
    for (const [id, sender] of [
      ['a1', 'me'],
      ['a2', 'alice'],
      ['a3', 'me'],
      ['a4', 'bob'],
    ] as const) {
      rig.lanes.push(rig.busy('a'), arrivalOf(id, sender));
    }
    await rig.clock.advance(100);
    expect(rig.given).toEqual(['a2 a4']);
    await rig.end();
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4']);
    rig.lanes.push(rig.busy('a'), arrivalOf('a5', 'me'));
    await rig.clock.advance(100);
    expect(rig.handled.at(-1)).toBe('a5');
    expect(rig.batches).toHaveLength(1);
  });

  it('HND-1: is parked in its order after its retries, and the conversation goes on', async () => {
    const rig = new BatchRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    rig.push('a3');
    await rig.end('fail');
    await rig.clock.advance(100);
    expect(rig.log).toEqual(['parked a1', 'parked a2']);
    expect(rig.given.at(-1)).toBe('a3');
  });

  it('HND-1: waits with what cannot be parked, and with all that is behind it', async () => {
    let parked = 0;
    const canPark = () => {
      parked += 1;
      return parked !== 2;
    };
    const rig = new BatchRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1_000 }, canPark });
    rig.batch();
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(100);
    await rig.end('fail');
    await rig.clock.advance(1_000);
    expect(rig.log).toEqual(['parked a1']);
    expect(rig.given.at(-1)).toBe('a2 a3');
    await rig.end();
    expect(rig.handled).toEqual(['a2', 'a3']);
  });

  it('HND-1: goes to its own dead letter handler as a whole', async () => {
    const letters: string[][] = [];
    const rig = new BatchRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    rig.batch({ onDeadLetter: (messages) => void letters.push(messages.map(({ payload }) => payload.id)) });
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    await rig.end('fail');
    expect(letters).toEqual([['a1', 'a2']]);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('HND-1: goes to the dead letter handler of the client message by message', async () => {
    const letters: string[] = [];
    const rig = new BatchRig({
      handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 },
      onDeadLetter: async ({ payload }) => void letters.push(payload.id),
    });
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    await rig.end('fail');
    expect(letters).toEqual(['a1', 'a2']);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });

  it('names every message that a stop leaves behind', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    rig.stop();
    const left = rig.lanes.abandon().map(({ messageId }) => messageId);
    expect(left).toEqual(['a1', 'a2']);
    expect(rig.last.context.signal.aborted).toBe(true);
  });
});

describe('BAT-3: keep(count) handles the first of a batch only', () => {
  it('and gives the others again with those that came meanwhile', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(100);
    rig.push('a4');
    rig.last.context.keep(1);
    await rig.end();
    expect(rig.handled).toEqual(['a1']);
    await rig.clock.advance(100);
    expect(rig.given.at(-1)).toBe('a2 a3 a4');
    expect(rig.last.context.redelivered).toBe(true);
  });

  it('none at all with 0, and the lane waits for quiet before it gives them again', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1');
    await rig.clock.advance(100);
    rig.last.context.keep(0);
    await rig.end();
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(99);
    expect(rig.batches).toHaveLength(1);
    await rig.clock.advance(1);
    expect(rig.given).toEqual(['a1', 'a1']);
  });

  it('also in a handler that returns no promise', async () => {
    const rig = new LanesRig();
    const given: string[] = [];
    const handler = (messages: readonly MessageEvent[], context: BatchContext) => {
      given.push(messages.map(({ payload }) => payload.id).join(' '));
      context.keep(1);
    };
    rig.consumers.setBatching(batchingOf(handler, {}, 256));
    rig.lanes.setOpen(true);
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(1_000);
    expect(given).toEqual(['a1 a2 a3', 'a2 a3', 'a3']);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
  });

  it('also where the call fails: the first are called again and parked, and the others are the next batch', async () => {
    const rig = new BatchRig({ handlerRetry: { retries: 1, minDelayMs: 500, maxDelayMs: 500 } });
    rig.batch();
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(100);
    rig.last.context.keep(1);
    await rig.end('fail');
    await rig.clock.advance(500);
    expect(rig.given.at(-1)).toBe('a1');
    await rig.end('fail');
    await rig.clock.advance(100);
    expect(rig.log).toEqual(['parked a1']);
    expect(rig.given.at(-1)).toBe('a2 a3');
    await rig.end();
    expect(rig.handled).toEqual(['a2', 'a3']);
  });

  it('and a call that fails after keep(0) has failed at all of them', async () => {
    const rig = new BatchRig({ handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 } });
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    rig.last.context.keep(0);
    await rig.end('fail');
    expect(rig.log).toEqual(['parked a1', 'parked a2', 'empty a']);
  });

  it.each([-1, 3, 1.5, Number.NaN])('refuses %s of two', async (count) => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1', 'a2');
    await rig.clock.advance(100);
    expect(() => rig.last.context.keep(count)).toThrow('"count" must be a whole number from 0 to 2');
  });
});

describe('BAT-4: onMore tells of what comes while the handler is at work', () => {
  it('once each, not of our own, and not after its end', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1');
    await rig.clock.advance(100);
    const more: string[] = [];
    rig.last.context.onMore(({ payload }) => void more.push(payload.id));
    rig.push('a2', 'b1');
    rig.lanes.push(rig.busy('a'), arrivalOf('a3', 'me'));
    expect(more).toEqual(['a2']);
    const { done } = rig.last;
    done();
    await rig.clock.settle();
    rig.push('a4');
    expect(more).toEqual(['a2']);
  });

  it('reports a listener that throws, and goes on', async () => {
    const rig = new BatchRig();
    rig.batch();
    rig.push('a1');
    await rig.clock.advance(100);
    rig.last.context.onMore(() => {
      throw new Error('of the listener');
    });
    rig.push('a2');
    expect(rig.errors).toMatchObject([{ code: 'HANDLER_FAILED', willRetry: false }]);
    await rig.end();
    expect(rig.handled).toEqual(['a1']);
  });
});

describe('BAT: who takes the messages', () => {
  it('goes on one by one where handlers take the place of the batch', async () => {
    const rig = new BatchRig();
    const off = rig.batch();
    rig.push('a1', 'a2', 'a3');
    await rig.clock.advance(100);
    off();
    await rig.end('fail');
    rig.handlers(rig.manual);
    await rig.clock.advance(500);
    await rig.finish('a1', 'a2', 'a3');
    expect(rig.started).toEqual(['a1', 'a2', 'a3']);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.lanes.waitingTotal).toBe(0);
  });

  it('refuses a second one, handlers and loops beside it, and claims', async () => {
    const rig = new ClientRig();
    const off = rig.client.onBatch(() => {});
    expect(() => rig.client.onBatch(() => {})).toThrow('there can be one handler of it');
    expect(() => rig.client.on('message.new', () => {})).toThrow('beside that of onBatch()');
    expect(() => rig.client.messages()).toThrow('onBatch()');
    off();
    off();
    rig.client.on('message.new', () => {});
    expect(() => rig.client.onBatch(() => {})).toThrow('there can be one handler of it');
    const { dedupe } = { dedupe: { claim: async () => ({ state: 'done' }), commit() {}, release() {} } };
    const claiming = new ClientRig({ dedupe: dedupe as never });
    expect(() => claiming.client.onBatch(() => {})).toThrow('`replicas`');
  });

  it.each([
    [{ maxMessages: 0 }, '"maxMessages" must be a whole number from 1 to 256'],
    [{ maxMessages: 257 }, '"maxMessages" must be a whole number from 1 to 256'],
    [{ settleMs: -1 }, '"settleMs" must be a number of milliseconds'],
    [{ maxWaitMs: 'long' }, '"maxWaitMs" must be a number of milliseconds'],
    [{ settle: 3 }, 'settleMs'],
    [{ onDeadLetter: true }, '"onDeadLetter" must be a function'],
  ])('refuses the options %j', (options, text) => {
    const rig = new ClientRig();
    expect(() => rig.client.onBatch(() => {}, options as BatchOptions)).toThrow(text);
  });

  it('acknowledges a whole batch from the socket to the ack frame', async () => {
    const rig = new ClientRig();
    const batches: string[] = [];
    rig.client.onBatch((messages) => void batches.push(messages.map(({ payload }) => payload.id).join(' ')));
    await rig.connected();
    await rig.frame(message(1), message(2), message(3));
    expect(rig.client.explain().totals.waiting).toBe(3);
    await rig.clock.advance(200);
    expect(batches).toEqual(['a1 a2 a3']);
    expect(rig.client.counters.handled).toBe(3);
    const stopped = rig.client.disconnect();
    await rig.clock.advance(10_000);
    await stopped;
  });
});

describe('BAT: any schedule', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), to: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 400 }) }),
    fc.record({
      do: fc.constant('end' as const),
      how: fc.constantFrom('done', 'fail'),
      keep: fc.option(fc.nat(4)),
    }),
    fc.record({ do: fc.constant('restart' as const) }),
  );

  it('every message is handled or parked once, in order, never two batches of a conversation at work', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const rig = new BatchRig({
          bounds: { concurrency: 2 },
          handlerRetry: { retries: 1, minDelayMs: 50, maxDelayMs: 50 },
        });
        rig.batch({ maxMessages: 4 });
        const open = () => rig.batches.filter((call) => !ended.has(call));
        const ended = new Set<BatchCall>();
        const seqs: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (const action of steps) {
          if (action.do === 'push') {
            seqs[action.to] = (seqs[action.to] ?? 0) + 1;
            rig.push(`${action.to}${seqs[action.to]}`);
          } else if (action.do === 'wait') await rig.clock.advance(action.ms);
          else if (action.do === 'restart') {
            rig.stop();
            await rig.clock.settle();
            rig.restart();
            rig.lanes.setOpen(true);
          } else {
            const [call] = open();
            if (call === undefined) continue;
            ended.add(call);
            if (action.keep !== null && action.keep <= call.ids.length) call.context.keep(action.keep);
            call[action.how as 'done' | 'fail']();
            await rig.clock.settle();
          }
          const atWork = open().map(({ ids }) => ids[0]?.charAt(0));
          expect(new Set(atWork).size).toBe(atWork.length);
        }
        for (
          let round = 0;
          round < 200 && rig.log.filter((line) => !line.startsWith('empty')).length < total(seqs);
          round += 1
        ) {
          for (const call of open()) {
            ended.add(call);
            call.done();
          }
          await rig.clock.advance(500);
        }
        for (const [name, count] of Object.entries(seqs)) {
          const over = rig.log.flatMap((line) => line.match(/^(?:handled|parked) (\w+)$/)?.[1] ?? []);
          const ids = Array.from({ length: count }, (_, index) => `${name}${index + 1}`);
          expect(over.filter((id) => id.startsWith(name))).toEqual(ids);
        }
        expect(rig.lanes.waitingTotal).toBe(0);
        expect(rig.lanes.slots.taken).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});

function total(seqs: Record<string, number>): number {
  return Object.values(seqs).reduce((sum, count) => sum + count, 0);
}
