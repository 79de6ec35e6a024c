import { describe, expect, it } from 'vitest';
import type { AgentChatClientError } from '../../src/errors/index.js';
import { HttpTransport, type RequestHooks } from '../../src/http/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { json, refusal, scriptedFetch } from './fake-fetch.js';

const NAMES = ['onRequest', 'onResponse', 'onError', 'onRetry'] as const;

function run(hooks: RequestHooks) {
  const clock = new VirtualClock();
  const { fetch, seen } = scriptedFetch(
    refusal(503, 'INTERNAL_ERROR', { 'x-request-id': 'req_1' }, { why: { deep: 1 } }),
    json({ ok: true }, 200, { 'x-request-id': 'req_2' }),
  );
  const transport = new HttpTransport({ apiKey: 'ac_live_test_key', fetch, clock, hooks });
  return { clock, seen, call: transport.request('GET', '/v1/thing', { query: { a: 1, b: undefined } }) };
}

describe('hooks', () => {
  it('are told of each attempt and pause, in order', async () => {
    const told: [string, Record<string, unknown>][] = [];
    const hooks = Object.fromEntries(
      NAMES.map((name) => [name, (info: object) => void told.push([name, { ...info }])]),
    );
    const { clock, call } = run(hooks);
    await clock.advance(1_000);
    await call;
    expect(told.map(([name, { attempt, status }]) => [name, attempt, status])).toEqual([
      ['onRequest', 1, undefined],
      ['onError', 1, 503],
      ['onRetry', 1, 503],
      ['onRequest', 2, undefined],
      ['onResponse', 2, 200],
    ]);
    for (const [, info] of told) {
      expect(info).toMatchObject({ method: 'GET', url: 'https://api.agentchat.me/v1/thing?a=1' });
      expect((info.headers as Record<string, string>).Authorization).toBe('Bearer ***');
    }
    expect(told[2]?.[1].delayMs).toBeGreaterThan(180);
    expect(told[1]?.[1].error).toMatchObject({
      code: 'INTERNAL_ERROR',
      requestId: 'req_1',
      name: 'ServerError',
    });
    expect(told[4]?.[1]).toMatchObject({ requestId: 'req_2', durationMs: 0 });
  });

  const disturbers: [string, (info: Record<string, unknown>) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('hook');
      },
    ],
    [
      'throws nothing',
      () => {
        throw undefined;
      },
    ],
    ['rejects', () => Promise.reject(new Error('hook'))],
    ['never settles', () => new Promise(() => {})],
    [
      'returns a trap',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: this is what is tested.
        get then() {
          throw new Error('trap');
        },
      }),
    ],
    [
      'returns a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: this is what is tested.
        then() {
          throw new Error('trap');
        },
      }),
    ],
    [
      'changes everything',
      (info) => {
        const headers = info.headers as Record<string, string>;
        headers.Authorization = 'Bearer stolen';
        headers['X-Evil'] = '1';
        const error = info.error as { message: string; details?: { why: { deep: number } } } | undefined;
        if (error?.details !== undefined) {
          error.message = 'changed';
          error.details.why.deep = 2;
        }
        Object.assign(info, { url: 'http://evil', method: 'DELETE', attempt: 99, delayMs: 1e9, status: 418 });
      },
    ],
  ];

  it.each(disturbers)('change nothing: a hook that %s', async (_, hook) => {
    const { clock, seen, call } = run(Object.fromEntries(NAMES.map((name) => [name, hook])) as RequestHooks);
    await clock.advance(1_000);
    expect(await call).toMatchObject({ data: { ok: true }, attempts: 2 });
    expect(seen).toHaveLength(2);
    for (const { url, method, headers } of seen) {
      expect([url, method]).toEqual(['https://api.agentchat.me/v1/thing?a=1', 'GET']);
      expect(headers.Authorization).toBe('Bearer ac_live_test_key');
      expect(headers).not.toHaveProperty('X-Evil');
    }
  });

  it('do not reach the error that the caller gets', async () => {
    const clock = new VirtualClock();
    const { fetch } = scriptedFetch(refusal(403, 'FORBIDDEN', {}, { why: { deep: 1 } }));
    const disturber = disturbers.at(-1)?.[1] as RequestHooks['onError'] & object;
    const transport = new HttpTransport({
      apiKey: 'ac_live_test_key',
      fetch,
      clock,
      hooks: { onError: disturber },
    });
    const error = (await transport
      .request('GET', '/v1/thing')
      .catch((caught: unknown) => caught)) as AgentChatClientError;
    expect(error.message).not.toContain('changed');
    expect(error.details).toEqual({ why: { deep: 1 } });
    expect(error.status).toBe(403);
  });

  it('cannot be changed behind the back of a transport', async () => {
    const hooks: RequestHooks = {};
    const { clock, call } = run(hooks);
    let told = 0;
    hooks.onRequest = () => void told++;
    await clock.advance(1_000);
    await call;
    expect(told).toBe(0);
  });

  it('see no header that lets somebody in', async () => {
    let seen: Record<string, string> = {};
    const { fetch } = scriptedFetch(json({}));
    const hooks: RequestHooks = {
      onRequest: ({ headers }) => {
        seen = headers;
      },
    };
    const headers = {
      'Proxy-Authorization': 'Basic S3cret',
      cookie: 'S3cret',
      'X-Api-Key': 'S3cret',
      'X-A': '1',
    };
    await new HttpTransport({ apiKey: 'ac_live_test_key', fetch, hooks }).request('GET', '/v1/x', {
      headers,
    });
    expect(JSON.stringify(seen)).not.toContain('S3cret');
    expect(seen['X-A']).toBe('1');
  });
});
