import { describe, expect, it } from 'vitest';
import {
  type AgentChatClientError,
  ConnectionError,
  ForbiddenError,
  UnauthorizedError,
} from '../../../src/errors/index.js';
import { bench, connected, watchPromise } from './support.js';

describe('RCN-1: refusals', () => {
  it.each([
    [401, UnauthorizedError],
    [403, ForbiddenError],
  ])('HTTP %i on the upgrade stops', async (status, type) => {
    const { connection, clock, network, recorder } = bench();
    const connecting = watchPromise(connection.connect());
    network.last.refuse(status);
    await clock.settle();
    expect(connecting.error).toBeInstanceOf(type);
    expect((connecting.error as AgentChatClientError).status).toBe(status);
    expect(recorder.errors[0]).toBeInstanceOf(type);
    expect(connection.state).toBe('idle');
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(120_000);
    expect(network.sockets).toHaveLength(1);
  });

  it.each([
    [1008, 'hello', UnauthorizedError],
    [4401, 'hello', UnauthorizedError],
    [4403, 'hello', ForbiddenError],
    [1008, 'session', ConnectionError],
    [4401, 'session', UnauthorizedError],
    [4403, 'session', ForbiddenError],
  ])('%i in the %s stops with a typed error', async (code, stage, type) => {
    const { connection, clock, network, recorder } = bench();
    const connecting = watchPromise(connection.connect());
    network.last.open();
    if (stage === 'session') network.last.helloOk();
    network.last.end({ code, reason: 'because', wasClean: true });
    await clock.advance(120_000);
    expect(connection.state).toBe('idle');
    expect(network.sockets).toHaveLength(1);
    expect(recorder.errors).toHaveLength(1);
    expect(recorder.errors[0]).toBeInstanceOf(type);
    expect((recorder.errors[0] as AgentChatClientError).retryable).toBe(false);
    // By these the official SDK tells a refusal from a loss that passes.
    expect(recorder.errors[0]).toBeInstanceOf(ConnectionError);
    expect(recorder.errors[0]?.message).toContain(`terminal code ${code}`);
    expect(recorder.errors[0]?.message).toContain('"because"');
    expect(recorder.errors[0]?.message).toContain('connect()');
    expect(connecting.outcome).toBe(stage === 'session' ? 'resolved' : 'rejected');
    expect(recorder.disconnects).toEqual([
      {
        code,
        reason: 'because',
        wasClean: true,
        lastedMs: stage === 'session' ? 0 : null,
        nextAttemptInMs: null,
      },
    ]);
    // After a refusal the client can be used again.
    void connection.connect();
    expect(network.sockets).toHaveLength(2);
  });

  it.each([
    { type: 'hello.error', payload: { message: 'the key was revoked' } },
    { type: 'error', message: 'the key was revoked' },
    { type: 'auth.rejected', payload: { reason: 'the key was revoked' } },
    { type: 'error', reason: 'the key was revoked' },
  ])('a frame before hello.ok may give the reason: %o', async (frame) => {
    const { connection, network, recorder } = bench();
    void connection.connect();
    network.last.open();
    network.last.frame({ type: 'error', payload: 7 });
    network.last.frame(frame);
    network.last.end({ code: 4401, wasClean: true });
    expect(recorder.errors[0]?.message).toContain('the key was revoked');
  });

  it.each([
    ['ac_live_verysecret', {}],
    // One that does not have the shape of a key of the service.
    ['a-verysecret-key', {}],
    ['a-verysecret-key', { reconnect: false }],
  ])('never shows the key %s, though the service quotes it', async (apiKey, options) => {
    const { connection, network, recorder } = bench({ apiKey, ...options });
    void connection.connect();
    network.last.open();
    network.last.frame({ type: 'error', message: `no such key: ${apiKey}` });
    network.last.end({ code: 4401, reason: `no such key: ${apiKey}` });
    const shown = [
      ...recorder.errors.flatMap((error) => [error.message, String(error), JSON.stringify(error)]),
      JSON.stringify(recorder.disconnects),
      JSON.stringify(connection.insight()),
    ];
    expect(shown.join()).not.toContain('verysecret');
    expect(recorder.disconnects[0]?.reason).toBe('no such key: ***');
  });
});

