import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RealtimeOptions, RealtimeSource } from '../../src/realtime/index.js';
import { message, row } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';
import { watchPromise } from './connection/support.js';

/** A value that throws at whatever is done to it. */
function trap(target: object = {}): object {
  const fail = () => {
    throw new Error('a trap was touched');
  };
  const traps = Object.fromEntries(Reflect.ownKeys(Reflect).map((name) => [name, fail]));
  return new Proxy(target, traps);
}

const NEVER = () => new Promise(() => {});

/** What user code does to those who call it. */
const ACTS: Record<string, () => unknown> = {
  'throws an error': () => {
    throw new Error('on purpose');
  },
  'throws an object without a prototype': () => {
    throw Object.create(null);
  },
  'throws undefined': () => {
    throw undefined;
  },
  'throws a trap': () => {
    throw trap();
  },
  'throws a trap that is a function': () => {
    throw trap(() => {});
  },
  'rejects with an error': () => Promise.reject(new Error('on purpose')),
  'rejects with an object without a prototype': () => Promise.reject(Object.create(null)),
  'rejects with a trap': () => Promise.reject(trap()),
  'returns a trap': () => trap(),
  'returns a promise that hides its constructor': () =>
    Object.defineProperty(Promise.resolve(), 'constructor', {
      get: () => {
        throw new Error('deeper');
      },
    }),
  'returns a thenable that throws a trap': () => ({
    // biome-ignore lint/suspicious/noThenProperty: a thenable is the point
    then: () => {
      throw trap();
    },
  }),
  'never ends': NEVER,
};

let escaped: unknown[] = [];
const noteEscape = (what: unknown) => void escaped.push(what);
beforeEach(() => {
  escaped = [];
  process.on('unhandledRejection', noteEscape);
  process.on('uncaughtException', noteEscape);
  vi.spyOn(console, 'error').mockImplementation(() => {});
});
afterEach(() => {
  process.off('unhandledRejection', noteEscape);
  process.off('uncaughtException', noteEscape);
  vi.restoreAllMocks();
});

/** Everything that a bot does in a day, with one part of it hostile: it must notice nothing but reports. */
async function liveADay(
  options: Partial<RealtimeOptions>,
  arm: (rig: ClientRig) => void = () => {},
  capabilities = ['ack'],
): Promise<ClientRig> {
  const rig = new ClientRig(options);
  const handled: string[] = [];
  rig.client.on('message.new', ({ payload }) => void handled.push(payload.id));
  rig.client.on('group.invite.received', () => {});
  arm(rig);
  rig.source.history = [1, 2, 3, 4, 5, 6].map((seq) => message(seq));
  const connecting = watchPromise(rig.client.connect());
  await rig.clock.advanceUntil(() => rig.network.sockets.length > 0);
  await rig.accept(capabilities);
  expect(connecting.outcome).toBe('resolved');

  await rig.frame(message(1));
  rig.network.last.frame({ type: 'typing.start', payload: { conversation_id: 'conv_a', sender: '' } });
  rig.network.last.frame({ type: 'message.new', payload: null });
  rig.network.last.data('no json');
  // A gap, which history closes.
  await rig.frame(message(4));
  await rig.clock.advance(30_000);
  // A lost connection, and what was missed in the meantime.
  rig.source.rows = [row(5)];
  rig.network.last.end();
  const sockets = rig.network.sockets.length;
  await rig.clock.advanceUntil(() => rig.network.sockets.length > sockets);
  await rig.accept(capabilities);
  await rig.frame(message(6));
  await rig.clock.advance(120_000);
  expect(rig.client.state).toBe('connected');
  expect([...new Set(handled)]).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);

  const stopped = watchPromise(rig.client.disconnect({ deadlineMs: 1_000 }));
  await rig.clock.advance(2_000);
  expect(stopped.outcome).toBe('resolved');
  expect(rig.client.state).toBe('idle');
  expect(rig.network.alive).toEqual([]);
  expect(rig.clock.pendingTimers).toBe(0);
  await rig.clock.settle();
  expect(escaped).toEqual([]);
  return rig;
}

