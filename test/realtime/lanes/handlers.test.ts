import { describe, expect, it, vi } from 'vitest';
import { Handlers } from '../../../src/realtime/inbox.js';
import type { EventHandler } from '../../../src/realtime/index.js';
import { HandlerContext } from '../../../src/realtime/lanes/call.js';
import { Consumers } from '../../../src/realtime/lanes/consumers.js';
import { TimeSlice } from '../../../src/realtime/lanes/time-slice.js';
import { Observers } from '../../../src/realtime/listeners.js';
import { Life, Lives } from '../../../src/realtime/util/life.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { LanesRig, NO_SOCKET } from './lanes-rig.js';

/** Things that user code throws, rejects with and returns, on purpose or not. */
const STRANGE: [string, EventHandler<'message.new'>][] = [
  [
    'throws an object without a prototype',
    () => {
      throw Object.create(null);
    },
  ],
  [
    'throws undefined',
    () => {
      throw undefined;
    },
  ],
  [
    'throws an error whose message throws',
    () => {
      throw Object.defineProperty(new Error(), 'message', {
        get: () => {
          throw new Error('deeper');
        },
      });
    },
  ],
  ['rejects with undefined', () => Promise.reject(undefined)],
  ['rejects with an object without a prototype', () => Promise.reject(Object.create(null))],
  [
    'returns a thenable that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
      then: () => {
        throw new Error('on purpose');
      },
    }),
  ],
  [
    'returns a thenable that rejects twice',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
      then: (_: unknown, reject: (error: unknown) => void) => {
        reject(new Error('on purpose'));
        reject(new Error('again'));
      },
    }),
  ],
  [
    'returns a thenable function that rejects',
    () =>
      Object.assign(() => {}, {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
        then: (_: unknown, reject: (error: unknown) => void) => reject(new Error('on purpose')),
      }),
  ],
  [
    'returns a promise whose own then throws',
    () =>
      Object.assign(Promise.resolve(), {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
        then: () => {
          throw new Error('on purpose');
        },
      }),
  ],
  [
    'returns a promise whose constructor throws',
    () =>
      Object.defineProperty(Promise.resolve(), 'constructor', {
        get: () => {
          throw new Error('on purpose');
        },
      }),
  ],
];

const HARMLESS: [string, EventHandler<'message.new'>][] = [
  [
    'returns an object whose then cannot be read',
    () =>
      Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('on purpose');
        },
      }),
  ],
  [
    'returns a thenable that fulfils twice and then rejects',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
      then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
        resolve(1);
        resolve(2);
        reject(new Error('too late'));
      },
    }),
  ],
  [
    'returns a promise whose own then fulfils twice',
    () =>
      Object.assign(Promise.resolve(), {
        // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
        then: (resolve: (value: unknown) => void) => {
          resolve(1);
          resolve(2);
        },
      }),
  ],
  ['returns null', () => null],
  ['returns an object whose then is no function', () => Object.fromEntries([['then', 7]])],
];

describe('HND-1: no exception from user code stops delivery', () => {
  it.each(STRANGE)('a handler that %s has failed, and the lane goes on', async (_name, handler) => {
    const rig = new LanesRig({ handlerRetry: { retries: 1, minDelayMs: 10, maxDelayMs: 10 } });
    rig.handlers((event, context) => (event.payload.id === 'a1' ? handler(event, context) : undefined));
    rig.push('a1', 'a2');
    await rig.clock.advance(1_000);
    expect(rig.log).toContain('parked a1');
    expect(rig.handled).toEqual(['a2']);
    expect(rig.errors).toHaveLength(2);
    expect(rig.lanes.slots.runningCount).toBe(0);
  });

  it.each(HARMLESS)('a handler that %s has succeeded', async (_name, handler) => {
    const rig = new LanesRig();
    rig.handlers(handler);
    rig.push('a1', 'a2');
    await rig.clock.advance(1_000);
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.errors).toEqual([]);
    expect(rig.lanes.slots.runningCount).toBe(0);
  });

  it('a handler that never settles keeps its own conversation only', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(({ payload }) => (payload.id === 'a1' ? new Promise(() => {}) : undefined));
    rig.push('a1', 'a2', 'b1');
    await rig.clock.advance(100_000);
    rig.push('b2');
    expect(rig.handled).toEqual(['b1', 'b2']);
  });

  it('several handlers, of which one is sync, one fails and one is slow, settle together', async () => {
    const rig = new LanesRig();
    const calls: string[] = [];
    rig.handlers(
      () => calls.push('sync'),
      () => {
        calls.push('fails');
        if (calls.length < 4) throw new Error('on purpose');
      },
      rig.manual,
    );
    rig.push('a1');
    await rig.clock.advance(5_000);
    expect(calls).toEqual(['sync', 'fails']);
    await rig.finish('a1');
    expect(rig.handled).toEqual([]);
    await rig.clock.advance(1_500);
    expect(calls).toEqual(['sync', 'fails', 'fails', 'fails']);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.calls).toHaveLength(1);
  });
});