describe('RCN-1: key rotation', () => {
  it('asks the function before each attempt', async () => {
    let asked = 0;
    const { connection, clock, network } = bench({ apiKey: async () => `ac_key_${++asked}` });
    void connection.connect();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await clock.advanceUntil(() => network.sockets.length === attempt);
      network.last.open();
      expect(JSON.parse(network.last.sent[0] ?? '').api_key).toBe(`ac_key_${attempt}`);
      network.last.end();
    }
  });

  it('asks once more after a refusal, and goes on with another key', async () => {
    const keys = ['ac_old', 'ac_new'];
    const { connection, clock, network, accept } = bench({ apiKey: () => keys.shift() ?? 'ac_new' });
    const connecting = connection.connect();
    await clock.settle();
    network.last.open();
    network.last.end({ code: 4401 });
    await clock.advanceUntil(() => network.sockets.length === 2);
    accept();
    await connecting;
    expect(JSON.parse(network.last.sent[0] ?? '').api_key).toBe('ac_new');
  });

  it('stops when the function has the same key again', async () => {
    let asked = 0;
    const { connection, clock, network } = bench({
      apiKey: () => {
        asked++;
        return ' ac_same\n';
      },
    });
    const connecting = watchPromise(connection.connect());
    await clock.settle();
    network.last.open();
    network.last.end({ code: 4401 });
    await clock.advance(60_000);
    expect(connecting.error).toBeInstanceOf(UnauthorizedError);
    expect(asked).toBe(2);
    expect(network.sockets).toHaveLength(1);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('vault is sealed');
      },
    ],
    ['rejects', () => Promise.reject(Object.create(null))],
    ['gives nothing', () => '' as string],
    ['gives no string', () => 7 as unknown as string],
    ['hangs', () => new Promise<string>(() => {})],
  ])('a function that %s is a failed attempt', async (_, apiKey) => {
    const { connection, clock, network, recorder } = bench({ apiKey });
    void connection.connect();
    await clock.advance(11_000);
    expect(recorder.errors[0]).toBeInstanceOf(ConnectionError);
    expect(recorder.errors[0]?.message).toContain('apiKey');
    expect(network.sockets).toHaveLength(0);
    expect(recorder.disconnects).toEqual([]);
    expect(connection.insight().attempt).toBeGreaterThan(1);
    await connection.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('a late answer belongs to no attempt any more', async () => {
    const answers: ((key: string) => void)[] = [];
    const { connection, clock, network } = bench({
      apiKey: () => new Promise<string>((resolve) => answers.push(resolve)),
    });
    void connection.connect();
    await clock.advanceUntil(() => answers.length === 2);
    answers[1]?.('ac_second');
    await clock.settle();
    answers[0]?.('ac_first');
    await clock.settle();
    network.last.open();
    expect(network.sockets).toHaveLength(1);
    expect(JSON.parse(network.last.sent[0] ?? '').api_key).toBe('ac_second');
  });
});

describe('exhausted attempts', () => {
  it('maxReconnectAttempts: rejects, and says how many there were', async () => {
    const { connection, clock, network, recorder } = bench({ maxReconnectAttempts: 2 });
    const connecting = watchPromise(connection.connect());
    for (let attempt = 1; attempt <= 3; attempt++) {
      await clock.advanceUntil(() => network.sockets.length === attempt);
      network.last.end({ cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }) });
    }
    await clock.settle();
    expect(connecting.error).toBeInstanceOf(ConnectionError);
    expect((connecting.error as Error).message).toMatch(/after 2 reconnect attempts.*ECONNREFUSED/);
    expect(recorder.errors).toHaveLength(3);
    expect(connection.state).toBe('idle');
  });

  it('reconnect: false rejects after the first failure, and a loss is told', async () => {
    const failing = bench({ reconnect: false });
    const connecting = watchPromise(failing.connection.connect());
    failing.network.last.end();
    await failing.clock.settle();
    expect(connecting.error).toBeInstanceOf(ConnectionError);

    const { network, connection, recorder } = await connected({ reconnect: false });
    network.last.end({ code: 1001, wasClean: true });
    expect(connection.state).toBe('idle');
    expect(recorder.errors[0]?.message).toContain('reconnecting is off');
  });
});
