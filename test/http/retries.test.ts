import { describe, expect, it } from 'vitest';
import { AgentChatClientError, RateLimitedError } from '../../src/errors/index.js';
import type { HttpRequestOptions } from '../../src/http/prepare.js';
import { HttpTransport } from '../../src/http/transport.js';
import type { HttpTransportOptions } from '../../src/http/transport-options.js';
import type { HttpMethod } from '../../src/wire/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import {
  deafSilence,
  json,
  networkFailure,
  refusal,
  type Step,
  scriptedFetch,
  silence,
} from './fake-fetch.js';

function setUp(steps: Step[], options: HttpTransportOptions = {}) {
  const clock = new VirtualClock();
  const { fetch, seen } = scriptedFetch(...steps);
  const transport = new HttpTransport({ apiKey: 'ac_live_test_key', fetch, clock, ...options });
  /** Makes a request and lets time pass until it is over. */
  const call = async (method: HttpMethod = 'GET', more: HttpRequestOptions = {}) => {
    const startedAt = clock.now();
    let over = false;
    const settled = transport.request(method, '/v1/thing', more).then(
      (response) => ({ response, error: undefined }),
      (error: unknown) => {
        expect(error).toBeInstanceOf(AgentChatClientError);
        return { response: undefined, error: error as AgentChatClientError };
      },
    );
    const end = settled.finally(() => {
      over = true;
    });
    await clock.advanceUntil(() => over);
    return { ...(await end), tookMs: clock.now() - startedAt, attempts: seen.length };
  };
  return { clock, seen, call, transport };
}

