import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HttpTransport } from '../../src/http/index.js';
import { CARRIERS, faultsWith, JSON_TYPE, KEY } from './fault-harness.js';
import { httpServer } from './raw-server.js';

describe.each(CARRIERS)('abort, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);
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
        gone = ended(request.socket);
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
        gone = ended(request.socket);
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

/** Resolves when a connection has come to its end, in whichever way. */
function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}
