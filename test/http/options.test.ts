import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import {
  detectRuntime,
  type HttpRequestOptions,
  HttpTransport,
  type HttpTransportOptions,
  resolveApiKeySource,
  resolveBaseUrl,
  userAgent,
  WireCheck,
  type WireMismatch,
} from '../../src/http/index.js';
import { nearestName } from '../../src/http/option-names.js';
import { VERSION } from '../../src/version.js';
import { syncAckResponseSchema } from '../../src/wire/index.js';
import { json, scriptedFetch } from './fake-fetch.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

function caught(run: () => unknown): ValidationError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    return error as ValidationError;
  }
  throw new Error('nothing was thrown');
}

describe('the base URL', () => {
  it.each([
    ['https://api.agentchat.me', 'https://api.agentchat.me'],
    ['https://api.agentchat.me/', 'https://api.agentchat.me'],
    ['http://127.0.0.1:8080///', 'http://127.0.0.1:8080'],
    ['https://example.com/agentchat/', 'https://example.com/agentchat'],
    ['https://example.com/a/b//', 'https://example.com/a/b'],
    ['wss://api.agentchat.me', 'https://api.agentchat.me'],
    ['ws://localhost:3000/x/', 'http://localhost:3000/x'],
    ['  http://localhost  ', 'http://localhost'],
    ['http://[::1]:80', 'http://[::1]'],
  ])('%s becomes %s', (given, expected) => expect(resolveBaseUrl(given)).toBe(expected));

  it.each([
    '',
    'api.agentchat.me',
    '/v1',
    'ftp://example.com',
    'file:///x',
    'https://u:p@example.com',
    'https://x.y?z=1',
    'https://x.y#z',
    7,
    null,
  ])('refuses %j', (given) => expect(caught(() => resolveBaseUrl(given as never)).field).toBe('baseUrl'));

  it('comes from the environment, else it is the service itself', () => {
    vi.stubEnv('AGENTCHAT_BASE_URL', undefined);
    expect(new HttpTransport().baseUrl).toBe('https://api.agentchat.me');
    vi.stubEnv('AGENTCHAT_BASE_URL', 'ws://127.0.0.1:9/');
    expect(new HttpTransport().baseUrl).toBe('http://127.0.0.1:9');
    expect(new HttpTransport({ baseUrl: 'http://localhost' }).baseUrl).toBe('http://localhost');
    vi.stubEnv('AGENTCHAT_BASE_URL', 'nonsense');
    expect(caught(() => new HttpTransport()).message).toContain('AGENTCHAT_BASE_URL');
  });

  it('comes from the variable of the official tools as well, and two places are an error', () => {
    vi.stubEnv('AGENTCHAT_BASE_URL', undefined);
    vi.stubEnv('AGENTCHAT_API_BASE', 'http://127.0.0.1:9');
    expect(new HttpTransport().baseUrl).toBe('http://127.0.0.1:9');
    vi.stubEnv('AGENTCHAT_BASE_URL', 'ws://127.0.0.1:9/');
    expect(new HttpTransport().baseUrl).toBe('http://127.0.0.1:9');
    vi.stubEnv('AGENTCHAT_BASE_URL', 'http://127.0.0.1:8');
    const conflict = caught(() => new HttpTransport());
    expect(conflict.field).toBe('baseUrl');
    expect(conflict.message).toMatch(/AGENTCHAT_BASE_URL and AGENTCHAT_API_BASE .*unset one/);
    // The option settles it.
    expect(new HttpTransport({ baseUrl: 'http://localhost' }).baseUrl).toBe('http://localhost');
    vi.stubEnv('AGENTCHAT_BASE_URL', undefined);
    vi.stubEnv('AGENTCHAT_API_BASE', 'nonsense');
    expect(caught(() => new HttpTransport()).message).toContain('AGENTCHAT_API_BASE must be');
  });

  it('is where requests go, with its prefix', async () => {
    const { fetch, seen } = scriptedFetch(json({}));
    await new HttpTransport({ baseUrl: 'wss://example.com/chat/', fetch }).request('GET', '/v1/x', {
      auth: 'none',
    });
    expect(seen[0]?.url).toBe('https://example.com/chat/v1/x');
  });
});