describe.each(Object.entries(ACTS))('user code that %s', (_, act) => {
  it.each<[string, (rig: ClientRig) => void]>([
    ['onError', ({ client }) => client.onError(act)],
    ['onConnect', ({ client }) => client.onConnect(act)],
    ['onDisconnect', ({ client }) => client.onDisconnect(act)],
    ['onStateChange', ({ client }) => client.onStateChange(act)],
    ['on("typing.start")', ({ client }) => client.on('typing.start', act)],
  ])('as a listener of %s stops nothing', async (_name, arm) => {
    await liveADay({}, arm);
  });

  it.each<[string, Partial<RealtimeOptions>]>([
    ['onSequenceGap', { onSequenceGap: act }],
    ['onWireMismatch', { onWireMismatch: act }],
    ['onWireMismatch of strict', { onWireMismatch: act, validate: 'strict' }],
  ])('as the option %s stops nothing', async (_name, options) => {
    await liveADay(options);
  });

  it('as the apiKey function is a failed attempt, and the next one may succeed', async () => {
    let asked = 0;
    const apiKey = () => {
      asked += 1;
      return (asked === 1 ? act() : 'ac_test_key') as string;
    };
    await liveADay({ apiKey });
    expect(asked).toBeGreaterThan(1);
  });

  it('as one handler of message.new beside a good one stops nothing', async () => {
    await liveADay({ handlerRetry: { retries: 0 } }, ({ client }) =>
      client.on('message.new', ({ payload }) => (payload.conversation_id === 'conv_b' ? act() : null)),
    );
  });

  // One that never ends is at work, like any handler: the lane waits for it.
  const deadLetters = act === NEVER ? [] : [act];
  it.each(deadLetters)(
    'as onDeadLetter leaves the message parked, and the others go on',
    async (onDeadLetter) => {
      await liveADay({ handlerRetry: { retries: 0 }, onDeadLetter }, (rig) => {
        rig.client.on('message.new', ({ payload }) => {
          if (payload.id === 'a2') throw new Error('on purpose');
        });
      });
    },
  );

  it('as a store is asked again until it answers', async () => {
    let calls = 0;
    // Every second call works.
    const hostile = (good: unknown) => () => {
      calls += 1;
      return (calls % 2 === 1 ? act() : Promise.resolve(good)) as Promise<never>;
    };
    await liveADay({ store: { load: hostile(null), save: hostile(undefined) } });
    expect(calls).toBeGreaterThan(3);
  });

  it.each(['getMessages', 'sync', 'syncAck', 'listConversations', 'listMutes', 'listGroupInvites'] as const)(
    'as %s of the source is asked again until it answers',
    async (method) => {
      let calls = 0;
      await liveADay({}, ({ source }) => {
        const good = ((source as Partial<RealtimeSource>)[method] ?? (() => Promise.resolve([]))) as (
          ...args: unknown[]
        ) => unknown;
        const hostile = (...args: unknown[]) => {
          calls += 1;
          return calls % 2 === 1 ? act() : good.apply(source, args);
        };
        Object.assign(source, { [method]: hostile });
      });
    },
  );

  it('as getMe of the source is asked again', async () => {
    let calls = 0;
    await liveADay({ handle: undefined }, ({ source }) => {
      const getMe = () => {
        calls += 1;
        return calls === 1 ? act() : Promise.resolve({ handle: 'me' });
      };
      Object.assign(source, { getMe });
    });
  });

  it('as onSent of the source, or as its off, costs our own sends and nothing else', async () => {
    await liveADay({}, ({ source }) => void Object.assign(source, { onSent: act }));
    await liveADay({}, ({ source }) => void Object.assign(source, { onSent: () => act }));
  });
});

describe('a source or a store that gives what throws when it is looked at', () => {
  it.each([
    ['sync', () => [trap(), row(1)]],
    ['sync', () => trap([])],
    ['getMessages', () => [trap(), message(2)]],
    ['getMessages', () => trap([])],
    ['listConversations', () => [trap()]],
    ['listConversations', () => trap([])],
    ['listMutes', () => ({ mutes: [trap()] })],
    ['listMutes', () => trap()],
    ['listGroupInvites', () => [trap()]],
    ['listGroupInvites', () => trap([])],
  ])('as the answer of %s, now and then, stops nothing', async (method, answer) => {
    let calls = 0;
    // The list is compared only where messages are not acknowledged.
    const capabilities = method === 'listConversations' ? [] : ['ack'];
    await liveADay(
      {},
      ({ source }) => {
        const good = (source as unknown as Record<string, (...args: unknown[]) => unknown>)[method];
        const hostile = (...args: unknown[]) => {
          calls += 1;
          return calls % 2 === 1 ? Promise.resolve(answer()) : (good?.apply(source, args) ?? []);
        };
        Object.assign(source, { [method]: hostile });
      },
      capabilities,
    );
    // Mutes are asked for only when REST finds what the socket has not brought.
    if (method !== 'listMutes') expect(calls).toBeGreaterThan(0);
  });

  it.each([
    ['a cursor', () => trap()],
    ['its missing ranges', () => ({ expected: 1, floor: 1, missing: [trap()], parked: [] })],
    ['its parked messages', () => ({ expected: 1, floor: 1, missing: [], parked: trap([]) })],
    ['nothing at all', () => undefined],
  ])('as %s of the store, is asked again', async (_name, cursor) => {
    let calls = 0;
    const load = () => {
      calls += 1;
      return Promise.resolve((calls === 1 ? cursor() : null) as null);
    };
    await liveADay({ store: { load, save: () => Promise.resolve() } });
  });
});

