import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { agent, connect, Socket, withServer } from './kit.js';

/** A request with exactly these headers, as no browser and no `fetch` would send it. */
function raw(
  server: LocalServer,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, headers, setHost: false },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

/** Whether an upgrade with these headers succeeds. */
function upgrade(server: LocalServer, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = new Socket(server, '', { headers, silent: true });
    socket.ws.on('open', () => {
      resolve(101);
      socket.close();
    });
    socket.ws.on('unexpected-response', (_, response) => {
      resolve(response.statusCode);
      response.destroy();
    });
  });
}

describe('who may come in', () => {
  it('programs and pages of this machine, by any of its names', () =>
    withServer({}, async (server) => {
      for (const name of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
        const host = `${name}:${server.port}`;
        expect((await raw(server, '/v1/agents/x', { host })).status).toBe(404);
        expect(await upgrade(server, { host })).toBe(101);
        for (const origin of [`http://${name.toLowerCase()}:5173`, `https://${name.toLowerCase()}`]) {
          const answer = await raw(server, '/v1/agents/x', { host, origin });
          expect(answer.status).toBe(404);
          expect(answer.headers['access-control-allow-origin']).toBe(origin);
          expect(await upgrade(server, { host, origin })).toBe(101);
        }
      }
    }));

  it('nobody under a foreign name (DNS rebinding), and no page from elsewhere', () =>
    withServer({}, async (server) => {
      const host = `127.0.0.1:${server.port}`;
      const hosts = [
        'evil.example',
        `evil.example:${server.port}`,
        '127.0.0.1',
        `127.0.0.1:${server.port + 1}`,
        '',
      ];
      const origins = [
        'https://evil.example',
        'null',
        'http://127.0.0.1.evil.example',
        'file://',
        'x',
        'http://127.0.0.2',
      ];
      for (const foreign of hosts) {
        expect((await raw(server, '/v1/agents/me', { host: foreign })).status).toBe(403);
        // An empty name would be filled in by the client.
        if (foreign !== '') expect(await upgrade(server, { host: foreign })).toBe(403);
      }
      for (const origin of origins) {
        const answer = await raw(server, '/v1/agents/me', { host, origin });
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.body)).toMatchObject({ code: 'FORBIDDEN' });
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
        expect(await upgrade(server, { host, origin })).toBe(403);
      }
    }));

  it('a page of this machine may ask beforehand what it may send', () =>
    withServer({}, async (server) => {
      const response = await fetch(`${server.url}/v1/messages`, {
        method: 'OPTIONS',
        headers: { origin: 'http://localhost:5173' },
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-headers')).toContain('authorization');
      await response.text();
    }));
});

