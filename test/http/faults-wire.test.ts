import { brotliCompressSync, createDeflate, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { answerByHand, CARRIERS, faultsWith, HEAD_MS, JSON_TYPE, STALL_MS } from './fault-harness.js';
import { httpServer, tcpServer } from './raw-server.js';

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';

describe.each(CARRIERS)('oddities of HTTP, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);
  const once = { retry: 'never' } as const;

  it.each([
    ['one byte at a time', [...OK]],
    ['informational answers first', ['HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n', OK]],
    ['a body that ends with the connection', ['HTTP/1.1 200 OK\r\n\r\n{', '}']],
    [
      'chunks with trailers',
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-t: 1\r\n\r\n'],
    ],
    ['HTTP/1.0', ['HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}']],
    ['no reason phrase', ['HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}']],
  ])('are read: %s', async (_, pieces) => {
    const server = await keep(
      tcpServer((socket) => {
        socket.setNoDelay(true);
        const next = (rest: readonly string[]): void => {
          const [piece, ...more] = rest;
          if (piece === undefined) socket.end();
          else socket.write(piece, () => setImmediate(next, more));
        };
        socket.once('data', () => next(pieces));
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing', once)).data).toEqual({});
  });

  it.each([
    ['what is not HTTP', '220 mail.example ESMTP\r\n'],
    ['a status that is none', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['headers without end', `HTTP/1.1 200 OK\r\n${`x-a: ${'a'.repeat(1_000)}\r\n`.repeat(200)}`],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} '],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}'],
    ['the end before the head is complete', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ])('are refused, and may have been carried out: %s', async (_, text) => {
    const server = await keep(tcpServer((socket) => answerByHand(socket, text)));
    const error = await failure(server, 'POST', { timeoutMs: 5_000 });
    expect([error.code, error.outcome, server.requests]).toEqual(['CONNECTION_ERROR', 'unknown', 1]);
  });

  it('bytes behind the end of an answer are no answer to the next request', async () => {
    const server = await keep(
      tcpServer((socket) => void socket.on('data', () => socket.write(`${OK}${OK.replace('{}', '13')}`))),
    );
    const transport = transportTo(server);
    for (let n = 0; n < 3; n++) {
      expect((await transport.request('GET', '/v1/thing')).data).toEqual({});
    }
  });

  it('a connection that the server closes while it was idle costs no call', async () => {
    const server = await keep(
      httpServer((request, response) => {
        response.writeHead(200, JSON_TYPE).end('{}', () => request.socket.destroySoon());
      }),
    );
    const transport = transportTo(server);
    for (let n = 0; n < 10; n++) await transport.request('GET', '/v1/thing');
  });

  it('a server that does not read what it is sent is given up', async () => {
    const server = await keep(tcpServer((socket) => void socket.pause()));
    const body = new Uint8Array(32 * 1024 * 1024);
    const error = await failure(server, 'POST', { body, timeoutMs: STALL_MS });
    expect([error.code, error.outcome]).toEqual(['TIMEOUT', 'unknown']);
  });

  it('a server that refuses before it has read everything ends the call', async () => {
    const server = await keep(
      tcpServer((socket) => {
        socket.once('data', () =>
          socket.end('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
        );
      }),
    );
    const body = new Uint8Array(32 * 1024 * 1024);
    const error = await failure(server, 'POST', { body, timeoutMs: 10_000 });
    // Either the refusal got through, or the pipe broke first.
    expect(['PAYLOAD_TOO_LARGE', 'CONNECTION_ERROR']).toContain(error.code);
  });
});

describe.each(CARRIERS)('compressed answers, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);
  const text = JSON.stringify({ items: Array.from({ length: 5_000 }, (_, n) => ({ n, text: 'grüße' })) });

  const send = (coding: string, bytes: Uint8Array, headers: Record<string, string> = {}) =>
    httpServer((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': coding, ...headers }).end(bytes);
    });

  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
  ])('are unpacked: %s', async (coding, pack) => {
    const server = await keep(send(coding, pack(Buffer.from(text))));
    expect((await transportTo(server).request('GET', '/v1/thing')).data).toEqual(JSON.parse(text));
  });

  it('are unpacked also when empty', async () => {
    const server = await keep(send('gzip', new Uint8Array(), { 'content-length': '0' }));
    expect((await transportTo(server).request('GET', '/v1/thing')).data).toBeUndefined();
  });

  it('are repeated when what came cannot be unpacked', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' });
        response.end(nth === 1 ? Buffer.from('this was never packed') : gzipSync('{}'));
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
    const garbled = await keep(send('gzip', Buffer.from('this was never packed')));
    const error = await failure(garbled, 'POST');
    expect([error.code, error.status, error.outcome]).toEqual(['CONNECTION_ERROR', 200, 'unknown']);
  });

  it('that stall are given up', async () => {
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'deflate' });
        const packing = createDeflate({ flush: 2 });
        packing.on('data', (chunk) => response.write(chunk));
        packing.write('{"n":');
        packing.flush();
      }),
    );
    const error = await failure(server, 'POST', { timeoutMs: HEAD_MS });
    expect([error.code, error.status]).toEqual(['TIMEOUT', 200]);
  });
});