describe('a class of sockets that throws', () => {
  it.each(['constructor', 'send', 'close', 'addEventListener', 'readyState'])(
    'from its %s is a failed attempt, told, and leaves nothing behind',
    async (part) => {
      class HostileSocket {
        constructor() {
          if (part === 'constructor') throw trap();
        }
        get readyState(): number {
          if (part === 'readyState') throw trap();
          return 1;
        }
        send(): void {
          if (part === 'send') throw trap();
        }
        close(): void {
          if (part === 'close') throw trap();
        }
        addEventListener(type: string, listener: (event: { type: string }) => void): void {
          if (part === 'addEventListener') throw trap();
          if (type === 'open') queueMicrotask(() => listener({ type }));
        }
        removeEventListener(): void {}
      }
      const rig = new ClientRig({ openSocket: undefined, webSocket: HostileSocket });
      const connecting = watchPromise(rig.client.connect());
      await rig.clock.advance(30_000);
      expect(connecting.outcome).toBe('pending');
      expect(rig.errors.length).toBeGreaterThan(1);
      expect(rig.errors[0]?.message).toContain('Attempt 1');
      const stopped = watchPromise(rig.client.disconnect());
      await rig.clock.advance(1_000);
      expect(stopped.outcome).toBe('resolved');
      expect(connecting.outcome).toBe('rejected');
      expect(rig.clock.pendingTimers).toBe(0);
      expect(escaped).toEqual([]);
    },
  );
});

describe('a listener that calls back', () => {
  const CALLS: Record<string, (rig: ClientRig) => unknown> = {
    'connect()': ({ client }) => client.connect(),
    'disconnect()': ({ client }) => client.disconnect({ deadlineMs: 10 }),
    'explain()': ({ client }) => client.explain(),
    'drainOfflineEnvelopes()': ({ client }) => client.drainOfflineEnvelopes(),
    'send()': ({ client }) => client.sendTypingStart('conv_a'),
    'on()': ({ client }) => client.on('message.new', () => {}),
  };

  it.each(Object.keys(CALLS))(
    '%s from any listener leaves one socket at most, and stops when told',
    async (name) => {
      const rig = new ClientRig({ onSequenceGap: () => CALLS[name]?.(rig) });
      const call = () => CALLS[name]?.(rig);
      let alive = 0;
      rig.network.onOpenSocket = () => {
        alive = Math.max(alive, rig.network.alive.length);
      };
      const offs = [
        rig.client.onError(call),
        rig.client.onConnect(call),
        rig.client.onDisconnect(call),
        rig.client.onStateChange(call),
        rig.client.on('message.new', call),
        rig.client.on('typing.start', call),
      ];
      for (let round = 0; round < 4; round += 1) {
        void rig.client.connect();
        await rig.clock.advance(1_000);
        const socket = rig.network.sockets.at(-1);
        socket?.open();
        socket?.helloOk();
        socket?.frame({ type: 'message.new', payload: message(round * 2 + 1) });
        socket?.frame({ type: 'typing.start', payload: { conversation_id: 'conv_a', sender: 'alice' } });
        socket?.data('no json');
        await rig.clock.advance(100);
        socket?.end();
        await rig.clock.advance(10_000);
      }
      expect(alive).toBeLessThanOrEqual(1);
      for (const off of offs) off();
      const stopped = watchPromise(rig.client.disconnect({ deadlineMs: 100 }));
      await rig.clock.advance(2_000);
      expect(stopped.outcome).toBe('resolved');
      expect(rig.client.state).toBe('idle');
      expect(rig.network.alive).toEqual([]);
      await rig.clock.advance(60_000);
      expect(rig.network.alive).toEqual([]);
      expect(rig.clock.pendingTimers).toBe(0);
      expect(escaped).toEqual([]);
    },
  );

  it('disconnect() and connect() at every change of state starves nobody, and holds the limiter', async () => {
    const rig = new ClientRig();
    let changes = 0;
    const off = rig.client.onStateChange(() => {
      changes += 1;
      void rig.client.disconnect({ deadlineMs: 10 });
      void rig.client.connect();
    });
    void rig.client.connect();
    await rig.clock.advance(500);
    expect(changes).toBeLessThan(2_000);
    expect(rig.network.sockets.length).toBeLessThanOrEqual(20);
    expect(rig.network.alive.length).toBeLessThanOrEqual(1);
    off();
    const stopped = watchPromise(rig.client.disconnect());
    await rig.clock.advance(1_000);
    expect(stopped.outcome).toBe('resolved');
    expect(rig.client.state).toBe('idle');
    expect(rig.clock.pendingTimers).toBe(0);
  });
});
