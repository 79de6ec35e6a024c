import { describe, expect, it } from 'vitest';
import { RateLimitedError, ServerError, TimeoutError } from '../../src/errors/index.js';
import { CARRIERS, faultsWith, JSON_TYPE } from './fault-harness.js';
import { httpServer } from './raw-server.js';

const DATE = 'Sat, 21 Nov 2026 12:00:00 GMT';
const PATIENT = { retry: { maxRetries: 3, baseDelayMs: 1, maxDelayMs: 8_000 } };

/** A server that refuses once, with these headers, and notes when it was asked. */
function refusingOnce(status: number, headers: Record<string, string>, askedAt: number[] = []) {
  return httpServer((_, response, nth) => {
    askedAt.push(performance.now());
    if (nth > 1) response.writeHead(200, JSON_TYPE).end('{}');
    else response.writeHead(status, { ...JSON_TYPE, ...headers }).end('{"code":"X_NEW","message":"no"}');
  });
}

describe.each(CARRIERS)('Retry-After, over $carrier', ({ fetch }) => {
  const { keep, transportTo, failure } = faultsWith(fetch);

  it.each([
    ['seconds', 429, { 'retry-after': '1' }],
    ['seconds with white space', 503, { 'retry-after': ' 1\t' }],
    ['a date', 503, { date: DATE, 'retry-after': 'Sat, 21 Nov 2026 12:00:01 GMT' }],
    ['a date as of RFC 850', 429, { date: DATE, 'retry-after': 'Saturday, 21-Nov-26 12:00:01 GMT' }],
    ['a date of asctime', 429, { date: DATE, 'retry-after': 'Sat Nov 21 12:00:01 2026' }],
  ])('is never undercut: %s', async (_, status, headers) => {
    const askedAt: number[] = [];
    const server = await keep(refusingOnce(status, headers, askedAt));
    expect((await transportTo(server, PATIENT).request('GET', '/v1/thing')).attempts).toBe(2);
    const [first = 0, second = 0] = askedAt;
    // A timer may fire a fraction of a millisecond early, and the clocks of both sides are read at different moments.
    expect(second - first).toBeGreaterThanOrEqual(995);
  });

  it.each([
    ['9', 9_000],
    ['3600', 3_600_000],
    ['2147483647', 2_147_483_647_000],
    ['2147483648', 2_147_483_648_000],
    ['100000000000000000000', Number.MAX_SAFE_INTEGER],
    ['Sat, 21 Nov 2026 13:00:00 GMT', 3_600_000],
    ['Saturday, 21-Nov-26 13:00:00 GMT', 3_600_000],
    ['Sat Nov 21 13:00:00 2026', 3_600_000],
  ])('that is longer than the budget fails at once: %s', async (hint, retryAfterMs) => {
    const server = await keep(refusingOnce(429, { date: DATE, 'retry-after': hint }));
    const error = await failure(server, 'GET', {}, PATIENT);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect([error.retryAfterMs, server.requests]).toEqual([retryAfterMs, 1]);
  });

  it.each(['1.5', '60s', '-1', '1e3', '0x10', 'soon', 'Sat, 21 Nov 2026', '2026-11-21T12:00:09Z', '1, 2'])(
    'that is malformed is no hint: %s',
    async (hint) => {
      const server = await keep(refusingOnce(503, { date: DATE, 'retry-after': hint }));
      expect((await transportTo(server, PATIENT).request('GET', '/v1/thing')).attempts).toBe(2);
    },
  );

  it('of a call that is not repeated is passed on', async () => {
    const server = await keep(refusingOnce(429, { 'retry-after': '1' }));
    const error = await failure(server, 'POST', {}, PATIENT);
    expect([error.retryAfterMs, error.outcome, server.requests]).toEqual([1_000, 'rejected', 1]);
  });
});

describe.each(CARRIERS)('the deadline of a call, over $carrier', ({ fetch }) => {
  const { keep, failure } = faultsWith(fetch);

  it.each<[string, Record<string, string>, object]>([
    ['that the service asks for', { 'retry-after': '2' }, PATIENT],
    ['of our own', {}, { retry: { maxRetries: 3, baseDelayMs: 4_000, maxDelayMs: 8_000 } }],
  ])('inside of a pause %s fails at once, with what is known', async (_, headers, options) => {
    const server = await keep(refusingOnce(503, headers));
    const startedAt = performance.now();
    const error = await failure(server, 'GET', { deadlineMs: 1_500 }, options);
    expect(error).toBeInstanceOf(ServerError);
    expect([error.status, error.requestId, server.requests]).toEqual([503, 'req_7', 1]);
    expect(performance.now() - startedAt).toBeLessThan(1_400);
  });

  it('runs on through pauses and attempts', async () => {
    const server = await keep(
      httpServer((_, response, nth) => {
        if (nth === 1) response.writeHead(503).end();
      }),
    );
    const startedAt = performance.now();
    const error = await failure(server, 'GET', { deadlineMs: 400, timeoutMs: 60_000 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect([error.retryable, error.outcome, server.requests]).toEqual([false, 'unknown', 2]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(395);
  });
});
