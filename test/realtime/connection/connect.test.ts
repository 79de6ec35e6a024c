import { describe, expect, it } from 'vitest';
import { AgentChatClientError, ConnectionError, ProtocolError } from '../../../src/errors/index.js';
import { bench, connected, watchPromise } from './support.js';

describe('connect', () => {
  it('says hello with the key and the ack capability, and resolves at hello.ok', async () => {
    const { connection, clock, network, recorder } = bench();
    const connecting = watchPromise(connection.connect());
    expect(network.last.url).toBe('ws://127.0.0.1:1/v1/ws');
    network.last.open();
    expect(network.last.sent.map((text) => JSON.parse(text))).toEqual([
      { type: 'hello', api_key: 'ac_test_key', capabilities: ['ack'] },
    ]);
    await clock.settle();
    expect(connecting.outcome).toBe('pending');
    network.last.frame({ type: 'message.new', payload: {} });
    network.last.helloOk(['ack', 'unknown']);
    await clock.settle();
    expect(connecting.outcome).toBe('resolved');
    expect(recorder.log).toEqual(['idle -> connecting', 'connecting -> connected', 'start 1']);
    expect(connection.session).toMatchObject({ id: 1, ackMode: true });
    network.last.frame({ type: 'message.new', payload: {} });
    network.last.frame({ type: 'hello.ok' });
    expect(recorder.frames.map(({ type }) => type)).toEqual(['message.new']);
  });

  it('names the client only when it was given', () => {
    const { connection, network } = bench({ clientIdentity: { name: 'my_bot', version: '2.1' } });
    void connection.connect();
    network.last.open();
    expect(JSON.parse(network.last.sent[0] ?? '')).toMatchObject({ client: 'my_bot', client_version: '2.1' });
  });

  it.each([[undefined], [null], [[]], ['ack'], [{ ack: true }]])(
    'capabilities %o are no ack mode',
    async (capabilities) => {
      const { connection, clock, network, recorder } = bench();
      void connection.connect();
      await clock.settle();
      network.last.open();
      network.last.frame({ type: 'hello.ok', ...(capabilities === undefined ? {} : { capabilities }) });
      expect(recorder.sessions[0]?.ackMode).toBe(false);
    },
  );

  it('twice at once is one promise and one socket; while connected it resolves', async () => {
    const { connection, clock, network, accept } = bench();
    const first = connection.connect();
    expect(connection.connect()).toBe(first);
    accept();
    await first;
    await connection.connect();
    await clock.settle();
    expect(network.sockets).toHaveLength(1);
  });

  it('stays pending while it retries', async () => {
    const { connection, clock, network, recorder, accept } = bench();
    const connecting = watchPromise(connection.connect());
    network.last.end();
    expect(connection.state).toBe('waiting');
    expect(recorder.errors[0]).toBeInstanceOf(ConnectionError);
    await clock.advanceUntil(() => network.sockets.length === 2);
    expect(connecting.outcome).toBe('pending');
    accept();
    await clock.settle();
    expect(connecting.outcome).toBe('resolved');
  });

  it('while reconnecting it waits for the next session', async () => {
    const { connection, clock, network, accept } = await connected();
    network.last.end();
    const again = watchPromise(connection.connect());
    await clock.advanceUntil(() => network.sockets.length === 2);
    expect(again.outcome).toBe('pending');
    accept();
    await clock.settle();
    expect(again.outcome).toBe('resolved');
  });

  it('after close() it is a fresh life', async () => {
    const { connection, clock, accept, network } = await connected();
    const closing = connection.close();
    network.last.end({ code: 1000, wasClean: true });
    await closing;
    const again = connection.connect();
    await clock.settle();
    accept();
    await again;
    expect(connection.session?.id).toBe(2);
    expect(connection.insight().attempt).toBe(2);
  });

  it('a rejection that nobody awaits is no unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    const { connection, network, clock } = bench();
    void connection.connect();
    network.last.refuse(401);
    void connection.connect({ signal: AbortSignal.abort() });
    await clock.settle();
    await clock.settle();
    process.off('unhandledRejection', listen);
    expect(unhandled).toEqual([]);
  });
});