describe('retries', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('repeats a GET after %d', async (status) => {
    const { call } = setUp([refusal(status, 'X_UNKNOWN'), json({ fine: true })]);
    const { response, attempts, tookMs } = await call();
    expect(response?.data).toEqual({ fine: true });
    expect(response?.attempts).toBe(2);
    expect(attempts).toBe(2);
    expect(tookMs).toBeGreaterThanOrEqual(187);
    expect(tookMs).toBeLessThanOrEqual(313);
  });

  it.each([400, 401, 403, 404, 409, 410, 413, 418, 422, 501, 505])(
    'does not repeat after %d',
    async (status) => {
      const { call } = setUp([refusal(status, 'X_UNKNOWN')]);
      const { error, attempts } = await call();
      expect(error?.status).toBe(status);
      expect(attempts).toBe(1);
    },
  );

  it('repeats after a failure of the network, and makes 1 + 3 attempts', async () => {
    const { call } = setUp([networkFailure()]);
    const { error, attempts, tookMs } = await call();
    expect(error?.code).toBe('CONNECTION_ERROR');
    expect(attempts).toBe(4);
    // 250 + 500 + 1000, a quarter either way
    expect(tookMs).toBeGreaterThanOrEqual(1_750 * 0.75 - 2);
    expect(tookMs).toBeLessThanOrEqual(1_750 * 1.25 + 2);
  });

  it.each(['RECIPIENT_BACKLOGGED', 'AWAITING_REPLY', 'COLD_CAP_EXCEEDED', 'EMAIL_EXHAUSTED'])(
    'never repeats %s, whatever the status',
    async (code) => {
      for (const status of [403, 429, 503]) {
        const { call } = setUp([refusal(status, code, { 'retry-after': '1' })]);
        const { error, attempts } = await call();
        expect(error?.code).toBe(code);
        expect(attempts, String(status)).toBe(1);
      }
    },
  );

  it.each<[HttpMethod, number]>([
    ['GET', 4],
    ['PUT', 4],
    ['DELETE', 4],
    ['POST', 1],
    ['PATCH', 1],
  ])('makes of a failing %s %d attempts', async (method, expected) => {
    expect((await setUp([refusal(503, 'INTERNAL_ERROR')]).call(method)).attempts).toBe(expected);
  });

  it('repeats a POST that has an idempotency key, with the same key and body', async () => {
    const { call, seen } = setUp([
      networkFailure(),
      refusal(409, 'IDEMPOTENT_IN_PROGRESS'),
      json({ ok: true }),
    ]);
    // Short ones are the service's to refuse.
    const { response } = await call('POST', { idempotencyKey: 'key-1', body: { n: 1 } });
    expect(response?.attempts).toBe(3);
    expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['{"n":1}']));
    expect(new Set(seen.map(({ headers }) => headers['Idempotency-Key']))).toEqual(new Set(['key-1']));
  });

  it('does what the call says: never, always, another policy', async () => {
    const failing = [refusal(503, 'INTERNAL_ERROR')];
    expect((await setUp(failing).call('GET', { retry: 'never' })).attempts).toBe(1);
    expect((await setUp(failing).call('POST', { retry: 'always' })).attempts).toBe(4);
    const policy = { maxRetries: 1, baseDelayMs: 10_000, maxDelayMs: 10_000 };
    const { attempts, tookMs } = await setUp(failing).call('GET', { retry: policy });
    expect(attempts).toBe(2);
    expect(tookMs).toBeGreaterThanOrEqual(7_500);
    expect((await setUp(failing).call('POST', { retry: policy })).attempts).toBe(2);
    expect((await setUp(failing).call('POST', { retry: 'auto' })).attempts).toBe(4);
    expect((await setUp(failing).call('POST')).attempts).toBe(1);
    expect((await setUp(failing, { retry: { maxRetries: 0 } }).call()).attempts).toBe(1);
  });

  it('keeps p-retry from eating a TypeError of fetch', async () => {
    const odd: Step = () => {
      throw new TypeError('something that no runtime says');
    };
    const { call } = setUp([odd, json({ ok: true })]);
    expect((await call()).response?.attempts).toBe(2);
  });

  it.each([undefined, null, 'text', 7, Object.create(null), () => {}])(
    'copes with a fetch that throws %s',
    async (thrown) => {
      const { call } = setUp([
        () => {
          throw thrown;
        },
      ]);
      expect((await call()).error?.code).toBe('CONNECTION_ERROR');
    },
  );

  it('copes with a fetch that resolves to nothing', async () => {
    const { call } = setUp([() => undefined as never]);
    expect((await call('GET', { retry: 'never' })).error?.code).toBe('CONNECTION_ERROR');
  });
});

/** RATE-1: never less than what was asked for, and a little more, so that those who were refused together do not return together. */
function expectPause(tookMs: number, hintMs: number): void {
  expect(tookMs).toBeGreaterThanOrEqual(hintMs);
  expect(tookMs).toBeLessThanOrEqual(hintMs + Math.min(hintMs / 4, 1_000));
}

