import { describe, expect, it } from 'vitest';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';
import { watchPromise } from './connection/support.js';

const pending = { outcome: 'pending' };
const fulfilled = { outcome: 'resolved' };
const rejected = (error: object) => ({ outcome: 'rejected', error });

describe('STOP-2: closed tells a bot that was stopped from one that has ended for good', () => {
  it('fulfils after disconnect(), and not before its handlers are done', async () => {
    const rig = new ClientRig();
    rig.client.on(
      'message.new',
      () => new Promise<void>((resolve) => rig.clock.setTimer(() => resolve(), 1_000)),
    );
    const closed = watchPromise(rig.client.closed);
    await rig.connected();
    await rig.frame(message(1));
    void rig.client.disconnect();
    await rig.clock.advance(900);
    expect(closed).toMatchObject(pending);
    await rig.clock.advance(1_000);
    expect(closed).toMatchObject(fulfilled);
  });

  it.each(['asks for its key', 'opens its socket', 'waits for hello.ok', 'waits for its next attempt'])(
    'fulfils after disconnect() of a client that %s',
    async (what) => {
      const rig = new ClientRig(
        what === 'asks for its key' ? { apiKey: () => new Promise(() => {}) } : undefined,
      );
      const connecting = watchPromise(rig.client.connect());
      const closed = watchPromise(rig.client.closed);
      await rig.clock.settle();
      if (what === 'waits for hello.ok') rig.network.last.open();
      if (what === 'waits for its next attempt') rig.network.last.end();
      void rig.client.disconnect();
      await rig.clock.advance(1_000);
      expect(connecting.outcome).toBe('rejected');
      expect(closed).toMatchObject(fulfilled);
    },
  );

  it('fulfils after disconnect() of a client that was never connected', async () => {
    const rig = new ClientRig();
    const closed = watchPromise(rig.client.closed);
    await rig.clock.advance(1_000);
    expect(closed).toMatchObject(pending);
    await rig.client.disconnect();
    expect(closed).toMatchObject(fulfilled);
  });

  it('rejects with the error of connect() when the key is refused', async () => {
    const rig = new ClientRig();
    const connecting = watchPromise(rig.client.connect());
    const closed = watchPromise(rig.client.closed);
    await rig.clock.settle();
    rig.network.last.open();
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    expect(closed).toMatchObject(rejected({ name: 'UnauthorizedError' }));
    expect(closed.error).toBe(connecting.error);
  });

  it('rejects when a session ends in a way that is final', async () => {
    const rig = new ClientRig();
    const closed = watchPromise(rig.client.closed);
    await rig.connected();
    rig.network.last.end({ code: 1008, wasClean: true });
    await rig.clock.settle();
    expect(closed).toMatchObject(rejected({ name: 'ConnectionError', retryable: false }));
  });

  it('rejects when the attempts are exhausted', async () => {
    const rig = new ClientRig({ maxReconnectAttempts: 1 });
    rig.network.onOpenSocket = (socket) => rig.clock.defer(() => socket.end());
    const closed = watchPromise(rig.client.closed);
    void rig.client.connect();
    await rig.clock.advance(60_000);
    expect(closed).toMatchObject(rejected({ name: 'ConnectionError' }));
  });

  it('stays pending through losses that pass', async () => {
    const rig = new ClientRig();
    const closed = watchPromise(rig.client.closed);
    await rig.connected();
    rig.network.last.end();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    expect(closed).toMatchObject(pending);
  });

  it('fulfils when the signal of connect() calls it off, also one that was aborted before', async () => {
    const rig = new ClientRig();
    const abort = new AbortController();
    void rig.client.connect({ signal: abort.signal });
    const closed = watchPromise(rig.client.closed);
    await rig.clock.settle();
    abort.abort();
    await rig.clock.settle();
    expect(closed).toMatchObject(fulfilled);
    void rig.client.connect({ signal: AbortSignal.abort() });
    const again = watchPromise(rig.client.closed);
    await rig.clock.settle();
    expect(again).toMatchObject(fulfilled);
  });

  it('is a promise for each life: a connect() after the end begins a new one', async () => {
    const rig = new ClientRig();
    const first = rig.client.closed;
    await rig.connected();
    expect(rig.client.closed).toBe(first);
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    expect(watchPromise(first)).toMatchObject(pending);
    expect(rig.client.closed).toBe(first);
    await rig.connected();
    const second = watchPromise(rig.client.closed);
    expect(rig.client.closed).not.toBe(first);
    void rig.client.disconnect();
    await rig.clock.advance(1_000);
    expect(second).toMatchObject(fulfilled);
    await expect(first).rejects.toMatchObject({ name: 'UnauthorizedError' });
  });

  it('a connect() out of the listener that hears of the end does not swallow why it ended', async () => {
    const rig = new ClientRig();
    const first = watchPromise(rig.client.closed);
    await rig.connected();
    rig.client.onStateChange((state) => void (state === 'idle' && rig.client.connect()));
    rig.network.last.end({ code: 4403, wasClean: true });
    await rig.clock.settle();
    expect(first).toMatchObject(rejected({ name: 'ForbiddenError' }));
    expect(watchPromise(rig.client.closed)).toMatchObject(pending);
    await rig.accept();
    expect(rig.client.isConnected).toBe(true);
    void rig.client.disconnect();
    await rig.clock.advance(1_000);
  });

  it('a connect() that waits for the end of a stop begins a new life after it', async () => {
    const rig = new ClientRig();
    await rig.connected();
    const first = watchPromise(rig.client.closed);
    void rig.client.disconnect();
    void rig.client.connect();
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    expect(first).toMatchObject(fulfilled);
    const second = watchPromise(rig.client.closed);
    await rig.accept();
    expect(second).toMatchObject(pending);
  });

  it('is no unhandled rejection where nobody looks at it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const rig = new ClientRig();
    await rig.connected();
    expect(rig.client.closed).toBeInstanceOf(Promise);
    rig.network.last.end({ code: 4401, wasClean: true });
    await rig.clock.settle();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
