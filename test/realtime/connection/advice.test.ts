import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  adviceFor,
  describe as describeEnding,
  type Ending,
} from '../../../src/realtime/connection/endings.js';
import { connectTo } from './ws-service.js';

const URL = 'wss://x.test/v1/ws';

function closed(cause: unknown): Ending {
  return { kind: 'closed', code: 1006, reason: '', wasClean: false, cause };
}

const withCode = (code: string, message = '') => Object.assign(new Error(message), { code });

let server: Server | undefined;
afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

async function listening(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

async function failure(baseUrl: string): Promise<Error> {
  const { connection } = connectTo({ baseUrl }, { reconnect: false });
  return connection.connect().then(
    () => new Error('it connected'),
    (error: Error) => error,
  );
}

describe('an attempt that cannot work says what to do', () => {
  it('https against a plain server: names the scheme, and keeps OpenSSL’s words out of it', async () => {
    const port = await listening(createHttpServer());
    const error = await failure(`https://127.0.0.1:${port}`);
    expect(error.message).toContain('does not speak TLS');
    expect(error.message).toContain('write http:// instead');
    expect(error.message).not.toMatch(/SSL routines|\.c:\d+|deps/);
    expect(error.cause).toMatchObject({ code: 'EPROTO' });
  });

  it('http against a server that only hangs up, as one does that expects TLS', async () => {
    const port = await listening(createServer((socket) => socket.once('data', () => socket.destroy())));
    const error = await failure(`http://127.0.0.1:${port}`);
    expect(error.message).toContain('write https:// instead');
  });

  it('something that does not speak HTTP', async () => {
    const port = await listening(
      createServer((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n'))),
    );
    const error = await failure(`http://127.0.0.1:${port}`);
    expect(error.message).toContain('does not speak HTTP');
    expect(error.message).toContain('host and the port');
  });

  it('a web server without a WebSocket', async () => {
    const port = await listening(createHttpServer((_, response) => response.end('hello')));
    const error = await failure(`http://127.0.0.1:${port}`);
    expect(error.message).toContain('HTTP 200');
    expect(error.message).toContain('no AgentChat WebSocket at this address');
  });

  it('nobody at home', async () => {
    const port = await listening(createServer());
    await new Promise((resolve) => server?.close(resolve));
    server = undefined;
    const error = await failure(`http://127.0.0.1:${port}`);
    expect(error.message).toContain('Nothing listens there');
  });
});

describe('advice', () => {
  it.each([
    ['CERT_HAS_EXPIRED', /certificate/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /NODE_EXTRA_CA_CERTS/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /certificate/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /certificate/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /host name/],
    ['ENOTFOUND', /could not be resolved/],
    ['EAI_AGAIN', /could not be resolved/],
    ['ECONNREFUSED', /listens/],
    ['HPE_INVALID_CONSTANT', /host and the port/],
  ])('knows %s', (code, words) => {
    expect(adviceFor(closed(withCode(code)), URL)).toMatch(words);
  });

  it.each([
    [301, /redirects/],
    [308, /redirects/],
    [200, /no AgentChat WebSocket/],
    [404, /no AgentChat WebSocket/],
    [426, /passes on WebSocket upgrades/],
  ])('knows HTTP %i', (status, words) => {
    expect(adviceFor({ kind: 'http', status }, URL)).toMatch(words);
  });

  it('has none for what passes by itself, nor for a session that was lost', () => {
    for (const status of [408, 429, 500, 502, 503])
      expect(adviceFor({ kind: 'http', status }, URL)).toBeNull();
    expect(adviceFor(closed(withCode('ECONNRESET', 'read ECONNRESET')), 'ws://x.test')).toBeNull();
    expect(adviceFor(closed(undefined), URL)).toBeNull();
    expect(adviceFor({ kind: 'silent' }, URL)).toBeNull();
  });

  it('survives any cause', () => {
    const trap = new Proxy(new Error(), {
      get: () => {
        throw new Error('trap');
      },
    });
    for (const cause of [
      null,
      7,
      'x',
      Object.create(null),
      { code: 7 },
      { code: 'EPROTO', message: {} },
      trap,
    ]) {
      expect(adviceFor(closed(cause), URL)).toBeNull();
      expect(describeEnding(closed(cause), URL)).toMatch(/^the socket closed with code 1006 \(.+\)$/);
    }
  });
});
