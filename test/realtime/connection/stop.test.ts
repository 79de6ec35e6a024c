import { describe, expect, it } from 'vitest';
import { AbortedError, ConnectionError } from '../../../src/errors/index.js';
import { type Bench, bench, connected, watchPromise } from './support.js';

describe('STOP-1', () => {
  it('beginStop() takes nothing in any more, and the session ends with close()', async () => {
    const { connection, network, recorder, clock } = await connected();
    connection.beginStop();
    network.last.frame({ type: 'message.new' });
    expect(connection.state).toBe('stopping');
    expect(connection.session?.id).toBe(1);
    const closing = watchPromise(connection.close());
    expect(connection.session).toBeNull();
    expect(network.last.farewell).toEqual({ code: 1000, reason: '' });
    await clock.settle();
    expect(closing.outcome).toBe('pending');
    network.last.end({ code: 1000, wasClean: true });
    await clock.settle();
    expect(closing.outcome).toBe('resolved');
    expect(recorder.log.slice(3)).toEqual([
      'connected -> stopping',
      'end 1',
      'disconnect 1000',
      'stopping -> idle',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('a peer that does not answer the close has 250 ms', async () => {
    const { connection, network, clock } = await connected();
    const closing = watchPromise(connection.close());
    await clock.advance(249);
    expect(closing.outcome).toBe('pending');
    await clock.advance(1);
    expect(closing.outcome).toBe('resolved');
    expect(network.alive).toEqual([]);
  });

  const states: Record<string, (made: Bench) => Promise<void> | void> = {
    idle: () => {},
    'asking for the key': ({ connection }) => void connection.connect(),
    opening: async ({ connection, clock }) => {
      void connection.connect();
      await clock.settle();
    },
    authenticating: async ({ connection, clock, network }) => {
      void connection.connect();
      await clock.settle();
      network.last.open();
    },
    connected: async ({ connection, clock, accept }) => {
      void connection.connect();
      await clock.settle();
      accept();
    },
    waiting: async ({ connection, clock, network }) => {
      void connection.connect();
      await clock.settle();
      network.last.end();
    },
    flushing: async ({ connection, clock, accept }) => {
      void connection.connect();
      await clock.settle();
      accept();
      connection.beginStop();
    },
    'stopping without a session': async ({ connection, clock }) => {
      void connection.connect();
      await clock.settle();
      connection.beginStop();
    },
    closing: async ({ connection, clock, accept }) => {
      void connection.connect();
      await clock.settle();
      accept();
      void connection.close();
    },
  };

  it.each(Object.keys(states))(
    'close() while %s: all promises settle, nothing runs afterwards',
    async (name) => {
      const made = bench({ apiKey: async () => 'ac_key' });
      const { connection, network, clock, recorder } = made;
      await states[name]?.(made);
      const connecting = name === 'idle' ? null : watchPromise(connection.connect());
      const first = watchPromise(connection.close());
      const second = watchPromise(connection.close());
      await clock.advance(1_000);
      expect([first.outcome, second.outcome]).toEqual(['resolved', 'resolved']);
      expect(connecting?.outcome).not.toBe('pending');
      expect(connection.state).toBe('idle');
      expect(network.alive).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
      const told = recorder.log.length;
      for (const socket of network.sockets) {
        socket.open();
        socket.helloOk();
        socket.frame({ type: 'message.new' });
        socket.end({ code: 4401 });
      }
      connection.networkChanged(true);
      await clock.advance(120_000);
      expect(recorder.log).toHaveLength(told);
      // And the next life works.
      const again = connection.connect();
      await clock.settle();
      made.accept();
      await again;
    },
  );

  it('connect() during a stop is refused: the client waits for its end', async () => {
    const { connection, network, clock } = await connected();
    connection.beginStop();
    const flushing = watchPromise(connection.connect());
    const closing = connection.close();
    const { signal } = new AbortController();
    const closed = watchPromise(connection.connect({ signal }));
    await clock.advance(250);
    await closing;
    for (const { error } of [flushing, closed]) {
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ outcome: 'not_sent' });
    }
    expect(connection.state).toBe('idle');
    expect(network.sockets).toHaveLength(1);
  });

  it('disconnecting rejects a pending connect() with a ConnectionError', async () => {
    const { connection, clock } = bench();
    const connecting = watchPromise(connection.connect());
    connection.beginStop();
    await clock.settle();
    expect(connecting.error).toBeInstanceOf(ConnectionError);
    await connection.close();
  });
});

describe('abort', () => {
  /** A signal that counts its listeners. */
  function countedSignal() {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = ((type: string, listener: () => void, options?: AddEventListenerOptions) => {
      listeners++;
      add(type, listener, options);
    }) as typeof signal.addEventListener;
    signal.removeEventListener = ((type: string, listener: () => void) => {
      listeners--;
      remove(type, listener);
    }) as typeof signal.removeEventListener;
    return { controller, signal, listeners: () => listeners };
  }

  it('before anything: rejects, and nothing is tried', async () => {
    const { connection, network } = bench();
    const error = await connection.connect({ signal: AbortSignal.abort('no') }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ name: 'AbortError', code: 'ABORTED', cause: 'no' });
    expect(network.sockets).toEqual([]);
    expect(connection.state).toBe('idle');
  });

  it('ends the trying of the call that began it', async () => {
    for (const wait of [0, 100]) {
      const { connection, network, clock } = bench();
      const { controller, signal, listeners } = countedSignal();
      const connecting = watchPromise(connection.connect({ signal }));
      if (wait > 0) network.last.end();
      await clock.advance(wait);
      controller.abort('enough');
      await clock.settle();
      expect(connecting.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
      expect(connection.state).toBe('idle');
      expect(network.alive).toEqual([]);
      expect(clock.pendingTimers).toBe(0);
      expect(listeners()).toBe(0);
    }
  });

  it('of a later call ends only its waiting', async () => {
    const { connection, network, clock, accept } = await connected();
    network.last.end();
    const { controller, signal, listeners } = countedSignal();
    const waiting = watchPromise(connection.connect({ signal }));
    const other = watchPromise(connection.connect());
    controller.abort('enough');
    await clock.advanceUntil(() => network.sockets.length === 2);
    expect(waiting.error).toMatchObject({ code: 'ABORTED' });
    accept();
    await clock.settle();
    expect(other.outcome).toBe('resolved');
    expect(listeners()).toBe(0);
  });

  it('means nothing once connected, and its listener is gone', async () => {
    const { connection, network, clock, accept } = bench();
    const { controller, signal, listeners } = countedSignal();
    const connecting = connection.connect({ signal });
    expect(listeners()).toBe(1);
    accept();
    await connecting;
    expect(listeners()).toBe(0);
    controller.abort();
    await clock.settle();
    expect(connection.state).toBe('connected');
    expect(network.alive).toHaveLength(1);
  });

  it('its listener is gone after a refusal and after close() too', async () => {
    for (const end of ['refuse', 'close']) {
      const { connection, network, clock } = bench();
      const { signal, listeners } = countedSignal();
      void connection.connect({ signal });
      if (end === 'refuse') network.last.refuse(401);
      else await connection.close();
      await clock.settle();
      expect(listeners()).toBe(0);
    }
  });
});
