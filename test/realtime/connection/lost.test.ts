import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors/index.js';
import { bench, connected, watchPromise } from './support.js';

describe('LIVE-1: nobody waits for a dead socket', () => {
  it('a socket that does not open is given up after 10 s, and so is one that does not answer the hello after 4', async () => {
    const { connection, clock, network, recorder } = bench();
    void connection.connect();
    await clock.advance(10_000);
    expect(network.sockets[0]?.state).toBe('discarded');
    expect(recorder.errors[0]).toBeInstanceOf(TimeoutError);
    await clock.advanceUntil(() => network.sockets.length === 2);
    network.last.open();
    await clock.advance(4_000);
    expect(network.sockets[1]).toMatchObject({ state: 'discarded', farewell: { code: 1008 } });
    expect(recorder.disconnects.at(-1)).toMatchObject({ code: 1008, wasClean: false });
    expect(connection.state).toBe('waiting');
  });

  it('a half-open socket is pinged, fenced and replaced within 30 s', async () => {
    const { clock, network, recorder, accept } = await connected();
    const dead = network.last;
    await clock.advanceUntil(() => network.sockets.length === 2, 30_000);
    expect(dead).toMatchObject({ pings: 1, state: 'discarded' });
    expect(clock.now()).toBeLessThan(30_000);
    accept();
    // Whatever the dead one still says is not heard.
    dead.frame({ type: 'message.new' });
    dead.end({ code: 4401 });
    expect(recorder.frames).toEqual([]);
    expect(recorder.log).toEqual([
      'idle -> connecting',
      'connecting -> connected',
      'start 1',
      'end 1',
      'disconnect 1006',
      'connected -> waiting',
      'error ConnectionError',
      'waiting -> connecting',
      'connecting -> connected',
      'start 2',
    ]);
  });

  it('a freeze of 3 s disconnects nothing, at any time', async () => {
    const { clock, network, recorder } = await connected();
    for (let round = 0; round < 60; round++) {
      await clock.advance(700);
      clock.freeze(3_000);
      await clock.settle();
      network.last.pong();
    }
    expect(recorder.disconnects).toEqual([]);
  });

  it('a freeze while connecting lets hello.ok count that lay in the buffer', async () => {
    const { connection, clock, network } = bench();
    const connecting = watchPromise(connection.connect());
    network.last.open();
    clock.freeze(60_000);
    await clock.advance(0);
    expect(connection.state).toBe('connecting');
    network.last.helloOk();
    await clock.settle();
    expect(connecting.outcome).toBe('resolved');
  });

  it('a socket without pings has its owner told; replace() opens another', async () => {
    const made = await connected({ canPing: false });
    const { clock, network, connection, recorder, accept } = made;
    await clock.advance(100_000);
    expect(recorder.silences).toEqual([1]);
    expect(connection.state).toBe('connected');
    const { session } = connection;
    if (session === null) throw new Error('no session');
    connection.replace(session, 'REST shows a message that it did not bring');
    expect(connection.state).toBe('waiting');
    connection.replace(session, 'again');
    await clock.advanceUntil(() => network.sockets.length === 2);
    accept();
    expect(connection.session?.id).toBe(2);
    expect(recorder.disconnects[0]?.reason).toContain('did not bring');
    expect(network.alive).toHaveLength(1);
  });

  it('the network coming back begins a waiting attempt at once', async () => {
    let tell = (_online: boolean) => {};
    let watching = 0;
    const { connection, clock, network } = bench({
      reconnectInterval: 60_000,
      maxReconnectInterval: 60_000,
      watchNetwork: (onChange) => {
        tell = onChange;
        watching++;
        return () => void watching--;
      },
    });
    void connection.connect();
    network.last.end();
    await clock.advance(10);
    tell(false);
    expect(network.sockets).toHaveLength(1);
    tell(true);
    expect(network.sockets).toHaveLength(2);
    expect(watching).toBe(1);
    await connection.close();
    expect(watching).toBe(0);
  });
});

describe('RCN-2: each loss is told with the time of the next attempt', () => {
  it('to onDisconnect, with how long the session lasted', async () => {
    const { clock, network, recorder, connection } = await connected();
    await clock.advance(10_000);
    network.last.end({ code: 1001, wasClean: true });
    const [told] = recorder.disconnects;
    expect(told).toMatchObject({ code: 1001, lastedMs: 10_000 });
    expect(told?.nextAttemptInMs).toBe(connection.insight().nextAttemptInMs);
    await clock.advanceUntil(() => network.sockets.length === 2);
    expect(clock.now()).toBeCloseTo(10_000 + (told?.nextAttemptInMs ?? 0), -1);
    expect(connection.insight().lastClose).toMatchObject({ lastedMs: 10_000 });
  });

  it('in the error of an attempt that failed, and of a session that we gave up', async () => {
    const { clock, network, recorder, connection, accept } = bench();
    void connection.connect();
    network.last.end();
    expect(recorder.disconnects[0]).toMatchObject({ lastedMs: null });
    expect(recorder.errors[0]?.message).toMatch(/The next one begins in 0\.\d s/);
    await clock.advanceUntil(() => network.sockets.length === 2);
    accept();
    await clock.advance(25_000);
    expect(recorder.errors[1]?.message).toMatch(/The next attempt begins in 0\.\d s/);
  });

  it('there is no next attempt after disconnect(), nor when reconnecting is off', async () => {
    const stopped = await connected();
    await stopped.clock.advance(7_000);
    const closing = stopped.connection.close();
    await stopped.clock.advance(1_000);
    await closing;
    expect(stopped.recorder.disconnects).toMatchObject([{ lastedMs: 7_250, nextAttemptInMs: null }]);
    const off = await connected({ reconnect: false });
    off.network.last.end();
    expect(off.recorder.disconnects).toMatchObject([{ lastedMs: 0, nextAttemptInMs: null }]);
  });
});

describe('insight', () => {
  it('tells the last attempts, the last close and the silence as data', async () => {
    const { connection, clock, network } = await connected();
    await clock.advance(5_000);
    expect(connection.insight()).toMatchObject({
      state: 'connected',
      url: 'ws://127.0.0.1:1/v1/ws',
      session: { id: 1 },
      silentForMs: 5_000,
      lastClose: null,
      attempts: [{ attempt: 1, outcome: 'connected', detail: null }],
    });
    network.last.end({ code: 1012, reason: 'restart', wasClean: true });
    await clock.advance(100);
    const insight = connection.insight();
    expect(insight).toMatchObject({
      state: 'waiting',
      session: null,
      silentForMs: null,
      failuresInARow: 0,
      lastClose: { code: 1012, reason: 'restart', wasClean: true, attempt: 1, agoMs: 100 },
      attempts: [{ attempt: 1, outcome: 'ended' }],
    });
    expect(insight.nextAttemptInMs).toBeGreaterThan(0);
    expect(() => JSON.stringify(insight)).not.toThrow();
    for (let round = 0; round < 30; round++) {
      const before = network.sockets.length;
      await clock.advanceUntil(() => network.sockets.length > before);
      network.last.end();
    }
    expect(connection.insight().attempts).toHaveLength(10);
    expect(connection.insight().attempts.at(-1)).toMatchObject({ attempt: 31, outcome: 'failed' });
    expect(connection.insight().lastError?.message).toContain('Attempt 31');
  });
});
