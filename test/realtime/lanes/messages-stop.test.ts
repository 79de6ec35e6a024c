import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { message } from '../catchup/engine-rig.js';
import { watchPromise } from '../connection/support.js';
import { LoopRig } from './loop-rig.js';

async function connected(options?: ConstructorParameters<typeof LoopRig>[0]): Promise<LoopRig> {
  const rig = new LoopRig(options);
  await rig.connected();
  return rig;
}

describe('the signal of messages()', () => {
  it('ends the loop at once; the message in hand is acknowledged by asking for the next', async () => {
    const rig = await connected();
    const abort = new AbortController();
    const iterator = rig.client.messages({ signal: abort.signal });
    const other = [iterator[Symbol.asyncIterator](), iterator[Symbol.asyncIterator]()][1];
    if (other === undefined) throw new Error('two loops');
    await rig.frame(message(1), message(2));
    await rig.ask(iterator);
    const waiting = await rig.ask(other);
    abort.abort();
    await rig.clock.settle();
    expect(waiting.outcome).toBe('done');
    expect(rig.acked).toEqual([]);
    expect((await rig.ask(iterator)).outcome).toBe('done');
    expect(rig.acked).toEqual(['a1']);
    expect((await rig.ask(rig.client.messages())).id).toBe('a2');
  });

  it('that was aborted before gives an iterator that has ended, and nothing to wait for', async () => {
    const rig = await connected();
    const loop = rig.client.messages({ signal: AbortSignal.abort() });
    expect((await rig.ask(loop)).outcome).toBe('done');
    rig.client.on('message.new', () => {});
  });

  it('is not listened to any longer than the loop lasts, however it ends', async () => {
    const rig = await connected();
    const { signal } = new AbortController();
    for (let n = 0; n < 3; n += 1) await rig.client.messages({ signal }).return();
    const stopped = rig.client.messages({ signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await rig.stopped();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect((await rig.ask(stopped)).outcome).toBe('done');
  });
});

describe('STOP-1: disconnect() and a loop over messages()', () => {
  it('ends a loop that waits, when the stop is over', async () => {
    const rig = await connected();
    const waiting = await rig.ask(rig.client.messages());
    const stopping = watchPromise(rig.client.disconnect());
    await rig.clock.settle();
    expect([stopping.outcome, waiting.outcome]).toEqual(['pending', 'waiting']);
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.settle();
    expect([stopping.outcome, waiting.outcome]).toEqual(['resolved', 'done']);
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['asking for the next', (_: () => void, ask: () => Promise<unknown>) => ask()],
    ['ack()', async (ack: () => void) => ack()],
  ])('waits for the message in hand, which %s acknowledges in time', async (_, finish) => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const { event } = await rig.ask(loop);
    const stopping = watchPromise(rig.client.disconnect());
    await rig.clock.advance(5_000);
    expect([stopping.outcome, event.context.signal.aborted]).toEqual(['pending', false]);
    let next = null as Awaited<ReturnType<LoopRig['ask']>> | null;
    await finish(event.ack, async () => {
      next = await rig.ask(loop);
    });
    await rig.clock.settle();
    expect(rig.acked).toEqual(['a1']);
    await rig.clock.advance(250);
    expect(stopping.outcome).toBe('resolved');
    expect((next ?? (await rig.ask(loop))).outcome).toBe('done');
    expect(rig.client.counters.handled).toBe(1);
  });

  it('interrupts the message that is still in hand at the deadline: the next life gives it out again', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const { event } = await rig.ask(loop);
    const { signal } = event.context;
    await rig.stopped(1_000);
    expect(signal.aborted).toBe(true);
    expect(rig.acked).toEqual([]);
    expect(rig.clock.pendingTimers).toBe(0);
    const next = rig.client.messages();
    const waiting = await rig.ask(next);
    expect(waiting.outcome).toBe('waiting');
    await rig.connected();
    expect(waiting.id).toBe('a1');
    expect(waiting.event.context).toMatchObject({ redelivered: true, attempt: 1 });
    expect(waiting.event.context.signal.aborted).toBe(false);
    expect((await rig.ask(next)).id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
    expect(rig.codes).toEqual(['HANDLERS_LEFT']);
  });

  it('counts the message that was interrupted, when its loop asks for the next all the same', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    await rig.ask(loop);
    await rig.stopped(1_000);
    expect((await rig.ask(loop)).outcome).toBe('done');
    expect(rig.client.counters.handled).toBe(1);
    await rig.connected();
    expect((await rig.ask(rig.client.messages())).id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
  });

  it('gives nothing more out, and takes back what is left', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    await rig.ask(loop);
    const stopping = watchPromise(rig.client.disconnect({ deadlineMs: 60_000 }));
    await rig.clock.settle();
    await loop.return();
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.settle();
    expect(stopping.outcome).toBe('resolved');
    expect(rig.acked).toEqual([]);
    const seen: [string, boolean][] = [];
    rig.client.on('message.new', ({ payload }, { redelivered }) => {
      seen.push([payload.id, redelivered]);
    });
    expect(seen).toEqual([]);
    await rig.connected();
    expect(seen).toHaveLength(3);
    expect(seen).toContainEqual(['a1', true]);
  });

  it('may be awaited inside the loop, after ack(): it does not wait for the loop itself', async () => {
    const rig = await connected();
    await rig.frame(message(1), message(2));
    const seen: string[] = [];
    const loop = (async () => {
      for await (const { payload, ack } of rig.client.messages()) {
        seen.push(payload.id);
        ack();
        const stopping = rig.client.disconnect();
        rig.network.last.end({ code: 1000, wasClean: true });
        await stopping;
      }
    })();
    await rig.clock.settle();
    await loop;
    expect(seen).toEqual(['a1']);
    expect(rig.client.state).toBe('idle');
    expect(rig.client.counters.handled).toBe(1);
  });

  it('ends a loop also when there is nothing to stop', async () => {
    const rig = new LoopRig();
    const waiting = await rig.ask(rig.client.messages());
    await rig.client.disconnect();
    await rig.clock.settle();
    expect(waiting.outcome).toBe('done');
  });

  it('leaves an iterator that is made meanwhile to the next life', async () => {
    const rig = await connected();
    const stopping = rig.client.disconnect();
    const waiting = await rig.ask(rig.client.messages());
    rig.network.last.end({ code: 1000, wasClean: true });
    await stopping;
    await rig.connected();
    await rig.frame(message(1));
    expect(waiting.id).toBe('a1');
  });
});

