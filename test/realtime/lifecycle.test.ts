import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { message } from './catchup/engine-rig.js';
import { ClientRig } from './client-rig.js';
import { watchPromise } from './connection/support.js';

const DAY = 24 * 3_600_000;

/** A client that does not know who it is, and whose service never tells. */
function nameless(options: ConstructorParameters<typeof ClientRig>[0] = {}) {
  let asked = 0;
  const rig = new ClientRig({ handle: undefined, ...options });
  Object.assign(rig.source, {
    getMe: () => {
      asked += 1;
      return Promise.reject(new TypeError('fetch failed'));
    },
  });
  rig.client.on('message.new', () => {});
  return { rig, asked: () => asked + rig.source.asked.length };
}

async function restsFrom({ rig, asked }: ReturnType<typeof nameless>): Promise<void> {
  await rig.clock.settle();
  expect(rig.client.state).toBe('idle');
  const before = asked();
  const sockets = rig.network.sockets.length;
  expect(rig.clock.pendingForegroundTimers).toBe(0);
  await rig.clock.advance(DAY);
  expect(asked()).toBe(before);
  expect(rig.network.sockets).toHaveLength(sockets);
  expect(rig.clock.pendingTimers).toBe(0);
}

describe('after a connect() that failed for good nothing goes on', () => {
  it('when the key is refused', async () => {
    const made = nameless();
    const connecting = watchPromise(made.rig.client.connect());
    await made.rig.clock.settle();
    made.rig.network.last.refuse(401);
    await restsFrom(made);
    expect(connecting).toMatchObject({ outcome: 'rejected', error: { name: 'UnauthorizedError' } });
  });

  it('when the attempts are exhausted', async () => {
    const made = nameless({ maxReconnectAttempts: 1 });
    made.rig.network.onOpenSocket = (socket) => made.rig.clock.defer(() => socket.end());
    const connecting = watchPromise(made.rig.client.connect());
    await made.rig.clock.advanceUntil(() => connecting.outcome !== 'pending');
    await restsFrom(made);
    expect(connecting).toMatchObject({ outcome: 'rejected', error: { name: 'ConnectionError' } });
  });

  it('when its signal aborts', async () => {
    const made = nameless();
    const abort = new AbortController();
    const connecting = watchPromise(made.rig.client.connect({ signal: abort.signal }));
    await made.rig.clock.advance(3_000);
    abort.abort();
    await restsFrom(made);
    expect(connecting).toMatchObject({ outcome: 'rejected', error: { code: 'ABORTED' } });
  });

  it('when its signal was aborted before', async () => {
    const made = nameless();
    const connecting = watchPromise(made.rig.client.connect({ signal: AbortSignal.abort() }));
    await restsFrom(made);
    expect(connecting.outcome).toBe('rejected');
  });

  it('when a session ends in a way that is final', async () => {
    const made = nameless();
    await made.rig.connected();
    expect(made.asked()).toBeGreaterThan(0);
    made.rig.network.last.end({ code: 1008, wasClean: true });
    await restsFrom(made);
  });

  it('and the next connect() begins all of it again', async () => {
    const { rig } = nameless();
    void rig.client.connect({ signal: AbortSignal.abort() });
    await rig.clock.advance(1_000);
    Object.assign(rig.source, { getMe: () => Promise.resolve({ handle: 'me' }) });
    const got: string[] = [];
    rig.client.on('message.new', ({ payload }) => void got.push(payload.id));
    await rig.connected();
    await rig.frame(message(1));
    await rig.clock.advance(1_000);
    expect(got).toEqual(['a1']);
  });
});

/** A client with a handler that never ends, so that a stop takes as long as it may. */
async function stuck(): Promise<ClientRig> {
  const rig = new ClientRig();
  rig.client.on('message.new', () => new Promise(() => {}));
  await rig.connected();
  await rig.frame(message(1));
  return rig;
}

describe('STOP-1: nothing new starts from the moment of disconnect()', () => {
  it('also while there was no connection to stop', async () => {
    const rig = new ClientRig();
    const started: string[] = [];
    rig.client.on('message.new', ({ payload }) => {
      started.push(payload.id);
      return payload.seq === 1 ? new Promise((resolve) => rig.clock.setTimer(() => resolve(null), 50)) : null;
    });
    await rig.connected();
    await rig.frame(message(1), message(2));
    rig.network.last.end({ code: 1006, wasClean: false });
    await rig.clock.advance(49.5);
    expect(rig.client.state).toBe('waiting');
    const stopped = watchPromise(rig.client.disconnect());
    await rig.clock.advance(20);
    expect(stopped.outcome).toBe('resolved');
    expect(started).toEqual(['a1']);
  });
});

