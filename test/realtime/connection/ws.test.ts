import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WS from 'ws';
import {
  AbortedError,
  ConnectionError,
  ForbiddenError,
  ProtocolError,
  TimeoutError,
  UnauthorizedError,
} from '../../../src/errors/index.js';
import { connectTo, WsService } from './ws-service.js';

const HELLO_OK = '{"type":"hello.ok","capabilities":["ack"]}';

const crashes: unknown[] = [];
const crash = (reason: unknown) => void crashes.push(reason);
const cleanups: (() => Promise<void>)[] = [];

async function start(...args: Parameters<typeof WsService.start>): Promise<WsService> {
  const service = await WsService.start(...args);
  cleanups.push(() => service.stop());
  return service;
}

function connect(...args: Parameters<typeof connectTo>): ReturnType<typeof connectTo> {
  const made = connectTo(...args);
  cleanups.unshift(() => made.connection.close());
  return made;
}

beforeEach(() => {
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  await sleep(5);
  process.off('uncaughtException', crash);
  process.off('unhandledRejection', crash);
  expect(crashes.splice(0)).toEqual([]);
});

describe('hello on a real socket', () => {
  it('goes as the first frame, without query parameters, and negotiates ack mode', async () => {
    const service = await start();
    const { connection } = connect(service, { clientIdentity: { name: 'test_bot', version: '1' } });
    await connection.connect();
    expect(service.hellos).toEqual([
      {
        type: 'hello',
        api_key: 'ac_test_key',
        capabilities: ['ack'],
        client: 'test_bot',
        client_version: '1',
      },
    ]);
    expect(service.upgradeUrls).toEqual(['/v1/ws']);
    expect(connection.session?.ackMode).toBe(true);
  });

  it('a server that negotiates nothing is legacy mode', async () => {
    const service = await start({ onHello: (socket) => socket.send('{"type":"hello.ok"}') });
    const { connection } = connect(service);
    await connection.connect();
    expect(connection.session?.ackMode).toBe(false);
  });

  it('frames that come in one chunk with hello.ok are taken', async () => {
    const service = await start({
      onHello: (socket) => {
        socket.send(HELLO_OK);
        for (let n = 0; n < 1_000; n++) socket.send(JSON.stringify({ type: 'message.new', n }));
      },
    });
    const { connection, recorder } = connect(service);
    await connection.connect();
    await recorder.until(() => recorder.frames.length === 1_000);
    expect(recorder.frames.map(({ n }) => n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });
});

describe('RCN-1 on a real socket', () => {
  it.each([
    [1008, UnauthorizedError],
    [4401, UnauthorizedError],
    [4403, ForbiddenError],
  ])('close %i for the hello is final', async (code, type) => {
    const service = await start({ onHello: (socket) => socket.close(code, 'no') });
    const { connection, recorder } = connect(service);
    await expect(connection.connect()).rejects.toBeInstanceOf(type);
    expect(recorder.disconnects).toMatchObject([
      { code, reason: 'no', wasClean: true, nextAttemptInMs: null },
    ]);
    expect(connection.state).toBe('idle');
    expect(service.hellos).toHaveLength(1);
  });

  it.each([
    [401, UnauthorizedError],
    [403, ForbiddenError],
  ])(
    "HTTP %i on the upgrade, in the service's own form, is final, and the request is hung up",
    async (status, type) => {
      const service = await start({ refuse: () => status });
      const { connection } = connect(service);
      await expect(connection.connect()).rejects.toBeInstanceOf(type);
      expect(connection.state).toBe('idle');
      await service.until(() => service.hungUp === 1);
      expect(service.raw).toHaveLength(1);
    },
  );

  it.each([
    ['a page', 'content-type: text/html\r\ncontent-length: 25\r\n\r\n<html>Access denied</html'],
    ['nothing', 'content-length: 0\r\n\r\n'],
    [
      'a page that never ends',
      `content-type: text/html\r\ncontent-length: 1000000\r\n\r\n${'x'.repeat(5_000)}`,
    ],
    ['a body that is cut', 'content-type: application/json\r\nconnection: close\r\n\r\n{"code":"UNAUTHO'],
  ])("RCN-3: HTTP 403 with %s is a stranger's, and passes", async (_, answer) => {
    let refusals = 1;
    const cut = answer.includes('close');
    const service = await start({
      refuse: () => (refusals-- > 0 ? `HTTP/1.1 403 Forbidden\r\n${answer}` : null),
    });
    const { connection, recorder } = connect(service);
    const connecting = connection.connect();
    if (cut) {
      await service.until(() => service.raw.length === 1);
      service.raw[0]?.end();
    }
    await connecting;
    expect(recorder.errors).toHaveLength(1);
    expect(recorder.errors[0]).toMatchObject({ status: 403, foreign: true, retryable: true });
    expect(recorder.disconnects).toHaveLength(1);
  });

  it('RCN-4: Retry-After on the upgrade is kept', async () => {
    let refusals = 1;
    const service = await start({
      refuse: () =>
        refusals-- > 0 ? 'HTTP/1.1 429 Slow\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n' : null,
    });
    const { connection, recorder } = connect(service);
    const since = performance.now();
    await connection.connect();
    expect(performance.now() - since).toBeGreaterThanOrEqual(1_000);
    expect(recorder.errors[0]).toMatchObject({ status: 429, retryAfterMs: 1_000 });
  });

  it('HTTP 503 on the upgrade is tried again, and told by its status', async () => {
    let refusals = 3;
    const service = await start({ refuse: () => (refusals-- > 0 ? 503 : null) });
    const { connection, recorder } = connect(service);
    await connection.connect();
    expect(recorder.errors).toHaveLength(3);
    expect(recorder.errors[0]?.message).toContain('HTTP 503');
    expect(connection.insight().attempt).toBe(4);
  });

  it.each([1000, 1001, 1011, 1012, 1013, 4000])('close %i is transient', async (code) => {
    const service = await start({
      onHello: (socket, count) => {
        socket.send(HELLO_OK);
        if (count === 1) socket.close(code);
      },
    });
    const { connection, recorder } = connect(service);
    await connection.connect();
    await recorder.until(() => recorder.sessions.length === 2);
    expect(recorder.disconnects[0]).toMatchObject({ code, wasClean: true });
    expect(recorder.errors).toEqual([]);
  });

  it('a connection that is cut is 1006, and replaced', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    await connection.connect();
    for (const socket of service.clients) socket.terminate();
    await recorder.until(() => recorder.sessions.length === 2);
    expect(recorder.disconnects[0]).toMatchObject({ code: 1006, wasClean: false });
  });

  it('a refused connection is told with its reason', async () => {
    const service = await start();
    const { baseUrl } = service;
    await service.stop();
    const { connection } = connect({ baseUrl }, { reconnect: false });
    const error = await connection.connect().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toContain('ECONNREFUSED');
  });

  it('a rotated key goes on', async () => {
    const keys = ['ac_old', 'ac_new'];
    const service = await start({
      onHello: (socket, count) => (count === 1 ? socket.close(4401) : socket.send(HELLO_OK)),
    });
    const { connection } = connect(service, { apiKey: async () => keys.shift() ?? 'ac_new' });
    await connection.connect();
    expect(service.hellos.map(({ api_key }) => api_key)).toEqual(['ac_old', 'ac_new']);
  });
});

describe('LIVE-1 on a real socket', () => {
  it('a hello that is not answered is given up with our own 1008, and tried again', async () => {
    const service = await start({
      onHello: (socket, count) => {
        if (count > 1) socket.send(HELLO_OK);
      },
    });
    const { connection, recorder } = connect(service, { helloTimeoutMs: 40 });
    await connection.connect();
    expect(recorder.errors[0]).toBeInstanceOf(TimeoutError);
    await service.until(() => service.closes.length === 1);
    expect(service.closes).toEqual([1008]);
  });

  it('a server that accepts and says nothing is given up, and its socket is gone', async () => {
    const raw: Socket[] = [];
    const silent = createTcpServer((socket) => {
      socket.on('error', () => {});
      // Without a reader the end of the connection would not be seen.
      socket.resume();
      raw.push(socket);
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { connection, recorder } = connectTo({ baseUrl }, { openTimeoutMs: 40 });
    void connection.connect();
    await recorder.until(() => recorder.errors.length === 2);
    expect(recorder.errors[0]).toBeInstanceOf(TimeoutError);
    await connection.close();
    await Promise.all(
      raw.map((socket) =>
        socket.destroyed ? null : new Promise((resolve) => socket.once('close', resolve)),
      ),
    );
    await new Promise((resolve) => silent.close(resolve));
  });

  it('a half-open connection is noticed by a ping, dropped without waiting, and replaced', async () => {
    const service = await start();
    const { connection, recorder } = connect(service, { pingAfterMs: 60 });
    await connection.connect();
    const [dead] = service.raw;
    // The peer is there, takes nothing and says nothing.
    dead?.pause();
    const since = performance.now();
    await recorder.until(() => recorder.sessions.length === 2);
    expect(performance.now() - since).toBeLessThan(2_000);
    expect(recorder.disconnects[0]).toMatchObject({ code: 1006, reason: 'a ping was not answered' });
    expect(connection.state).toBe('connected');
    dead?.destroy();
  });

  it('an idle connection whose peer answers pings lives on', async () => {
    const service = await start();
    const { connection, recorder } = connect(service, { pingAfterMs: 20 });
    await connection.connect();
    let pings = 0;
    await new Promise<void>((resolve) => {
      service.clients[0]?.on('ping', () => {
        if (++pings === 10) resolve();
      });
    });
    expect(recorder.disconnects).toEqual([]);
  });

  it('a close frame whose sender never hangs up costs a second, not thirty', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    await connection.connect();
    const [raw] = service.raw;
    raw?.write(Buffer.from([0x88, 0x02, 0x03, 0xf4]));
    raw?.pause();
    const since = performance.now();
    await recorder.until(() => recorder.sessions.length === 2);
    expect(performance.now() - since).toBeLessThan(5_000);
    expect(recorder.disconnects[0]?.code).toBe(1012);
    raw?.destroy();
  });
});

describe('frames on a real socket', () => {
  it('bad ones are reported and do not disconnect', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    await connection.connect();
    const [socket] = service.clients;
    for (const bad of ['no json', 'null', '[]', '{"type":1}']) socket?.send(bad);
    socket?.send(Buffer.from('{"type":"message.new"}'), { binary: true });
    socket?.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
    socket?.send('{"type":"message.new","payload":{}}');
    await recorder.until(() => recorder.frames.length === 1);
    expect(connection.insight().badFrames).toBe(6);
    expect(recorder.errors).toHaveLength(5);
    expect(recorder.errors.every((error) => error instanceof ProtocolError)).toBe(true);
    expect(recorder.disconnects).toEqual([]);
  });

  it('large ones pass; one beyond 4 MiB ends its connection and nothing else', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    await connection.connect();
    service.clients[0]?.send(JSON.stringify({ type: 'big', text: 'x'.repeat(3 * 1024 * 1024) }));
    await recorder.until(() => recorder.frames.length === 1);
    service.clients[0]?.send(JSON.stringify({ type: 'big', text: 'x'.repeat(5 * 1024 * 1024) }));
    await recorder.until(() => recorder.sessions.length === 2);
    expect(connection.state).toBe('connected');
  });

  it('a listener that throws does not wedge the socket', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    let frames = 0;
    recorder.onFrame = () => {
      frames++;
      throw new Error('listener');
    };
    await connection.connect();
    for (let n = 0; n < 100; n++) service.clients[0]?.send('{"type":"message.new"}');
    connection.send('{"type":"typing.start"}');
    await service.until(() => service.received.length === 1);
    service.clients[0]?.ping();
    await new Promise<void>((resolve) => service.clients[0]?.once('pong', () => resolve()));
    expect(frames).toBe(100);
    expect(recorder.disconnects).toEqual([]);
  });

  it('ACK-1: a batch arrives in order', async () => {
    const service = await start();
    const { connection } = connect(service);
    await connection.connect();
    const frames = Array.from({ length: 1_000 }, (_, n) => `{"type":"ack","message_id":"msg_${n}"}`);
    expect(connection.write(frames)).toBe(true);
    await service.until(() => service.received.length === 1_000);
    expect(service.received).toEqual(frames);
  });
});