describe('requests that make no sense', () => {
  it.each([
    ['GET', '/', 404],
    ['GET', '/v1', 404],
    ['GET', '/v1/', 404],
    ['GET', '/v2/agents/me', 404],
    ['GET', '/v1/agents/%zz', 404],
    ['GET', '/v1/agents/%00', 404],
    ['GET', '/v1/agents/__proto__', 404],
    ['GET', '/v1/agents/..%2f..%2fetc', 404],
    ['GET', '/v1/messages/sync?limit=%zz', 400],
    ['GET', '/v1/messages/sync?__proto__=1&limit=1', 200],
    ['GET', '/v1/messages/__proto__', 404],
    ['GET', '/v1/conversations?offset=1e3', 400],
    ['PUT', '/v1/messages', 405],
    ['HEAD', '/v1/messages', 405],
    ['GET', '/v1/ws', 426],
    ['DELETE', '/v1/agents/me', 405],
  ])('%s %s is answered with %i', (method, path, status) =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice');
      const response = await fetch(server.url + path, {
        method,
        headers: { authorization: `Bearer ${apiKey}` },
      });
      expect(response.status).toBe(status);
      expect(response.headers.get('x-request-id')).toBeTruthy();
      const text = await response.text();
      if (status >= 400 && method !== 'HEAD') {
        expect(JSON.parse(text)).toEqual({
          code: expect.any(String),
          message: expect.any(String),
          ...(status === 400 ? { details: expect.any(Object) } : {}),
        });
      }
      if (status === 405) expect(response.headers.get('allow')).toMatch(/GET|POST/);
    }),
  );

  it.each([
    ['no JSON', 'hello'],
    ['half a JSON', '{"to":"bob"'],
    ['nothing', ''],
    ['invalid UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
    ['JSON that is 100,000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['an unclosed 200,000 levels', '{"a":'.repeat(40_000)],
    ['a deep text that is not deep', JSON.stringify({ x: '['.repeat(1_000) })],
  ])('a body that is %s is answered with 400', (_, body) =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice');
      const response = await fetch(`${server.url}/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}` },
        body,
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'VALIDATION_ERROR', details: { fieldErrors: {} } });
    }),
  );

  it('content that is 190 levels deep comes out as it went in', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      let data: object = { end: true };
      for (let level = 0; level < 190; level += 1) data = { level: data };
      const body = { to: 'bob', client_msg_id: 'deep', type: 'structured', content: { data } };
      expect((await alice.call('POST', '/v1/messages', body)).status).toBe(201);
      expect((await socket.next()).payload?.content).toEqual({ data });
      expect((await bob.sync()).status).toBe(200);
      socket.close();
    }));

  it('__proto__ in a body pollutes nothing', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const body =
        '{"__proto__":{"polluted":1},"to":"bob","client_msg_id":"__proto__",' +
        '"content":{"text":"x","__proto__":{"polluted":1}},"metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
      expect((await alice.call('POST', '/v1/messages', body)).status).toBe(201);
      expect((await alice.call('POST', '/v1/messages', body)).status).toBe(200);
      expect({}).not.toHaveProperty('polluted');
    }));

  it('100 MB are refused before they are read', { timeout: 30_000 }, () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice');
      const before = process.memoryUsage().rss;
      const head = [
        'POST /v1/messages HTTP/1.1',
        `host: 127.0.0.1:${server.port}`,
        `authorization: Bearer ${apiKey}`,
      ];
      for (const length of ['content-length: 104857600', 'transfer-encoding: chunked']) {
        const status = await new Promise<string>((resolve, reject) => {
          const socket = connectTcp(server.port, '127.0.0.1');
          const chunk = length.startsWith('content')
            ? Buffer.alloc(65_536, 'x')
            : Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]);
          let seen = '';
          const pour = () => {
            for (let poured = 0; poured < 16 && !socket.destroyed; poured += 1)
              if (!socket.write(chunk)) return;
          };
          socket.write(`${[...head, length].join('\r\n')}\r\n\r\n`);
          pour();
          socket.on('drain', pour);
          socket.on('data', (data: Buffer) => {
            seen += data.toString();
          });
          socket.on('error', () => undefined);
          socket.on('close', () => (seen === '' ? reject(new Error('no answer')) : resolve(seen)));
        });
        expect(status).toMatch(/^HTTP\/1\.1 413 /);
        expect(status).toContain('PAYLOAD_TOO_LARGE');
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
      expect((await agent(server, 'bob').sync()).status).toBe(200);
    }),
  );

  it('a client that hangs up in the middle of its body leaves nothing behind', () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice');
      const socket = connectTcp(server.port, '127.0.0.1');
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nauthorization: Bearer ${apiKey}\r\ncontent-length: 100\r\n\r\n{"to"`,
      );
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.destroy();
      expect((await agent(server, 'bob').sync()).status).toBe(200);
      expect(server.allMessages()).toEqual([]);
    }));

  it('what is no HTTP is answered with 400', () =>
    withServer({}, async (server) => {
      const socket = connectTcp(server.port, '127.0.0.1');
      socket.write('hello there\r\n\r\n');
      let seen = '';
      for await (const chunk of socket) seen += String(chunk);
      expect(seen).toMatch(/^HTTP\/1\.1 400 /);
    }));
});

describe('request ids', () => {
  it('are made, or kept when the caller has one that can be written', () =>
    withServer({}, async (server) => {
      const ask = async (id?: string) =>
        (
          await raw(server, '/v1/agents/x', {
            host: `127.0.0.1:${server.port}`,
            ...(id === undefined ? {} : { 'x-request-id': id }),
          })
        ).headers['x-request-id'];
      expect(await ask()).toMatch(/^req_[A-Za-z0-9]{16}$/);
      expect(await ask('my-own.id:1')).toBe('my-own.id:1');
      for (const unusable of ['', 'with space', 'x'.repeat(129)])
        expect(await ask(unusable)).toMatch(/^req_/);
    }));
});

describe('hostile sockets', () => {
  it('a binary hello is no hello', () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('bob');
      const socket = new Socket(server, '', { silent: true });
      await new Promise((resolve) => socket.ws.once('open', resolve));
      socket.ws.send(Buffer.from(JSON.stringify({ type: 'hello', api_key: apiKey })), { binary: true });
      expect((await socket.closed).code).toBe(1008);
    }));

  it('a huge frame closes the connection with 1009, and no other', () =>
    withServer({}, async (server) => {
      const [huge, other] = [await connect(agent(server, 'bob')), await connect(agent(server, 'carol'))];
      huge.ws.send('x'.repeat(10_000_000));
      expect((await huge.closed).code).toBe(1009);
      await expect.poll(() => server.connections()).toBe(1);
      await other.settled();
      other.close();
    }));

  it('bytes that are no frame close the connection', () =>
    withServer({}, async (server) => {
      const socket = await connect(agent(server, 'bob'));
      (socket.ws as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(
        Buffer.alloc(100, 0xff),
      );
      expect([1002, 1006]).toContain((await socket.closed).code);
      await expect.poll(() => server.connections()).toBe(0);
    }));

  it('a log that throws disturbs nothing', () =>
    withServer(
      {
        log: () => {
          throw new Error('the log is full');
        },
      },
      async (server) => {
        const bob = agent(server, 'bob');
        const socket = await connect(bob);
        expect((await bob.sync()).status).toBe(200);
        socket.close();
      },
    ));
});