describe('RCN-1: reconnects and a loop over messages()', () => {
  it('do not end it, and what is acknowledged in between goes out on the next session', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1), message(2));
    const { event } = await rig.ask(loop);
    rig.network.last.end({ code: 1006 });
    event.ack();
    const second = await rig.ask(loop);
    expect(second.id).toBe('a2');
    const third = await rig.ask(loop);
    expect(third.outcome).toBe('waiting');
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    await rig.frame(message(3));
    expect(third.id).toBe('a3');
    expect(rig.acked).toEqual(['a1', 'a2']);
  });

  it.each([
    [
      'a refused key',
      {},
      async (rig: LoopRig) => {
        rig.network.last.end({ code: 4401, wasClean: true });
      },
      { name: 'UnauthorizedError' },
    ],
    [
      'no reconnecting',
      { reconnect: false },
      async (rig: LoopRig) => {
        rig.network.last.end({ code: 1006 });
      },
      { name: 'ConnectionError', message: expect.stringContaining('reconnecting is off') },
    ],
    [
      'the last attempt',
      { maxReconnectAttempts: 1 },
      async (rig: LoopRig) => {
        rig.network.onOpenSocket = (socket) => rig.clock.defer(() => socket.end());
        rig.network.last.end({ code: 1006 });
        await rig.clock.advance(60_000);
      },
      { name: 'ConnectionError' },
    ],
  ])('the end for good rejects a loop that waits, and the next: %s', async (_, options, end, error) => {
    const rig = await connected(options);
    const iterator = rig.client.messages();
    const waiting = await rig.ask(iterator);
    await end(rig);
    await rig.clock.settle();
    expect(rig.client.state).toBe('idle');
    expect(waiting).toMatchObject({ outcome: 'rejected', error });
    expect(rig.errors.at(-1)).toMatchObject(error);
    expect((await rig.ask(iterator)).outcome).toBe('done');
    rig.client.on('message.new', () => {});
  });

  it.each([
    ['refused', undefined, (rig: LoopRig) => rig.network.last.refuse(403), 'ForbiddenError'],
    ['aborted', new AbortController(), (_: LoopRig, abort?: AbortController) => abort?.abort(), 'AbortError'],
  ])('a connect() that is %s rejects a loop that began before it', async (_, abort, end, name) => {
    const rig = new LoopRig();
    const waiting = await rig.ask(rig.client.messages());
    const connecting = watchPromise(rig.client.connect({ signal: abort?.signal }));
    await rig.clock.settle();
    end(rig, abort);
    await rig.clock.settle();
    expect(connecting).toMatchObject({ outcome: 'rejected', error: { name } });
    expect(waiting).toMatchObject({ outcome: 'rejected', error: { name } });
  });

  it('the end for good is told after what had arrived: nothing that was taken in is lost', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    await rig.frame(message(1), message(2), message(1, 'conv_b'));
    await rig.ask(iterator);
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    const rest = [await rig.ask(iterator), await rig.ask(iterator)];
    expect(rest.map(({ id }) => id)).toEqual(['b1', 'a2']);
    const last = await rig.ask(iterator);
    expect(last).toMatchObject({ outcome: 'rejected', error: { name: 'UnauthorizedError' } });
    expect(rig.client.counters.handled).toBe(3);
    expect((await rig.ask(iterator)).outcome).toBe('done');
  });

  it('rejects every loop that waits, so that no worker stays deaf', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    const loops = [1, 2, 3].map(() => iterator[Symbol.asyncIterator]());
    const waiting = [];
    for (const loop of loops) waiting.push(await rig.ask(loop));
    rig.network.last.end({ code: 4403, wasClean: true });
    await rig.clock.settle();
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('a connect() that follows the refusal at once keeps the loop', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    const waiting = await rig.ask(loop);
    rig.client.onError(() => void rig.client.connect());
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.accept();
    await rig.frame(message(1));
    expect(waiting.id).toBe('a1');
  });

  it('so does one that comes before the loop has asked again', async () => {
    const rig = await connected();
    const loop = rig.client.messages();
    await rig.frame(message(1));
    await rig.ask(loop);
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    await rig.connected();
    const next = await rig.ask(loop);
    expect(next.outcome).toBe('waiting');
    await rig.frame(message(2));
    expect(next.id).toBe('a2');
    expect(rig.acked).toEqual(['a1']);
  });

  it('a loop that nobody waits in leaves no unhandled rejection', async () => {
    const rig = await connected();
    const iterator = rig.client.messages();
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    await iterator.return();
    expect(rig.codes).toHaveLength(1);
  });
});
