import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { AbortedError, AgentChatClientError, ValidationError } from 'agentchat-client';
import { AgentClient, type AgentClientOptions, ApiError } from 'agentchat-client/platforms/agora';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock/index.js';
import { AgoraStandIn, APP_CERTIFICATE, APP_ID, type Asked } from './stand-in.js';

/** Real time, but for the pauses between attempts, which are only noted. */
class Pauses {
  readonly taken: number[] = [];
  readonly clock = {
    ...systemClock,
    random: () => 0.5,
    setTimer: (callback: () => void, delayMs: number, kind?: 'background') => {
      if (delayMs < 5_000 && delayMs >= 100) this.taken.push(delayMs);
      return systemClock.setTimer(callback, delayMs < 5_000 && delayMs >= 100 ? 0 : delayMs, kind);
    },
  };
}

let platform: AgoraStandIn;
let pauses: Pauses;
beforeEach(async () => {
  platform = await AgoraStandIn.start();
  pauses = new Pauses();
});
afterEach(() => platform.close());

const clientOf = (options: Partial<AgentClientOptions> = {}) =>
  new AgentClient({
    appId: APP_ID,
    appCertificate: APP_CERTIFICATE,
    baseUrl: platform.baseUrl,
    clock: pauses.clock,
    ...options,
  });

const PROPERTIES = { channel: 'room', token: '007x', agent_rtc_uid: '1', remote_rtc_uids: ['100'] };

async function failureOf(work: () => Promise<unknown>): Promise<ApiError> {
  try {
    await work();
  } catch (error) {
    return error as ApiError;
  }
  throw new Error('it did not fail');
}

describe('errors', () => {
  it.each([
    [400, 'InvalidRequest', 'bad_request'],
    [401, 'Unauthorized', 'auth'],
    [403, 'ServiceNotEnabled', 'permission'],
    [404, 'TaskNotFound', 'not_found'],
    [409, 'TaskConflict', 'conflict'],
    [422, 'ResourceQuotaLimitExceeded', 'quota'],
    [429, 'ConcurrencyLimitExceeded', 'rate_limit'],
    [500, 'InternalError', 'server'],
    [502, 'NotImplemented', 'unavailable'],
    [503, 'ServiceUnavailable', 'unavailable'],
    [504, 'TaskOperationTimeout', 'timeout'],
    [418, 'SomethingNew', 'bad_request'],
  ])('%i %s is of kind %s', async (status, reason, kind) => {
    const body = { detail: 'what was wrong', reason };
    platform.next.push({ status, body });
    const error = await failureOf(() => clientOf({ maxRetries: 0 }).agents.get('x'));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toBeInstanceOf(AgentChatClientError);
    expect(error).toMatchObject({
      name: 'ApiError',
      platform: 'agora',
      code: 'PLATFORM_FAILED',
      kind,
      status,
      reason,
      body,
      requestId: 'req-1',
      outcome: status < 500 ? 'rejected' : 'unknown',
    });
    expect(error.statusCode).toBe(status);
    expect(error.headers['agora-request-id']).toBe('req-1');
    expect(error.message).toContain(`${reason}: what was wrong`);
    expect(error.message).toContain('agents.get');
  });

  it('reads the older form', async () => {
    platform.next.push({ status: 400, body: { message: 'core: allocate failed', statusCode: 400 } });
    const error = await failureOf(() => clientOf().agents.get('x'));
    expect(error.message).toContain('core: allocate failed');
    expect(error.reason).toBeNull();
  });

  it('shows no secret, wherever the platform or a listener quotes it', async () => {
    const key = 'sk-the-key-of-the-model';
    const shown: unknown[] = [];
    const note = (info: unknown) => void shown.push(info);
    const it = clientOf({
      hooks: { onRequest: note, onResponse: note, onError: note, onRetry: note },
      maxRetries: 0,
    });
    const properties = {
      ...PROPERTIES,
      token: '007-a-token-of-the-channel',
      llm: { url: 'https://model.example', api_key: key },
    };
    platform.next.push({
      status: 400,
      body: { detail: `bad: ${key} ${APP_CERTIFICATE} 007-a-token-of-the-channel`, reason: 'InvalidRequest' },
    });
    const error = await failureOf(() => it.agents.start({ name: 'n', properties }));
    const tokenIn = ({ headers }: Asked) => String(headers.authorization).slice('agora token='.length);
    platform.next.push((asked) => ({ status: 400, text: `you sent ${tokenIn(asked)}` }));
    const other = await failureOf(() => it.agents.get('x'));
    const token = tokenIn(platform.last);
    for (const thing of [error, other, it, it.agents, shown]) {
      for (const text of [
        inspect(thing, { depth: 9, showHidden: true }),
        JSON.stringify(thing),
        String((thing as Error).stack),
      ]) {
        expect(text).not.toContain(key);
        expect(text).not.toContain(APP_CERTIFICATE);
        expect(text).not.toContain('007-a-token');
        expect(text).not.toContain(token);
      }
    }
    expect(shown.length).toBeGreaterThanOrEqual(4);
  });
});

