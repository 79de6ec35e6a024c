import { getEventListeners, once } from 'node:events';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentChatError, NotFoundError, ServerError, ValidationError } from '../../src/errors/index.js';
import type { HttpRequestOptions, HttpTransportOptions } from '../../src/http/index.js';
import { HttpTransport } from '../../src/http/index.js';
import { deadUrl, httpServer, type RawServer, tcpServer } from './raw-server.js';

const KEY = 'ac_live_0123456789abcdef';
/** How long a test waits for what does not come. A good answer may take longer on a busy machine, and costs a retry then. */
const STALL_MS = 250;
/** The same, where the head of the answer has to arrive within it. */
const HEAD_MS = 1_500;
const FAST = { maxRetries: 3, baseDelayMs: 1, maxDelayMs: 5 };
const opened: RawServer[] = [];

async function keep(server: Promise<RawServer>): Promise<RawServer> {
  opened.push(await server);
  return server;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

function transportTo(server: { url: string }, options: HttpTransportOptions = {}): HttpTransport {
  return new HttpTransport({ apiKey: KEY, baseUrl: server.url, retry: FAST, ...options });
}

/** The error of a request that must fail. */
async function failure(
  server: { url: string },
  method: 'GET' | 'POST' = 'GET',
  request: HttpRequestOptions = {},
  options: HttpTransportOptions = {},
): Promise<AgentChatError> {
  const outcome = await transportTo(server, options)
    .request(method, '/v1/thing', request)
    .then(() => undefined)
    .catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(AgentChatError);
  return outcome as AgentChatError;
}

const JSON_TYPE = { 'content-type': 'application/json', 'x-request-id': 'req_7' };

describe('a service that does not answer as it should, on real sockets', () => {
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

  it('is not kept alive by one byte at a time', async () => {
    const server = await keep(
      httpServer((_, response) => {
        response.writeHead(200, JSON_TYPE);
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      }),
    );
    const startedAt = performance.now();
    const error = await failure(server, 'POST', { timeoutMs: STALL_MS });
    expect(error.code).toBe('TIMEOUT');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
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

  it('repeats a GET whose connection is cut before the request was read', async () => {
    const server = await keep(
      tcpServer((socket, nth) => {
        if (nth === 1) socket.destroy();
        else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
    const cutting = await keep(tcpServer((socket) => void socket.destroy()));
    const error = await failure(cutting, 'POST');
    expect([error.code, error.outcome, cutting.requests]).toEqual(['CONNECTION_ERROR', 'unknown', 1]);
  });

  it('repeats a GET whose connection is cut after the request was read', async () => {
    const server = await keep(
      tcpServer((socket, nth) => {
        if (nth === 1) socket.once('data', () => socket.resetAndDestroy());
        else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      }),
    );
    expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
  });

  it('repeats a GET whose body is cut', async () => {
    for (const head of ['content-length: 100', 'transfer-encoding: chunked']) {
      const part = head.startsWith('content') ? '{"n"' : '4\r\n{"n"\r\n';
      const server = await keep(
        tcpServer((socket, nth) => {
          if (nth === 1) answerByHand(socket, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${part}`, 'cut');
          else answerByHand(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
        }),
      );
      expect((await transportTo(server).request('GET', '/v1/thing')).attempts).toBe(2);
      const cutting = await keep(
        tcpServer((socket) => answerByHand(socket, `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${part}`, 'cut')),
      );
      const error = await failure(cutting, 'POST');
      expect([error.code, error.status, error.outcome]).toEqual(['CONNECTION_ERROR', 200, 'unknown']);
      expect(error.message).toContain('before the answer was complete');
    }
  });

  it('says not_sent when nobody listens', async () => {
    const error = await failure({ url: await deadUrl() }, 'POST');
    expect([error.code, error.outcome]).toEqual(['CONNECTION_ERROR', 'not_sent']);
    expect(error.message).toMatch(/ECONNREFUSED/);
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

  it.each([301, 302, 303, 307, 308])('does not follow a %d, so the key goes nowhere else', async (status) => {
    let leaked = 0;
    const elsewhere = await keep(
      httpServer((_, response) => {
        leaked++;
        response.end('{}');
      }),
    );
    const server = await keep(
      httpServer((_, response) => void response.writeHead(status, { location: `${elsewhere.url}/x` }).end()),
    );
    const error = await failure(server);
    expect([error.code, error.status, leaked, server.requests]).toEqual(['PROTOCOL_ERROR', status, 0, 1]);
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

describe('abort, on real sockets', () => {
  const reason = new Error('the user left');

  it('before anything is sent', async () => {
    const server = await keep(httpServer((_, response) => void response.end('{}')));
    const error = await failure(server, 'POST', { signal: AbortSignal.abort(reason) });
    expect([error.code, error.outcome, error.cause, server.requests]).toEqual([
      'ABORTED',
      'not_sent',
      reason,
      0,
    ]);
  });

  it('while the key is asked for', async () => {
    const server = await keep(httpServer((_, response) => void response.end('{}')));
    const controller = new AbortController();
    const apiKey = (): Promise<string> => {
      queueMicrotask(() => controller.abort(reason));
      return new Promise(() => {});
    };
    const error = await failure(server, 'POST', { signal: controller.signal }, { apiKey });
    expect([error.code, error.outcome, error.cause, server.requests]).toEqual([
      'ABORTED',
      'not_sent',
      reason,
      0,
    ]);
  });

  it('while the answer is awaited; the server sees the connection end', async () => {
    const controller = new AbortController();
    let gone: Promise<unknown> = Promise.resolve();
    const server = await keep(
      httpServer((request) => {
        gone = once(request.socket, 'close');
        controller.abort(reason);
      }),
    );
    const error = await failure(server, 'GET', { signal: controller.signal });
    expect([error.code, error.outcome, error.cause, server.requests]).toEqual([
      'ABORTED',
      'unknown',
      reason,
      1,
    ]);
    await gone;
  });

  it('while the body is read', async () => {
    const controller = new AbortController();
    let gone: Promise<unknown> = Promise.resolve();
    const server = await keep(
      httpServer((request, response) => {
        gone = once(request.socket, 'close');
        response
          .writeHead(200, JSON_TYPE)
          .write('{"n":', () => setTimeout(() => controller.abort(reason), 20));
      }),
    );
    const error = await failure(server, 'GET', { signal: controller.signal });
    expect([error.code, error.cause, server.requests]).toEqual(['ABORTED', reason, 1]);
    await gone;
  });

  it('while it pauses before a retry', async () => {
    const controller = new AbortController();
    const server = await keep(
      httpServer((_, response) => void response.writeHead(503, { 'retry-after': '3600' }).end('{}')),
    );
    const startedAt = performance.now();
    const error = await failure(
      server,
      'GET',
      { signal: controller.signal },
      {
        retry: { maxRetries: 3, baseDelayMs: 3_600_000, maxDelayMs: 7_200_000 },
        hooks: { onRetry: () => controller.abort(reason) },
      },
    );
    expect([error.code, error.outcome, error.cause, server.requests]).toEqual([
      'ABORTED',
      'unknown',
      reason,
      1,
    ]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leaves no listener on a signal that is used again and again', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        response.writeHead(nth % 3 === 0 ? 503 : 200, JSON_TYPE).end('{}');
      }),
    );
    const { signal } = new AbortController();
    const transport = transportTo(server);
    for (let round = 0; round < 50; round++) {
      // Some calls draw four refusals in a row and fail; that must leave no listener either.
      await Promise.allSettled(
        Array.from({ length: 10 }, () => transport.request('GET', '/v1/thing', { signal })),
      );
    }
    expect(server.requests).toBeGreaterThan(500);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('50,000 calls on one signal', () => {
  it('leave no listener, no timer and no warning', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    let pending = 0;
    const clock = {
      now: () => performance.now(),
      wallNow: () => Date.now(),
      random: () => 0.5,
      defer: (callback: () => void) => void setImmediate(callback),
      setTimer: (callback: () => void, ms: number) => {
        pending++;
        return setTimeout(() => {
          pending--;
          callback();
        }, ms);
      },
      clearTimer: (handle: unknown) => {
        pending--;
        clearTimeout(handle as NodeJS.Timeout);
      },
    };
    const answer = new Response(null, { status: 204 });
    const fetch = (async () => answer) as typeof globalThis.fetch;
    const transport = new HttpTransport({ apiKey: KEY, fetch, clock });
    const { signal } = new AbortController();
    let most = 0;
    for (let round = 0; round < 500; round++) {
      const calls = Array.from({ length: 100 }, () =>
        transport.request('GET', '/v1/thing', { signal, deadlineMs: 60_000 }),
      );
      most = Math.max(most, getEventListeners(signal, 'abort').length);
      await Promise.all(calls);
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(most).toBeLessThanOrEqual(100);
    expect(pending).toBe(0);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  }, 60_000);
});

describe('arguments that cannot be right', () => {
  const transport = new HttpTransport({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9' });
  it.each<[string, HttpRequestOptions]>([
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['deadlineMs', { deadlineMs: '5' as never }],
    ['signal', { signal: {} as never }],
    ['idempotencyKey', { idempotencyKey: 'short' }],
    ['headers', { headers: { Authorization: 'Bearer x' } }],
    ['headers', { headers: { 'x-a': 'line\nbreak' } }],
    ['body', { body: 10n }],
    ['timeout', { timeout: 5 } as never],
  ])('name the field: %s', async (field, options) => {
    const error = await transport.request('POST', '/v1/thing', options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).field).toBe(field);
    expect((error as ValidationError).outcome).toBe('not_sent');
  });
});

/** Waits for a request, writes an answer byte by byte as given, and ends or cuts the connection. */
function answerByHand(socket: Socket, text: string, after: 'end' | 'cut' = 'end'): void {
  socket.once('data', () => {
    socket.write(text, () => (after === 'end' ? socket.end() : socket.destroy()));
  });
}