describe('sending', () => {
  it('works with a session only', async () => {
    const { connection, network, clock } = bench();
    expect(connection.send('a')).toBe(false);
    void connection.connect();
    network.last.open();
    expect(connection.send('a')).toBe(false);
    expect(connection.write(['a'])).toBe(false);
    network.last.helloOk();
    expect(connection.send('a')).toBe(true);
    expect(connection.write(['b', 'c'])).toBe(true);
    connection.beginStop();
    expect(connection.send('d')).toBe(true);
    expect(network.last.sent.slice(1)).toEqual(['a', 'b', 'c', 'd']);
    void connection.close();
    expect(connection.send('e')).toBe(false);
    await clock.advance(250);
    expect(connection.send('f')).toBe(false);
  });
});

describe('a bad frame', () => {
  it.each([
    ['text that is no JSON', 'hello?'],
    ['null', 'null'],
    ['an array', '[{"type":"message.new"}]'],
    ['no type', '{"payload":{}}'],
    ['a type that is no string', '{"type":7}'],
    ['nothing', ''],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['deep nesting', '['.repeat(200_000)],
  ])('%s is reported and dropped, and the next good one is taken', async (_, data) => {
    const { network, recorder, connection } = await connected();
    network.last.data(data);
    network.last.frame({ type: 'message.new', payload: {} });
    expect(recorder.errors[0]).toBeInstanceOf(ProtocolError);
    expect(recorder.frames).toHaveLength(1);
    expect(connection.state).toBe('connected');
  });

  it('comes in floods that are reported five times a minute, and counted', async () => {
    const { clock, network, recorder, connection } = await connected();
    for (let n = 0; n < 1_000; n++) network.last.data('x');
    expect(recorder.errors).toHaveLength(5);
    expect(connection.insight().badFrames).toBe(1_000);
    for (let n = 0; n < 7; n++) {
      await clock.advance(10_000);
      network.last.data('x');
    }
    expect(recorder.errors).toHaveLength(7);
  });
});

describe('a listener that throws', () => {
  it('is told so, a few times, and wedges nothing', async () => {
    const { clock, network, recorder, connection } = bench();
    const broken = () => {
      throw Object.create(null);
    };
    Object.assign(recorder, { onSessionStart: broken, onDisconnect: broken, onStateChange: broken });
    let frames = 0;
    recorder.onFrame = () => {
      frames++;
      broken();
    };
    const connecting = connection.connect();
    await clock.settle();
    network.last.open();
    network.last.helloOk();
    await connecting;
    for (let n = 0; n < 100; n++) network.last.frame({ type: 'message.new' });
    expect(frames).toBe(100);
    network.last.end();
    await clock.advanceUntil(() => network.sockets.length === 2);
    expect(recorder.errors.length).toBeLessThanOrEqual(6);
    expect(recorder.errors[0]).toMatchObject({ code: 'LISTENER_FAILED' });
    expect(recorder.errors[0]).toBeInstanceOf(AgentChatClientError);
    expect(connection.insight().listenerFailures).toBeGreaterThan(100);
  });

  it('may throw in onError too', async () => {
    const { clock, network, recorder, connection } = bench();
    recorder.onError = () => {
      throw new Error('even here');
    };
    const connecting = connection.connect();
    network.last.end();
    await clock.advanceUntil(() => network.sockets.length === 2);
    network.last.open();
    network.last.data('no json');
    network.last.helloOk();
    await connecting;
    expect(connection.state).toBe('connected');
  });

  it('may call back into the connection from any call', async () => {
    const { clock, network, recorder, connection } = bench();
    recorder.onDisconnect = () => void connection.connect();
    recorder.onStateChange = (state) => {
      if (state === 'idle') void connection.connect();
    };
    void connection.connect();
    network.last.open();
    network.last.end({ code: 4401 });
    await clock.settle();
    expect(network.alive).toHaveLength(1);
    recorder.onStateChange = () => {};
    recorder.onDisconnect = () => {};
    await connection.close();
    expect(network.alive).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