describe('a body that the platform quotes', () => {
  it.each([
    [
      'a field in camelCase',
      { tts: { vendor: 'new', params: { apiKey: 'camel-secret-1' } } },
      'camel-secret-1',
    ],
    [
      'the password of a URL',
      { llm: { url: 'https://bot:pass-secret-1@model.example/v1' } },
      'pass-secret-1',
    ],
    [
      'a key in the query of a URL',
      { llm: { url: 'https://model.example/v1?conversation=c1&api_key=query%2Fsecret-1' } },
      'query%2Fsecret-1',
    ],
    [
      'a header for a server of tools',
      { mcp_servers: [{ headers: { 'X-Api-Key': 'head-secret-1' } }] },
      'head-secret-1',
    ],
  ])('shows no secret in it: %s', async (_, properties, secret) => {
    platform.next.push((asked) => ({ status: 400, text: asked.rawBody }));
    const sent = { ...PROPERTIES, ...properties };
    const error = await failureOf(() => clientOf().agents.start({ name: 'quoted', properties: sent }));
    const text = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
    expect(text).toContain('quoted');
    expect(text).not.toContain(secret);
    expect(text).not.toContain(decodeURIComponent(secret));
  });
});

describe('what cannot be sent', () => {
  const it_ = () => clientOf();
  it.each<[string, string, (client: AgentClient) => Promise<unknown>]>([
    ['agent_id', 'empty', (client) => client.agents.get('')],
    ['agent_id', '.', (client) => client.agents.stop('.')],
    ['agent_id', '..', (client) => client.agents.getTurns('..')],
    ['agent_id', 'missing', (client) => client.agents.getHistory(undefined as never)],
    ['appid', '..', (client) => client.agents.get('x', { appid: '..' })],
    ['text', 'empty', (client) => client.agents.speak('x', { text: '' })],
    ['text', 'blank', (client) => client.agents.think('x', { text: ' ' })],
    ['text', 'missing', (client) => client.agents.think('x', {} as never)],
    ['text', '513 bytes', (client) => client.agents.speak('x', { text: `a${'ä'.repeat(256)}` })],
    ['priority', 'unknown', (client) => client.agents.speak('x', { text: 'a', priority: 'NOW' as never })],
    [
      'interruptable',
      'no boolean',
      (client) => client.agents.speak('x', { text: 'a', interruptable: 1 as never }),
    ],
    [
      'on_speaking_action',
      'unknown',
      (client) => client.agents.think('x', { text: 'a', on_speaking_action: 'x' as never }),
    ],
    ['page_size', '51', (client) => client.agents.getTurns('x', { page_size: 51 })],
    ['page_index', 'NaN', (client) => client.agents.getTurns('x', { page_index: Number.NaN })],
    ['from_time', 'NaN', async (client) => client.agents.list({ from_time: Number.NaN })],
    ['state', '7', async (client) => client.agents.list({ state: '7' })],
    ['limit', '0', async (client) => client.agents.list({ limit: 0 })],
    ['chanel', 'unknown', async (client) => client.agents.list({ chanel: 'x' } as never)],
    ['name', 'missing', (client) => client.agents.start({ properties: PROPERTIES } as never)],
    ['properties', 'missing', (client) => client.agents.start({ name: 'x' } as never)],
    [
      'properties.channel',
      'missing',
      (client) => client.agents.start({ name: 'x', properties: { ...PROPERTIES, channel: '' } }),
    ],
    [
      'properties.remote_rtc_uids',
      'a string',
      (client) =>
        client.agents.start({ name: 'x', properties: { ...PROPERTIES, remote_rtc_uids: '1' as never } }),
    ],
    [
      'idle_timeout',
      'NaN',
      (client) => client.agents.start({ name: 'x', properties: { ...PROPERTIES, idle_timeout: Number.NaN } }),
    ],
    ['properties', 'missing', (client) => client.agents.update('x', {} as never)],
    ['timeoutMs', 'NaN', (client) => client.agents.get('x', {}, { timeoutMs: Number.NaN })],
    ['retries', 'unknown', (client) => client.agents.get('x', {}, { retries: 1 } as never)],
  ])('"%s" that is %s', async (field, _, call) => {
    const error = await failureOf(async () => call(it_()));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
    expect(platform.asked).toHaveLength(0);
  });
});