describe('STOP-1: of connect() and disconnect() the last word counts', () => {
  it('disconnect(), connect(), disconnect() ends idle: the connect() that had not begun rejects', async () => {
    const rig = await stuck();
    const first = watchPromise(rig.client.disconnect({ deadlineMs: 500 }));
    const queued = watchPromise(rig.client.connect());
    const second = watchPromise(rig.client.disconnect({ deadlineMs: 500 }));
    await rig.clock.advance(600);
    expect(queued).toMatchObject({ outcome: 'rejected', error: { name: 'ConnectionError' } });
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.advance(10_000);
    expect([first.outcome, second.outcome]).toEqual(['resolved', 'resolved']);
    expect(rig.client.state).toBe('idle');
    expect(rig.network.sockets).toHaveLength(1);
    await rig.clock.advance(DAY);
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.client.state).toBe('idle');
  });

  it('disconnect(), connect() ends connected, and both calls of connect() are one', async () => {
    const rig = await stuck();
    void rig.client.disconnect({ deadlineMs: 500 });
    const queued = [watchPromise(rig.client.connect()), watchPromise(rig.client.connect())];
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    expect(queued.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved']);
    expect(rig.client.isConnected).toBe(true);
  });

  it('disconnect(), connect(), disconnect(), connect() ends connected: only the first connect() rejects', async () => {
    const rig = await stuck();
    void rig.client.disconnect({ deadlineMs: 500 });
    const withdrawn = watchPromise(rig.client.connect());
    void rig.client.disconnect();
    const last = watchPromise(rig.client.connect());
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    await rig.accept();
    expect([withdrawn.outcome, last.outcome]).toEqual(['rejected', 'resolved']);
    expect(rig.client.isConnected).toBe(true);
  });

  it("a queued connect()'s signal rejects it at once, and nothing is opened after the stop", async () => {
    const rig = await stuck();
    void rig.client.disconnect({ deadlineMs: 5_000 });
    const abort = new AbortController();
    const queued = watchPromise(rig.client.connect({ signal: abort.signal }));
    const aborted = watchPromise(rig.client.connect({ signal: AbortSignal.abort() }));
    await rig.clock.settle();
    expect(queued.outcome).toBe('pending');
    abort.abort();
    await rig.clock.settle();
    expect(rig.client.state).toBe('stopping');
    expect(queued).toMatchObject({ outcome: 'rejected', error: { code: 'ABORTED' } });
    await rig.clock.advance(DAY);
    expect(rig.client.state).toBe('idle');
    expect(rig.network.sockets).toHaveLength(1);
    expect(aborted.outcome).toBe('rejected');
  });

  it('a connect() that comes while the peer may still answer the close waits as well', async () => {
    const rig = new ClientRig();
    await rig.connected();
    const stopped = watchPromise(rig.client.disconnect());
    await rig.clock.advance(100);
    expect(rig.network.last.farewell).toMatchObject({ code: 1000 });
    const queued = watchPromise(rig.client.connect());
    await rig.clock.advance(149);
    expect([stopped.outcome, rig.network.sockets.length]).toEqual(['pending', 1]);
    await rig.clock.advance(1);
    expect([stopped.outcome, rig.network.sockets.length]).toEqual(['resolved', 2]);
    await rig.accept();
    expect(queued.outcome).toBe('resolved');
  });

  it("a queued connect()'s signal ends its trying once it has begun, and its listener is gone afterwards", async () => {
    const rig = await stuck();
    void rig.client.disconnect({ deadlineMs: 500 });
    const abort = new AbortController();
    const queued = watchPromise(rig.client.connect({ signal: abort.signal }));
    await rig.clock.advanceUntil(() => rig.network.sockets.length === 2);
    expect(queued.outcome).toBe('pending');
    abort.abort('enough');
    await rig.clock.settle();
    expect(queued).toMatchObject({
      outcome: 'rejected',
      error: { name: 'AbortError', code: 'ABORTED', cause: 'enough' },
    });
    expect(rig.client.state).toBe('idle');
    expect(rig.network.alive).toEqual([]);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('a second disconnect() with less time shortens the first, one with more does not lengthen it', async () => {
    const rig = await stuck();
    const stopped = [watchPromise(rig.client.disconnect({ deadlineMs: 60_000 }))];
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.advance(100);
    stopped.push(watchPromise(rig.client.disconnect({ deadlineMs: 3_000 })));
    await rig.clock.advance(1_000);
    stopped.push(watchPromise(rig.client.disconnect({ deadlineMs: 3_600_000 })));
    await rig.clock.advance(1_900);
    expect(stopped.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'pending']);
    await rig.clock.advance(100);
    expect(stopped.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(rig.client.state).toBe('idle');
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it('disconnect({ deadlineMs: 0 }) ends a stop that is under way at once', async () => {
    const rig = await stuck();
    const stopped = [watchPromise(rig.client.disconnect({ deadlineMs: 60_000 }))];
    rig.network.last.end({ code: 1000, wasClean: true });
    await rig.clock.advance(100);
    stopped.push(watchPromise(rig.client.disconnect({ deadlineMs: 0 })));
    await rig.clock.advance(0);
    expect(stopped.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved']);
    expect(rig.clock.pendingTimers).toBe(0);
  });
});