describe('STOP-1 on a real socket', () => {
  it('says 1000 and resolves when the peer answers', async () => {
    const service = await start();
    const { connection, recorder } = connect(service);
    await connection.connect();
    await connection.close();
    await service.until(() => service.closes.length === 1);
    expect(service.closes).toEqual([1000]);
    expect(recorder.disconnects).toMatchObject([{ code: 1000, reason: '', wasClean: true }]);
  });

  it('does not wait for a peer that is deaf', async () => {
    const service = await start();
    const { connection } = connect(service);
    await connection.connect();
    service.raw[0]?.pause();
    const since = performance.now();
    await connection.close();
    expect(performance.now() - since).toBeLessThan(2_000);
  });

  it('what was sent before close() arrives', async () => {
    const service = await start();
    const { connection } = connect(service);
    await connection.connect();
    connection.beginStop();
    for (let n = 0; n < 100; n++) connection.send(`{"n":${n}}`);
    await connection.close();
    await service.until(() => service.received.length === 100);
    expect(service.received.at(-1)).toBe('{"n":99}');
  });

  it.each(['opening', 'authenticating'])('close() and abort while %s leave nothing behind', async (stage) => {
    const service = await start({ onHello: () => {} });
    for (const how of ['close', 'abort']) {
      const { connection, recorder } = connect(service);
      const controller = new AbortController();
      const connecting = connection.connect({ signal: controller.signal });
      const hellos = service.hellos.length;
      if (stage === 'authenticating') await service.until(() => service.hellos.length > hellos);
      if (how === 'close') await connection.close();
      else controller.abort();
      await expect(connecting).rejects.toBeInstanceOf(how === 'close' ? ConnectionError : AbortedError);
      expect(connection.state).toBe('idle');
      expect(recorder.errors).toEqual([]);
    }
  });
});

