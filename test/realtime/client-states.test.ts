import { describe, expect, it } from 'vitest';
import { AbortedError, UnauthorizedError } from '../../src/errors/index.js';
import type { ConnectionState } from '../../src/realtime/index.js';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';
import { type FakeSocket, watchPromise } from './connection/support.js';

const never = () => new Promise<never>(() => {});

/** How a client gets into each state, and what its `state` then says. */
const STATES: Record<string, { state: ConnectionState; enter: (rig: ClientRig) => Promise<void> }> = {
  'that was never connected': { state: 'idle', enter: async () => {} },
  'that asks for its key': {
    state: 'connecting',
    enter: async (rig) => {
      keys.push(never);
      void rig.client.connect();
      await rig.clock.settle();
      expect(rig.network.sockets).toHaveLength(0);
    },
  },
  'whose socket is being opened': {
    state: 'connecting',
    enter: async (rig) => {
      void rig.client.connect();
      await rig.clock.settle();
      expect(rig.network.sockets).toHaveLength(1);
    },
  },
  'that waits for hello.ok': {
    state: 'connecting',
    enter: async (rig) => {
      void rig.client.connect();
      await rig.clock.settle();
      rig.network.last.open();
    },
  },
  'that is connected': { state: 'connected', enter: async (rig) => void (await rig.connected()) },
  'whose handler is at work': {
    state: 'connected',
    enter: async (rig) => {
      rig.client.on('message.new', never);
      await rig.connected();
      await rig.frame(message(1));
    },
  },
  'that drains': {
    state: 'connected',
    enter: async (rig) => {
      rig.source.next('sync', never);
      void rig.client.connect();
      await rig.accept();
    },
  },
  'that waits for its next attempt': {
    state: 'waiting',
    enter: async (rig) => {
      await rig.connected();
      rig.network.last.end();
      await rig.clock.settle();
    },
  },
  'that reconnects': {
    state: 'connecting',
    enter: async (rig) => {
      await rig.connected();
      rig.network.last.end();
      await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    },
  },
  'that was refused': {
    state: 'idle',
    enter: async (rig) => {
      void rig.client.connect();
      await rig.clock.settle();
      rig.network.last.refuse(403);
      // The function is asked once more, and has nothing new.
      await rig.clock.advance(5_000);
    },
  },
  'that was aborted': {
    state: 'idle',
    enter: async (rig) => {
      const abort = new AbortController();
      void rig.client.connect({ signal: abort.signal });
      await rig.clock.settle();
      abort.abort();
    },
  },
  'that is stopping': {
    state: 'stopping',
    enter: async (rig) => {
      rig.client.on('message.new', never);
      await rig.connected();
      await rig.frame(message(1));
      void rig.client.disconnect();
      await rig.clock.settle();
    },
  },
  'that was stopped': {
    state: 'idle',
    enter: async (rig) => {
      await rig.connected();
      void rig.client.disconnect();
      await rig.clock.advance(1_000);
    },
  },
};

/** What the key function answers next; a good key when there is nothing. */
let keys: (() => Promise<string>)[] = [];

async function inState(name: string): Promise<ClientRig> {
  keys = [];
  const rig = new ClientRig({ apiKey: () => keys.shift()?.() ?? Promise.resolve('ac_test_key') });
  rig.client.onError(() => {});
  await STATES[name]?.enter(rig);
  expect(rig.client.state).toBe(STATES[name]?.state);
  return rig;
}

/** From now on the service answers: the socket that is there, and all that come. */
function serve(rig: ClientRig): void {
  const answer = (socket: FakeSocket) => {
    socket.ping = () => socket.pong();
    if (socket.state === 'opening') socket.open();
    if (socket.state === 'open') socket.helloOk();
  };
  for (const socket of rig.network.alive) answer(socket);
  rig.network.onOpenSocket = (socket) => rig.clock.setTimer(() => answer(socket), 1);
}