describe('HND-1: handlers that come and go', () => {
  it('a handler that is registered while others run gets the next message', async () => {
    const rig = new LanesRig();
    const late: string[] = [];
    rig.handlers(rig.manual);
    rig.push('a1', 'a2');
    rig.handlers(rig.manual, ({ payload }) => late.push(payload.id));
    await rig.finish('a1', 'a2');
    expect(late).toEqual(['a2']);
  });

  it('a handler that is removed is not called again, and does not fail the message any more', async () => {
    const rig = new LanesRig();
    const calls: string[] = [];
    const good: EventHandler<'message.new'> = () => calls.push('good');
    const bad: EventHandler<'message.new'> = () => {
      calls.push('bad');
      throw new Error('on purpose');
    };
    rig.handlers(good, bad);
    rig.push('a1');
    rig.handlers(good);
    await rig.clock.advance(10_000);
    expect(calls).toEqual(['good', 'bad']);
    expect(rig.handled).toEqual(['a1']);
  });

  it('a handler that replaces a failing one gets its message', async () => {
    const rig = new LanesRig();
    const seen: string[] = [];
    rig.handlers(() => {
      throw new Error('on purpose');
    });
    rig.push('a1', 'a2');
    rig.handlers();
    await rig.clock.advance(1_000);
    rig.handlers(({ payload }) => seen.push(payload.id));
    await rig.clock.advance(10_000);
    expect(seen).toEqual(['a1', 'a2']);
  });

  it('while none is registered messages wait in their lanes, unhandled', async () => {
    const rig = new LanesRig();
    rig.push('a1', 'a2');
    await rig.clock.advance(60_000);
    expect(rig.log).toEqual([]);
    rig.handlers(() => undefined);
    expect(rig.handled).toEqual(['a1', 'a2']);
    rig.handlers();
    rig.push('a3');
    expect(rig.handled).toEqual(['a1', 'a2']);
  });
});

describe('the registry of handlers', () => {
  const context = new HandlerContext('live', 1, false, false, new Life());

  function registry(sets: number[] = []) {
    const clock = new VirtualClock();
    const listener = { askingChanged: () => sets.push(consumers.handlers.length), onError() {} };
    const slice = new TimeSlice(clock, () => {}, NO_SOCKET);
    const consumers: Consumers = new Consumers(clock, new Lives(), undefined, listener, slice);
    const observers = new Observers({}, clock);
    const catchUp = { drains: { draining: false }, isNews: () => true, setListening() {} };
    return { handlers: new Handlers({ consumers, observers, catchUp }), observers };
  }

  it('calls a function once that is registered twice for an event, and has one off for it', () => {
    const sets: number[] = [];
    const { handlers } = registry(sets);
    const handler = vi.fn();
    const offFirst = handlers.add('message.new', handler);
    const offSecond = handlers.add('message.new', handler);
    expect(sets).toEqual([1]);
    handlers.add('typing.start', handler);
    handlers.add('typing.start', handler);
    handlers.emit({ type: 'typing.start', payload: {} }, context);
    expect(handler).toHaveBeenCalledTimes(1);
    offFirst();
    offFirst();
    offSecond();
    expect(sets).toEqual([1, 0]);
    // It is another registration by then, which the off of the first does not end.
    handlers.add('message.new', handler);
    offFirst();
    expect(sets).toEqual([1, 0, 1]);
  });

  it('passes other events on, unknown types too, and whatever a handler does', async () => {
    const failures: unknown[] = [];
    const seen: unknown[] = [];
    const { handlers, observers } = registry();
    observers.errors.add(({ message, cause }) => failures.push([message, cause]));
    handlers.add('typing.start', () => {
      throw Object.create(null);
    });
    handlers.add('typing.start', () => Promise.reject(undefined));
    handlers.add('typing.start', (event) => seen.push(event));
    handlers.add('brand.new', (event) => seen.push(event));
    handlers.emit({ type: 'typing.start', payload: { conversation_id: 'a' } }, context);
    handlers.emit({ type: 'brand.new' }, context);
    handlers.emit({ type: 'nobody.listens' }, context);
    await Promise.resolve();
    await Promise.resolve();
    expect(seen).toMatchObject([
      { type: 'typing.start', payload: { conversation_id: 'a' } },
      { type: 'brand.new', payload: {} },
    ]);
    expect(failures).toEqual([
      [expect.stringMatching(/your handler of typing\.start failed: Error: a value that/), expect.any(Error)],
      [expect.stringMatching(/your handler of typing\.start failed: Error: undefined/), expect.any(Error)],
    ]);
  });

  it('lets a handler remove itself while it is called', () => {
    const seen: string[] = [];
    const { handlers } = registry();
    const off = handlers.add('x', () => {
      seen.push('once');
      off();
    });
    handlers.add('x', () => seen.push('always'));
    handlers.emit({ type: 'x' }, context);
    handlers.emit({ type: 'x' }, context);
    expect(seen).toEqual(['once', 'always', 'always']);
  });
});