describe('Retry-After', () => {
  it.each(['1', '2', '7', '8'])('is never undercut: %s s', async (seconds) => {
    const { call } = setUp([refusal(429, 'RATE_LIMITED', { 'retry-after': seconds }), json({ ok: true })]);
    const { response, tookMs } = await call();
    expect(response?.attempts).toBe(2);
    expectPause(tookMs, Number(seconds) * 1_000);
  });

  it.each(['9', '90', '3600', '2147483', '2147484', '2147483647', '2147483648', '100000000000000000000'])(
    'fails at once when it is longer than the budget: %s s',
    async (seconds) => {
      const { call, clock } = setUp([refusal(429, 'RATE_LIMITED', { 'retry-after': seconds })]);
      const { error, attempts, tookMs } = await call();
      expect(error).toBeInstanceOf(RateLimitedError);
      expect(error?.retryAfterMs).toBe(Math.min(Number(seconds) * 1_000, Number.MAX_SAFE_INTEGER));
      expect(attempts).toBe(1);
      expect(tookMs).toBe(0);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('may be a date, read against the clock of the answer', async () => {
    const clock = new VirtualClock({ wallStart: Date.UTC(2020, 0, 1) });
    const { fetch } = scriptedFetch(
      refusal(503, 'INTERNAL_ERROR', {
        date: 'Sat, 21 Nov 2026 12:00:00 GMT',
        'retry-after': 'Sat, 21 Nov 2026 12:00:05 GMT',
      }),
      json({ ok: true }),
    );
    const transport = new HttpTransport({ apiKey: 'ac_live_test_key', fetch, clock });
    const response = transport.request('GET', '/v1/thing');
    await clock.advance(4_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    expect((await response).attempts).toBe(2);
  });

  it.each(['1.5', '60s', '-1', 'soon', ''])('is ignored when it is malformed: %j', async (raw) => {
    const { call } = setUp([refusal(429, 'RATE_LIMITED', { 'retry-after': raw }), json({ ok: true })]);
    const { response, tookMs } = await call();
    expect(response?.attempts).toBe(2);
    expect(tookMs).toBeLessThan(400);
  });

  it('may stand in the body instead', async () => {
    const { call } = setUp([refusal(429, 'RATE_LIMITED', {}, { retry_after_ms: 3_000 }), json({ ok: true })]);
    expectPause((await call()).tookMs, 3_000);
    const long = setUp([refusal(429, 'RATE_LIMITED', {}, { retry_after_ms: 30_000 })]);
    const { error, attempts } = await long.call();
    expect([error?.retryAfterMs, attempts]).toEqual([30_000, 1]);
  });

  it('reaches as far as the policy allows, also beyond what a timer can hold', async () => {
    const steps = [refusal(429, 'RATE_LIMITED', { 'retry-after': '2592000' }), json({ ok: true })];
    const { transport, clock } = setUp(steps, { retry: { maxDelayMs: 60 * 86_400_000 } });
    const call = transport.request('GET', '/v1/thing');
    await clock.advance(2_592_000_000 - 1);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1_000);
    expect((await call).attempts).toBe(2);
  });
});

describe('the three clocks', () => {
  it('ends an attempt after 30 s by default, and repeats it', async () => {
    const { call } = setUp([silence, json({ ok: true })]);
    const { response, tookMs } = await call();
    expect(response?.attempts).toBe(2);
    expect(tookMs).toBeGreaterThanOrEqual(30_187);
    expect(tookMs).toBeLessThanOrEqual(30_313);
  });

  it('ends an attempt whose fetch does not listen to its signal', async () => {
    const { call } = setUp([deafSilence]);
    const { error, tookMs } = await call('POST', { timeoutMs: 500 });
    expect([error?.code, error?.outcome, tookMs]).toEqual(['TIMEOUT', 'unknown', 500]);
  });

  it('lets go of an answer that comes after the attempt has ended', async () => {
    let cancelled = false;
    let answer: (response: Response) => void = () => {};
    const { call, clock } = setUp([
      () =>
        new Promise<Response>((resolve) => {
          answer = resolve;
        }),
    ]);
    await call('POST', { timeoutMs: 500 });
    answer(
      new Response(
        new ReadableStream({
          cancel() {
            cancelled = true;
          },
        }),
      ),
    );
    await clock.settle();
    expect(cancelled).toBe(true);
  });

  it('ends an attempt whose body stalls, also when the body does not listen', async () => {
    const stalled: Step = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const { call } = setUp([stalled]);
    const { error, tookMs } = await call('POST', { timeoutMs: 500 });
    expect([error?.code, error?.status, error?.outcome, tookMs]).toEqual(['TIMEOUT', 200, 'unknown', 500]);
  });

  it('gives up a request that is aborted while it is being made', async () => {
    const controller = new AbortController();
    let given: AbortSignal | null | undefined;
    const { call } = setUp([
      ({ init }) => {
        given = init.signal;
        controller.abort();
        return new Promise(() => {});
      },
    ]);
    expect((await call('POST', { signal: controller.signal })).error?.code).toBe('ABORTED');
    expect(given?.aborted).toBe(true);
  });

  it('tells a body that does not listen to signals that nobody reads it any more', async () => {
    let cancelled = false;
    const body = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel() {
        cancelled = true;
      },
    });
    const { call } = setUp([() => new Response(body)]);
    expect((await call('POST', { timeoutMs: 500 })).error?.code).toBe('TIMEOUT');
    expect(cancelled).toBe(true);
  });

  it.each([0, Number.POSITIVE_INFINITY])('has no limit with timeoutMs %d', async (timeoutMs) => {
    const { transport, clock } = setUp([deafSilence]);
    const controller = new AbortController();
    const call = transport.request('GET', '/v1/thing', { timeoutMs, signal: controller.signal });
    call.catch(() => {});
    await clock.advance(365 * 86_400_000);
    expect(clock.pendingTimers).toBe(0);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it.each([2 ** 31, 2 ** 40])('takes timeoutMs and deadlineMs of %d for what they are', async (ms) => {
    const { transport, clock } = setUp([
      () => new Promise((resolve) => setTimeout(() => resolve(new Response('{}')), 5)),
    ]);
    const call = transport.request('GET', '/v1/thing', { timeoutMs: ms, deadlineMs: ms });
    expect((await call).data).toEqual({});
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the call at its deadline, in an attempt', async () => {
    const { call } = setUp([silence]);
    const { error, tookMs, attempts } = await call('GET', { deadlineMs: 1_000 });
    expect([error?.code, error?.retryable, tookMs, attempts]).toEqual(['TIMEOUT', false, 1_000, 1]);
    expect(error?.message).toContain('1000 ms ("deadlineMs")');
  });

  it('runs the deadline over all attempts', async () => {
    const { call } = setUp([silence]);
    const { error, tookMs, attempts } = await call('GET', { timeoutMs: 400, deadlineMs: 1_000 });
    expect([error?.code, tookMs, attempts]).toEqual(['TIMEOUT', 1_000, 2]);
  });

  it('fails at once with what is known when the deadline falls into the next pause', async () => {
    const { call } = setUp([refusal(503, 'INTERNAL_ERROR', { 'retry-after': '5' })]);
    const { error, tookMs, attempts } = await call('GET', { deadlineMs: 4_000 });
    expect([error?.status, error?.retryAfterMs, tookMs, attempts]).toEqual([503, 5_000, 0, 1]);
  });

  it('uses the deadline of the transport where the call has none', async () => {
    const { call } = setUp([silence], { deadlineMs: 100 });
    expect((await call()).tookMs).toBe(100);
    expect((await setUp([silence], { deadlineMs: 100 }).call('POST', { deadlineMs: 0 })).tookMs).toBe(30_000);
  });
});

describe('outcome', () => {
  it.each([
    ['a connection that never stood', networkFailure('ECONNREFUSED', { syscall: 'connect' }), 'not_sent'],
    ['a name that is not found', networkFailure('ENOTFOUND', { syscall: 'getaddrinfo' }), 'not_sent'],
    ['a connection that broke', networkFailure('ECONNRESET'), 'unknown'],
    ['a refusal', refusal(403, 'FORBIDDEN'), 'rejected'],
    ['a rate limit', refusal(429, 'RATE_LIMITED', { 'retry-after': '60' }), 'rejected'],
    ['a server error', refusal(500, 'INTERNAL_ERROR'), 'unknown'],
    ['silence', silence, 'unknown'],
    ['a success that cannot be read', () => new Response('<html>'), 'unknown'],
  ] as const)('of %s', async (_, step, outcome) => {
    expect((await setUp([step]).call('POST')).error?.outcome).toBe(outcome);
  });

  it.each([
    [['ECONNREFUSED', 'ENETUNREACH'], 'not_sent'],
    [['ECONNREFUSED', 'ECONNRESET'], 'unknown'],
    [[], 'unknown'],
  ])('of several addresses of one host that failed with %j', async (codes, outcome) => {
    const failures = codes.map((code) => Object.assign(new Error(code), { code }));
    const step: Step = () => {
      throw new TypeError('fetch failed', { cause: new AggregateError(failures) });
    };
    expect((await setUp([step]).call('POST')).error?.outcome).toBe(outcome);
  });

  it('stays unknown once an attempt may have been carried out', async () => {
    const refused = networkFailure('ECONNREFUSED', { syscall: 'connect' });
    for (const last of [refused, refusal(403, 'FORBIDDEN')]) {
      const { call } = setUp([networkFailure('ECONNRESET'), last]);
      expect((await call('POST', { idempotencyKey: 'key-0001' })).error?.outcome).toBe('unknown');
    }
    const { call } = setUp([refused]);
    expect((await call('POST', { idempotencyKey: 'key-0001' })).error?.outcome).toBe('not_sent');
  });
});

describe('the apiKey function', () => {
  const isKey =
    (key: string): Step =>
    ({ init }) =>
      (init.headers as Record<string, string>).Authorization === `Bearer ${key}`
        ? Response.json({ ok: true })
        : Response.json({ code: 'UNAUTHORIZED', message: 'no' }, { status: 401 });

  it('is asked before each attempt', async () => {
    let asked = 0;
    const { call, seen } = setUp([refusal(503, 'INTERNAL_ERROR'), json({})], {
      apiKey: () => `ac_live_number_${++asked}`,
    });
    await call();
    expect(seen.map(({ headers }) => headers.Authorization)).toEqual([
      'Bearer ac_live_number_1',
      'Bearer ac_live_number_2',
    ]);
  });

  it('is asked once more after a refusal, and another key is tried at once, for any method', async () => {
    const keys = ['ac_live_old_key', 'ac_live_new_key'];
    const { call, seen } = setUp([isKey('ac_live_new_key')], {
      apiKey: async () => keys.shift() ?? 'ac_live_new_key',
    });
    const { response, tookMs } = await call('POST');
    expect(response?.data).toEqual({ ok: true });
    expect([seen.length, tookMs]).toEqual([2, 0]);
  });

  it('does not send the same refused key twice', async () => {
    let asked = 0;
    const { call, seen } = setUp([isKey('ac_live_new_key')], {
      apiKey: () => {
        asked++;
        return 'ac_live_old_key';
      },
    });
    const { error } = await call();
    expect([error?.code, error?.status, seen.length, asked]).toEqual(['UNAUTHORIZED', 401, 1, 2]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('vault is shut');
      },
    ],
    ['rejects', () => Promise.reject(new Error('vault is shut'))],
    ['gives nothing', () => undefined as never],
    ['gives a number', () => 7 as never],
    ['gives a key with a line break inside', () => 'ac_live\nx'],
  ])('that %s is an error before anything is sent', async (_, apiKey) => {
    const { call, seen } = setUp([json({})], { apiKey });
    const { error } = await call('POST');
    expect([error?.code, error?.outcome, seen.length]).toEqual(['CONNECTION_ERROR', 'not_sent', 0]);
    expect(error?.message).toContain('"apiKey" function');
  });

  it('that answers after the call has ended sends nothing', async () => {
    let give: (key: string) => void = () => {};
    const { transport, clock, seen } = setUp([json({})], {
      apiKey: () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    });
    const controller = new AbortController();
    const call = transport.request('GET', '/v1/thing', { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'ABORTED', outcome: 'not_sent' });
    give('ac_live_late_key');
    await clock.settle();
    expect(seen).toEqual([]);
  });

  it('that hangs is bounded by the attempt', async () => {
    const { call, seen } = setUp([json({})], { apiKey: () => new Promise<string>(() => {}) });
    const { error, tookMs } = await call('POST');
    expect([error?.code, error?.outcome, tookMs, seen.length]).toEqual(['TIMEOUT', 'not_sent', 30_000, 0]);
  });
});