describe('repeats', () => {
  const busy = (status: number) => ({ status, body: { detail: 'later', reason: 'X' } });

  it.each([408, 429, 500, 502, 503, 504])('a GET is made again after %i, twice', async (status) => {
    platform.next.push(busy(status), busy(status), { status: 200, body: { agent_id: 'x' } });
    expect(await clientOf().agents.get('x')).toEqual({ agent_id: 'x' });
    expect(platform.asked).toHaveLength(3);
    expect(pauses.taken).toEqual([500, 1_000]);
    // A fresh token each time.
    expect(new Set(platform.asked.map(({ headers }) => headers.authorization)).size).toBe(3);
    platform.next.push(busy(status), busy(status), busy(status));
    expect(await failureOf(() => clientOf().agents.get('x'))).toMatchObject({ status });
    expect(platform.asked).toHaveLength(6);
  });

  it('leave is made again after a broken connection', async () => {
    platform.next.push('cut', { status: 200 });
    await clientOf().agents.stop('x');
    expect(platform.asked).toHaveLength(2);
  });

  it.each([429, 503])('join is made again after %i', async (status) => {
    platform.next.push(busy(status), { status: 200, body: { agent_id: 'x' } });
    await clientOf().agents.start({ name: 'n', properties: PROPERTIES });
    expect(platform.asked).toHaveLength(2);
  });

  it.each([408, 409, 500, 502, 504])('join is not made again after %i', async (status) => {
    platform.next.push(busy(status));
    await failureOf(() => clientOf().agents.start({ name: 'n', properties: PROPERTIES }));
    expect(platform.asked).toHaveLength(1);
  });

  it('join is not made again when the connection broke, and may have happened', async () => {
    platform.next.push('cut');
    const error = await failureOf(() => clientOf().agents.start({ name: 'n', properties: PROPERTIES }));
    expect(error).toMatchObject({ name: 'ApiError', kind: 'network', outcome: 'unknown', retryable: true });
    expect(platform.asked).toHaveLength(1);
  });

  it('join is made again when the connection was refused, and did not happen', async () => {
    const it = clientOf();
    await platform.close();
    const error = await failureOf(() => it.agents.start({ name: 'n', properties: PROPERTIES }));
    expect(error).toMatchObject({ kind: 'network', outcome: 'not_sent' });
    expect(pauses.taken).toEqual([500, 1_000]);
    platform = await AgoraStandIn.start();
  });

  it.each<[string, (client: AgentClient) => Promise<unknown>]>([
    ['speak', (client) => client.agents.speak('x', { text: 'a' })],
    ['think', (client) => client.agents.think('x', { text: 'a' })],
    ['update', (client) => client.agents.update('x', { properties: {} })],
    ['interrupt', (client) => client.agents.interrupt('x')],
  ])('%s is never made again', async (_, call) => {
    for (const answer of [busy(429), busy(503), 'cut' as const]) {
      platform.next.push(answer);
      const before = platform.asked.length;
      await failureOf(() => call(clientOf()));
      expect(platform.asked).toHaveLength(before + 1);
    }
  });

  it('a Retry-After of an hour is told, not waited for', async () => {
    platform.next.push({ ...busy(429), headers: { 'retry-after': '3600' } });
    const error = await failureOf(() => clientOf().agents.get('x'));
    expect(error).toMatchObject({ kind: 'rate_limit', retryAfterMs: 3_600_000, retryable: true });
    expect(platform.asked).toHaveLength(1);
  });
});