describe('the key', () => {
  it('comes from the option, else from the environment; without one the error names both', () => {
    vi.stubEnv('AGENTCHAT_API_KEY', undefined);
    const { message, field } = caught(() => resolveApiKeySource(undefined));
    expect(field).toBe('apiKey');
    expect(message).toContain('"apiKey"');
    expect(message).toContain('AGENTCHAT_API_KEY');
    vi.stubEnv('AGENTCHAT_API_KEY', ' ac_live_from_env\n');
    expect(resolveApiKeySource(undefined)).toBe('ac_live_from_env');
    expect(resolveApiKeySource('ac_live_given')).toBe('ac_live_given');
  });

  it('is not looked for where there is no environment, or where it may not be read', () => {
    vi.stubEnv('AGENTCHAT_API_KEY', undefined);
    for (const process of [
      undefined,
      {},
      { env: undefined },
      {
        get env() {
          throw new Error('permission');
        },
      },
    ]) {
      vi.stubGlobal('process', process);
      expect(() => resolveApiKeySource(undefined)).toThrow(ValidationError);
      vi.unstubAllGlobals();
    }
  });

  it.each(['', '  ', 'two words', 'line\nbreak', 'ümlaut', 7, {}, null])('refuses %j', (key) => {
    expect(caught(() => resolveApiKeySource(key as never)).field).toBe('apiKey');
  });

  it('is asked for by an endpoint that needs one, not by one that does not', async () => {
    const { fetch, seen } = scriptedFetch(json({ code: 'X', message: 'y' }, 400));
    const transport = new HttpTransport({ fetch });
    await expect(transport.call('getMe')).rejects.toMatchObject({ field: 'apiKey' });
    await expect(transport.call('getAgent', { params: { handle: '@Alice' } })).rejects.toMatchObject({
      status: 400,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url).toMatch(/\/v1\/agents\/alice$/);
    expect(seen[0]?.headers).not.toHaveProperty('Authorization');
  });
});

describe('options', () => {
  it.each([
    ['timeout', 'timeoutMs'],
    ['apikey', 'apiKey'],
    ['api_key', 'apiKey'],
    ['baseURL', 'baseUrl'],
    ['retires', 'retry'],
    ['onWireMissmatch', 'onWireMismatch'],
    ['deadline', 'deadlineMs'],
  ])('%s is unknown, and %s is offered', (given, meant) => {
    const { message, field } = caught(() => new HttpTransport({ [given]: 1 } as never));
    expect(field).toBe(given);
    expect(message).toContain(`"${given}"`);
    expect(message).toContain(`"${meant}"`);
  });

  it('lists the valid names when none is near', () => {
    expect(caught(() => new HttpTransport({ zzzzzz: 1 } as never)).message).toContain('baseUrl');
    expect(nearestName('zzzzzz', ['apiKey'])).toBeUndefined();
    expect(nearestName('', ['apiKey'])).toBeUndefined();
  });

  it.each<[string, HttpTransportOptions]>([
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['timeoutMs', { timeoutMs: '30' as never }],
    ['deadlineMs', { deadlineMs: '30' as never }],
    ['fetch', { fetch: 'fetch' as never }],
    ['validate', { validate: 'loud' as never }],
    ['onWireMismatch', { onWireMismatch: {} as never }],
    ['maxBodyBytes', { maxBodyBytes: 0 }],
    ['retry.maxRetries', { retry: { maxRetries: 1.5 } }],
    ['retry.maxRetries', { retry: { maxRetries: 1_000 } }],
    ['retry.baseDelayMs', { retry: { baseDelayMs: -1 } }],
    ['maxRetry', { retry: { maxRetry: 1 } as never }],
    ['onretry', { hooks: { onretry: () => {} } as never }],
    ['hooks.onError', { hooks: { onError: 'x' as never } }],
    ['clientIdentity.name', { clientIdentity: { name: 'two words' } }],
    ['clientIdentity.version', { clientIdentity: { name: 'x', version: 'a\r\nb' } }],
  ])('%s is named when it cannot be', (field, options) => {
    expect(caught(() => new HttpTransport(options)).field).toBe(field);
  });

  it.each([null, 'x', 7, []])('must be an object, not %j', (options) => {
    expect(() => new HttpTransport(options as never)).toThrow(ValidationError);
  });
});

describe('headers', () => {
  it('say who we are, and no more unless told', async () => {
    const { fetch, seen } = scriptedFetch(json({}));
    await new HttpTransport({ apiKey: 'ac_live_test_key', fetch }).request('POST', '/v1/x', { body: {} });
    expect(seen[0]?.headers).toEqual({
      Accept: 'application/json',
      Authorization: 'Bearer ac_live_test_key',
      'Content-Type': 'application/json',
      'User-Agent': `agentchat-client/${VERSION} node/${process.versions.node}`,
    });
    const named = new HttpTransport({ fetch, clientIdentity: { name: 'weather-bot', version: '2.0' } });
    await named.request('GET', '/v1/x', { auth: 'none' });
    expect(seen[1]?.headers).toMatchObject({
      'X-AgentChat-Client': 'weather-bot',
      'X-AgentChat-Client-Version': '2.0',
    });
    expect(seen[1]?.headers).not.toHaveProperty('Content-Type');
  });

  it('take the place of ours in any spelling, those of a call that of both', async () => {
    const { fetch, seen } = scriptedFetch(json({}));
    const defaultHeaders = { 'content-type': 'application/x+json', 'idempotency-key': 'of-all-calls' };
    const transport = new HttpTransport({ fetch, apiKey: 'ac_live_key', defaultHeaders });
    await transport.request('POST', '/a', { body: {} });
    await transport.request('POST', '/a', { body: {}, idempotencyKey: 'of-this-call' });
    const sent = seen.map((request) => {
      const headers = new Headers(request.headers);
      return [headers.get('content-type'), headers.get('idempotency-key')];
    });
    expect(sent).toEqual([
      ['application/x+json', 'of-all-calls'],
      ['application/x+json', 'of-this-call'],
    ]);
  });

  it("may be the platform's own", async () => {
    const { fetch, seen } = scriptedFetch(json({}));
    const defaultHeaders = new Headers({ 'X-Team': 'red' }) as never;
    const transport = new HttpTransport({ fetch, apiKey: 'ac_live_key', defaultHeaders });
    await transport.request('GET', '/a', { headers: new Headers({ 'X-B': '1' }) as never });
    const headers = new Headers(seen[0]?.headers);
    expect([headers.get('x-team'), headers.get('x-b')]).toEqual(['red', '1']);
  });

  it('name the runtime', () => {
    expect(detectRuntime({ Bun: { version: '1.4.5' }, process: { versions: { node: '22' } } })).toBe(
      'bun/1.4.5',
    );
    expect(
      detectRuntime({ Deno: { version: { deno: '2.9.6' } }, process: { versions: { node: '22' } } }),
    ).toBe('deno/2.9.6');
    expect(detectRuntime({ EdgeRuntime: 'vercel' })).toBe('edge/vercel');
    expect(detectRuntime({ navigator: { userAgent: 'Cloudflare-Workers' } })).toBe('edge/cloudflare-workers');
    expect(detectRuntime({ window: {}, document: {}, navigator: { userAgent: 'Mozilla' } })).toBe('browser');
    expect(detectRuntime({ navigator: { userAgent: 'Mozilla' } })).toBe('browser');
    expect(detectRuntime({})).toBe('unknown');
    expect(userAgent('browser')).toBeUndefined();
  });

  it('carry the version of package.json', () => {
    const packageJson = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(VERSION).toBe(packageJson.version);
  });
});

describe('fetch', () => {
  it('is never called as a method', async () => {
    const receivers: unknown[] = [];
    const fetch = function (this: unknown) {
      receivers.push(this);
      return Promise.resolve(Response.json({}));
    } as typeof globalThis.fetch;
    await new HttpTransport({ fetch }).request('GET', '/v1/x', { auth: 'none' });
    vi.stubGlobal('fetch', fetch);
    await new HttpTransport().request('GET', '/v1/x', { auth: 'none' });
    expect(receivers).toEqual([undefined, undefined]);
  });
});

describe('WireCheck', () => {
  const good = { acked: 1 };
  const bad = { acked: 'one' };

  it('in warn tells the observer, and nobody else', () => {
    const told: WireMismatch[] = [];
    const check = new WireCheck('warn', (mismatch) => void told.push(mismatch));
    check.check('syncAck', syncAckResponseSchema, good);
    check.check('syncAck', syncAckResponseSchema, bad);
    expect(told).toEqual([{ kind: 'syncAck', problems: [{ field: 'acked', problem: expect.any(String) }] }]);
    expect(JSON.stringify(told)).not.toContain('one');
  });

  it('in warn looks at the first 20 of a kind, then at 1 in 1,000', () => {
    let told = 0;
    const check = new WireCheck('warn', () => void told++);
    for (let i = 0; i < 20; i++) check.check('a', syncAckResponseSchema, bad);
    expect(told).toBe(20);
    for (let i = 20; i < 3_001; i++) check.check('a', syncAckResponseSchema, bad);
    expect(told).toBe(23);
    check.check('b', syncAckResponseSchema, bad);
    expect(told).toBe(24);
  });

  it('looks at nothing in warn without an observer, nor in off', () => {
    const trap = new Proxy(
      {},
      {
        get() {
          throw new Error('looked at');
        },
      },
    );
    new WireCheck().check('a', trap as never, bad);
    new WireCheck('off', () => {
      throw new Error('told');
    }).check('a', trap as never, bad);
  });

  it('in strict throws a ProtocolError, however often', () => {
    const check = new WireCheck('strict');
    for (let i = 0; i < 100; i++) {
      expect(() => check.check('syncAck', syncAckResponseSchema, bad)).toThrow(/`acked`/);
      check.check('syncAck', syncAckResponseSchema, good);
    }
  });

  it('survives an observer that throws or changes what it is told', () => {
    const check = new WireCheck('strict', (mismatch) => {
      (mismatch.problems as unknown[]).length = 0;
      throw new Error('observer');
    });
    expect(() => check.check('a', syncAckResponseSchema, bad)).toThrow(/`acked`/);
  });

  it('is what calls of the table are compared by', async () => {
    const { fetch } = scriptedFetch(json({ acked: 'many' }));
    const told: WireMismatch[] = [];
    const options = { apiKey: 'ac_live_test_key', fetch };
    const input = { body: { last_delivery_id: 'del_1' } };
    const warning = new HttpTransport({ ...options, onWireMismatch: (mismatch) => void told.push(mismatch) });
    expect((await warning.call('syncAck', input)).data).toEqual({ acked: 'many' });
    expect(told).toHaveLength(1);
    await expect(
      new HttpTransport({ ...options, validate: 'strict' }).call('syncAck', input),
    ).rejects.toMatchObject({
      code: 'PROTOCOL_ERROR',
      outcome: 'unknown',
    });
  });
});

describe('arguments that cannot be right', () => {
  const transport = new HttpTransport({ apiKey: 'ac_live_test_key', baseUrl: 'http://127.0.0.1:9' });
  it.each<[string, HttpRequestOptions]>([
    ['timeoutMs', { timeoutMs: -1 }],
    ['timeoutMs', { timeoutMs: Number.NaN }],
    ['deadlineMs', { deadlineMs: '5' as never }],
    ['signal', { signal: {} as never }],
    ['idempotencyKey', { idempotencyKey: '' }],
    ['idempotencyKey', { idempotencyKey: 'two words' }],
    ['idempotencyKey', { idempotencyKey: 'x'.repeat(129) }],
    ['headers', { headers: { Authorization: 'Bearer x' } }],
    ['headers', { headers: { 'x-a': 'line\nbreak' } }],
    ['headers', { headers: 'x-a: b' as never }],
    ['read', { read: 'constructor' as never }],
    ['body', { body: 10n }],
    ['timeout', { timeout: 5 } as never],
  ])('name the field: %s', async (field, options) => {
    const error = await transport.request('POST', '/v1/thing', options).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as ValidationError).field).toBe(field);
    expect((error as ValidationError).outcome).toBe('not_sent');
  });
});