describe('a thousand reconnects', () => {
  it('leave timers, sockets and listeners as they were', async () => {
    const open = () =>
      process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCPSocket/.test(name)).length;
    const service = await start({
      onHello: (socket, count) => {
        socket.send(HELLO_OK);
        if (count <= 1_000) socket.terminate();
      },
    });
    const before = open();
    const controller = new AbortController();
    const { connection, recorder } = connect(service, { reconnectInterval: 1, maxReconnectInterval: 1 });
    void connection.connect({ signal: controller.signal });
    const during: number[] = [];
    const { onSessionStart } = recorder;
    recorder.onSessionStart = (session) => {
      onSessionStart.call(recorder, session);
      if (session.id % 50 === 0) during.push(open());
    };
    await recorder.until(() => recorder.sessions.at(-1)?.id === 1_001);
    expect(service.hellos).toHaveLength(1_001);
    // One socket on each side, a timer or two, and what the kernel has not reported yet.
    expect(Math.max(...during)).toBeLessThan(before + 12);
    await connection.close();
    await service.until(() => service.closes.length === 1_001);
    await sleep(20);
    expect(open()).toBeLessThanOrEqual(before + 1);
  }, 60_000);
});

describe('a given class of sockets', () => {
  it('may be that of ws itself, with pings and all', async () => {
    const service = await start();
    const { connection, recorder } = connect(service, { webSocket: WS, pingAfterMs: 60 });
    await connection.connect();
    service.raw[0]?.pause();
    await recorder.until(() => recorder.sessions.length === 2);
    expect(recorder.disconnects[0]?.reason).toBe('a ping was not answered');
    service.raw[0]?.destroy();
  });
});