describe('answers that are none', () => {
  it('JSON that breaks off', async () => {
    platform.next.push({ status: 200, text: '{"agent_id": "x' });
    expect(await failureOf(() => clientOf().agents.get('x'))).toMatchObject({
      name: 'ApiError',
      kind: 'protocol',
    });
  });

  it('a page of a proxy', async () => {
    platform.next.push({
      status: 200,
      text: '<!doctype html><p>hello',
      headers: { 'content-type': 'text/html' },
    });
    expect(await failureOf(() => clientOf().agents.get('x'))).toMatchObject({ kind: 'protocol' });
    platform.next.push({
      status: 502,
      text: '<html>Bad gateway</html>',
      headers: { 'content-type': 'text/html' },
    });
    const error = await failureOf(() => clientOf({ maxRetries: 0 }).agents.get('x'));
    expect(error).toMatchObject({ kind: 'unavailable', status: 502, reason: null });
    expect(error.message).not.toContain('<html>');
  });

  it('a redirect: the key does not follow', async () => {
    const visits: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      visits.push(request.headers.authorization);
      response.end('{}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    platform.next.push({ status: 307, headers: { location } });
    const error = await failureOf(() => clientOf().agents.get('x'));
    await new Promise((resolve) => elsewhere.close(resolve));
    expect(error).toMatchObject({ name: 'ApiError', kind: 'protocol' });
    expect(visits).toEqual([]);
  });

  it('silence ends with a timeout, and nothing stays open', async () => {
    platform.next.push('silence');
    const it = clientOf({ timeoutMs: 50, maxRetries: 0 });
    expect(await failureOf(() => it.agents.get('x'))).toMatchObject({ kind: 'timeout', status: null });
    await expect.poll(() => platform.openRequests).toBe(0);
  });

  it('an abort ends a call at once, and close() all of them', async () => {
    platform.next.push('silence', 'silence');
    const it = clientOf();
    const controller = new AbortController();
    const aborted = failureOf(() => it.agents.get('x', {}, { signal: controller.signal }));
    const closed = failureOf(() => it.agents.get('y'));
    await expect.poll(() => platform.asked.length).toBe(2);
    controller.abort(new Error('enough'));
    expect(await aborted).toBeInstanceOf(AbortedError);
    it.close();
    expect(await closed).toBeInstanceOf(AbortedError);
    expect(await failureOf(() => it.agents.get('x'))).toMatchObject({ name: 'AbortError' });
    await expect.poll(() => platform.openRequests).toBe(0);
  });

  it('a start without an id is no start', async () => {
    platform.next.push({ status: 200, body: { status: 'RUNNING' } });
    expect(await clientOf().agents.start({ name: 'n', properties: PROPERTIES })).toEqual({
      status: 'RUNNING',
    });
  });
});

describe('stopAgent', () => {
  it('has an agent leave, with a token for it', async () => {
    const it = clientOf();
    const { agent_id } = await it.agents.start({ name: 'n', properties: PROPERTIES });
    expect(await it.stopAgent(agent_id)).toBeUndefined();
    expect(platform.last.path).toBe(`/v2/projects/${APP_ID}/agents/${agent_id}/leave`);
    expect(platform.last.token?.services[0]?.fields).toEqual(['stop', agent_id]);
    expect(platform.running()).toEqual([]);
  });

  it('takes an agent that has left for stopped', async () => {
    await clientOf().stopAgent('gone');
    expect(platform.asked).toHaveLength(1);
  });

  it('throws anything else', async () => {
    platform.next.push({ status: 401, body: { detail: 'no' } });
    expect(await failureOf(() => clientOf().stopAgent('x'))).toMatchObject({ kind: 'auth' });
  });
});
