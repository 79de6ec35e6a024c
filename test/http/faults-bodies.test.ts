import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NotFoundError, ServerError } from '../../src/errors/index.js';
import { CARRIERS, faultsWith, HEAD_MS, JSON_TYPE, STALL_MS } from './fault-harness.js';
import { httpServer } from './raw-server.js';

describe.each(CARRIERS)('an answer that is not as it should be, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);

  it('ends an attempt whose headers never come, and repeats it', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        if (nth > 1) response.writeHead(200, JSON_TYPE).end('{"n":2}');
      }),
    );
    const { attempts } = await transportTo(server).request('GET', '/v1/thing', { timeoutMs: STALL_MS });
    expect(attempts).toBeGreaterThan(1);
    const error = await failure(await keep(httpServer(() => {})), 'POST', { timeoutMs: STALL_MS });
    expect([error.code, error.outcome, error.retryable]).toEqual(['TIMEOUT', 'unknown', true]);
  });

  it('ends an attempt whose body stalls, and repeats it when that is safe', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        response.writeHead(200, JSON_TYPE).write('{"n":');
        if (nth > 1) response.end(`${nth}}`);
      }),
    );
    const { data, attempts } = await transportTo(server).request('GET', '/v1/thing', { timeoutMs: STALL_MS });
    expect(attempts).toBeGreaterThan(1);
    expect(data).toEqual({ n: server.requests });
    const stalled = await keep(
      httpServer((_, response) => void response.writeHead(200, JSON_TYPE).write('{')),
    );
    const error = await failure(stalled, 'POST', { timeoutMs: HEAD_MS });
    expect([error.code, error.status, error.requestId, error.outcome]).toEqual([
      'TIMEOUT',
      200,
      'req_7',
      'unknown',
    ]);
    expect(stalled.requests).toBe(1);
  });

  it('CATCH-2: lets a body come that keeps coming, however long it takes', async () => {
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, JSON_TYPE).write('[0');
        let n = 0;
        const more = setInterval(() => {
          n += 1;
          if (n < 12) return void response.write(`,${n}`);
          clearInterval(more);
          response.end(']');
        }, HEAD_MS / 6);
      }),
    );
    const startedAt = performance.now();
    const { data, attempts } = await transportTo(server).request<number[]>('GET', '/v1/thing', {
      timeoutMs: HEAD_MS,
    });
    expect(performance.now() - startedAt).toBeGreaterThan(HEAD_MS);
    expect([data.length, attempts, server.requests]).toEqual([12, 1, 1]);
  });

  it('CATCH-2: is not kept alive by one byte at a time, and does not ask for the same again', async () => {
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, JSON_TYPE);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      }),
    );
    const startedAt = performance.now();
    // Longer than a busy machine makes a byte wait, or the silence is what ends it.
    const error = await failure(server, 'GET', { timeoutMs: 600 });
    expect([error.code, error.retryable, server.requests]).toEqual(['TIMEOUT', false, 1]);
    expect(error.message).toContain('10 times 600 ms ("timeoutMs")');
    expect(performance.now() - startedAt).toBeLessThan(18_000);
  });

  it('ends an attempt whose error body stalls, and keeps the status', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        if (nth > 1) response.writeHead(200, JSON_TYPE).end('{}');
        else response.writeHead(503, JSON_TYPE).write('{"code":');
      }),
    );
    const { attempts } = await transportTo(server).request('GET', '/v1/thing', { timeoutMs: STALL_MS });
    expect(attempts).toBeGreaterThan(1);
    const stalled = await keep(
      httpServer((_, response) => void response.writeHead(404, JSON_TYPE).write('{')),
    );
    const error = await failure(stalled, 'POST', { timeoutMs: HEAD_MS });
    expect([error.code, error.status, error.outcome]).toEqual(['TIMEOUT', 404, 'rejected']);
  });

  it('reads a small part of an error body of 100 MB, and hangs up', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    let hungUp: Promise<unknown> = Promise.resolve();
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(500, { 'content-type': 'text/plain' });
        hungUp = once(response, 'close');
        const more = (): void => {
          while (written < 100 * 1024 * 1024 && !response.destroyed) {
            written += chunk.length;
            if (!response.write(chunk)) return void response.once('drain', more);
          }
        };
        more();
      }),
    );
    const error = await failure(server, 'POST');
    expect(error).toBeInstanceOf(ServerError);
    expect(JSON.stringify(error.details).length).toBeLessThan(5_000);
    await hungUp;
    // What lies in the buffers of both kernels is all that left the server.
    expect(written).toBeLessThan(30 * 1024 * 1024);
  });

  it('reads no success beyond its bound, counted after decompression', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(64 * 1024);
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb);
      }),
    );
    const error = await failure(server, 'GET', {}, { maxBodyBytes: 1024 * 1024 });
    expect([error.code, error.status, error.retryable, server.requests]).toEqual([
      'PROTOCOL_ERROR',
      200,
      false,
      1,
    ]);
    expect(error.message).toContain('"maxBodyBytes"');
  });

  it('reads a success of exactly its bound', async () => {
    const server = await keep(
      httpServer((_, response) => void response.writeHead(200, JSON_TYPE).end('[1,2,3]')),
    );
    expect((await transportTo(server, { maxBodyBytes: 7 }).request('GET', '/x')).data).toEqual([1, 2, 3]);
    expect((await failure(server, 'GET', {}, { maxBodyBytes: 6 })).code).toBe('PROTOCOL_ERROR');
  });

  it("takes a proxy's HTML 404 for what it is", async () => {
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><h1>Not Found</h1>');
      }),
    );
    const error = await failure(server);
    expect(error).toBeInstanceOf(NotFoundError);
    expect([error.code, error.status]).toEqual(['NOT_FOUND', 404]);
    expect(error.message).toContain('HTML');
  });

  it('takes a success that is not JSON for a protocol error, and does not repeat it', async () => {
    const server = await keep(
      httpServer((_, response) => {
        response
          .writeHead(200, { 'content-type': 'text/html', 'x-request-id': 'req_9' })
          .end('<html>Log in here');
      }),
    );
    const error = await failure(server);
    expect([error.code, error.status, error.requestId, server.requests]).toEqual([
      'PROTOCOL_ERROR',
      200,
      'req_9',
      1,
    ]);
    expect(error.details?.contentType).toBe('text/html');
    expect(error.message).toContain('Log in here');
  });

  it('takes truncated JSON for a cut: repeated when that is safe, and never shown', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        response.writeHead(200, JSON_TYPE).end(nth === 1 ? '{"secret":"sauce' : '{}');
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
    const cut = await keep(
      httpServer((_, response) => void response.writeHead(200, JSON_TYPE).end('{"secret":"sauce')),
    );
    const error = await failure(cut, 'POST');
    expect([error.code, error.status, error.requestId, error.outcome, cut.requests]).toEqual([
      'PROTOCOL_ERROR',
      200,
      'req_7',
      'unknown',
      1,
    ]);
    expect(error.details?.contentType).toBe('application/json');
    expect(JSON.stringify(error)).not.toContain('sauce');
  });

  it.each([
    [204, ''],
    [200, ''],
    [200, ' \n'],
  ])('resolves to nothing for %d with the body %j', async (status, body) => {
    const server = await keep(httpServer((_, response) => void response.writeHead(status).end(body)));
    const { data, status: got } = await transportTo(server).request('DELETE', '/v1/thing');
    expect([data, got]).toEqual([undefined, status]);
  });

  it('does not mind a BOM, nor characters split over chunks', async () => {
    const bytes = Buffer.from('\ufeff{"text":"grüße 🦊"}');
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, JSON_TYPE);
        for (const byte of bytes) response.write(Buffer.of(byte));
        response.end();
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).data).toEqual({ text: 'grüße 🦊' });
  });
});