describe.each(Object.keys(STATES))('a client %s', (name) => {
  it('STOP-1: disconnect() settles everything, and nothing runs afterwards', async () => {
    const rig = await inState(name);
    const connecting = name === 'that was never connected' ? null : watchPromise(rig.client.connect());
    const stops = [
      watchPromise(rig.client.disconnect({ deadlineMs: 500 })),
      watchPromise(rig.client.disconnect({ deadlineMs: 500 })),
      watchPromise(rig.client[Symbol.asyncDispose]()),
    ];
    await rig.clock.advance(2_000);
    expect(stops.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(connecting?.outcome).not.toBe('pending');
    expect(rig.client.state).toBe('idle');
    expect(rig.client.isConnected).toBe(false);
    // STOP-3: a handler that never ends keeps the socket for a minute.
    await rig.clock.advance(rig.network.alive.length === 0 ? 0 : 61_000);
    expect(rig.network.alive).toEqual([]);
    expect(rig.clock.pendingTimers).toBe(0);
    const asked = rig.source.asked.length;
    const sockets = rig.network.sockets.length;
    await rig.clock.advance(3_600_000);
    expect(rig.source.asked).toHaveLength(asked);
    expect(rig.network.sockets).toHaveLength(sockets);
  });

  it('connect() twice is one connection, and one socket at most at any time', async () => {
    const rig = await inState(name);
    const calls = [watchPromise(rig.client.connect()), watchPromise(rig.client.connect())];
    let most = rig.network.alive.length;
    serve(rig);
    for (let n = 0; n < 300; n += 1) {
      await rig.clock.advance(100);
      most = Math.max(most, rig.network.alive.length);
    }
    expect(calls.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved']);
    expect(rig.client.state).toBe('connected');
    expect(most).toBeLessThanOrEqual(1);
    const third = watchPromise(rig.client.connect());
    await rig.clock.settle();
    expect(third.outcome).toBe('resolved');
    expect(rig.network.alive).toHaveLength(1);
  });

  it('connect() with a signal that is aborted already rejects, and changes nothing', async () => {
    const rig = await inState(name);
    const sockets = rig.network.sockets.length;
    const { state } = rig.client;
    const connecting = watchPromise(rig.client.connect({ signal: AbortSignal.abort('no') }));
    await rig.clock.settle();
    expect(connecting.error).toBeInstanceOf(AbortedError);
    expect(connecting.error).toMatchObject({ code: 'ABORTED', cause: 'no' });
    expect(rig.client.state).toBe(state);
    expect(rig.network.sockets).toHaveLength(sockets);
  });
});

describe('RCN-1: an apiKey function', () => {
  it('is asked before each attempt, and once more after a refusal', async () => {
    const given: string[] = [];
    const rig = new ClientRig({
      apiKey: () => {
        given.push(`ac_key_${given.length + 1}`);
        return given.at(-1) ?? '';
      },
    });
    void rig.client.connect();
    await rig.accept();
    expect(given).toHaveLength(1);
    // The key is rotated under the session.
    rig.network.last.end({ code: 4401, reason: 'rotated' });
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    expect(given).toHaveLength(2);
    expect(JSON.parse(rig.network.last.sent[0] ?? '')).toMatchObject({ api_key: 'ac_key_2' });
    expect(rig.client.state).toBe('connected');
    // A cut asks again, too.
    rig.network.last.end();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 3);
    expect(given).toHaveLength(3);
  });

  it('that has nothing new after a refusal ends the life, with the refusal', async () => {
    const rig = new ClientRig({ apiKey: () => 'ac_same' });
    void rig.client.connect();
    await rig.accept();
    const again = watchPromise(rig.client.connect());
    rig.network.last.end({ code: 4401 });
    const later = watchPromise(rig.client.connect());
    await rig.clock.advance(60_000);
    expect(again.outcome).toBe('resolved');
    expect(later.error).toBeInstanceOf(UnauthorizedError);
    expect(rig.client.state).toBe('idle');
    expect(rig.network.sockets).toHaveLength(1);
  });
});
