import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AgentChatClientError } from '../../../src/errors/index.js';
import * as door from '../../../src/platforms/sonzai/index.js';
import {
  PlatformError,
  Sonzai,
  SonzaiError,
  type SonzaiOptions,
} from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { shown } from '../support/shown.js';
import { eventually } from './eventually.js';
import { DONE, Recorder, say } from './recorder.js';
import { ScriptedFetch } from './scripted-fetch.js';

const KEY = 'sk-S3cr3t+opaque/key';
const MESSAGES = [{ role: 'user' as const, content: 'Hi' }];

let platform: Recorder;
let sonzai: Sonzai;
beforeAll(async () => {
  platform = await Recorder.start();
});
beforeEach(() => {
  platform.answer = () => ({ json: {} });
  sonzai = new Sonzai({ apiKey: KEY, baseUrl: platform.url, maxRetries: 0 });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => platform.close());

async function failure(call: PromiseLike<unknown>): Promise<SonzaiError> {
  try {
    await call;
  } catch (error) {
    return error as SonzaiError;
  }
  throw new Error('it did not fail');
}

describe('the client', () => {
  it('takes key and address from the environment, and options before that', async () => {
    vi.stubEnv('SONZAI_API_KEY', 'sk-of-the-environment\n');
    vi.stubEnv('SONZAI_BASE_URL', `${platform.url}/behind/`);
    await new Sonzai().byok.list('p');
    expect(platform.heard.at(-1)).toMatchObject({
      path: '/behind/api/v1/projects/p/byok-keys',
      headers: { authorization: 'Bearer sk-of-the-environment' },
    });
    await new Sonzai({ apiKey: KEY, baseUrl: platform.url }).byok.list('p');
    expect(platform.heard.at(-1)).toMatchObject({
      path: '/api/v1/projects/p/byok-keys',
      headers: { authorization: `Bearer ${KEY}` },
    });
    vi.unstubAllEnvs();
    expect(new Sonzai({ apiKey: KEY }).baseUrl).toBe('https://api.sonz.ai');
  });

  it.each<[string, SonzaiOptions, string, RegExp]>([
    ['no key', {}, 'apiKey', /SONZAI_API_KEY/],
    ['an empty key', { apiKey: ' ' }, 'apiKey', /non-empty/],
    ['a key in two lines', { apiKey: 'sk-1\nsk-2' }, 'apiKey', /copied whole/],
    ['a key that is none', { apiKey: 7 as never }, 'apiKey', /string/],
    ['an unknown option', { apiKey: KEY, timeout: 5 } as never, 'timeout', /did you mean "timeoutMs"/],
    ['a base that is no URL', { apiKey: KEY, baseUrl: 'sonz.ai' }, 'baseUrl', /absolute URL/],
    ['credentials in the base', { apiKey: KEY, baseUrl: 'https://a:b@sonz.ai' }, 'baseUrl', /credentials/],
    ['NaN', { apiKey: KEY, timeoutMs: Number.NaN }, 'timeoutMs', /milliseconds/],
    ['half a retry', { apiKey: KEY, maxRetries: 0.5 }, 'maxRetries', /whole number/],
    ['options that are none', 'sk-1' as never, 'options', /object/],
  ])('refuses %s', (_, options, field, message) => {
    vi.stubEnv('SONZAI_API_KEY', '');
    expect(() => new Sonzai(options)).toThrow(expect.objectContaining({ field }));
    expect(() => new Sonzai(options)).toThrow(message);
  });

  it('shows its key to nobody', async () => {
    const hooked: unknown[] = [];
    const hear = (info: unknown) => void hooked.push(structuredClone(info));
    const hooks = {
      onRequest: hear,
      onResponse: hear,
      onError: (info: unknown) => void hooked.push(shown(info)),
    };
    const client = new Sonzai({ apiKey: KEY, baseUrl: platform.url, hooks, maxRetries: 0 });
    platform.answer = ({ headers }) => ({
      status: 401,
      json: { error: `bad ${headers.authorization}`, key: KEY },
    });
    const error = await failure(client.byok.list('p'));
    expect(hooked).not.toEqual([]);
    expect(shown([client, client.agents, error, error.body, hooked])).not.toContain(KEY);
    expect(JSON.stringify(client)).toBe(`{"baseUrl":"${platform.url}"}`);
  });

  it('shows the key of a provider to nobody', async () => {
    const api_key = 'theirs+S3cr3t/opaque';
    platform.answer = ({ body }) => ({
      status: 400,
      json: { code: 'invalid_api_key', error: `no: ${JSON.stringify(body)}` },
    });
    const error = await failure(sonzai.byok.set('p', 'openai', { api_key }));
    expect(error).toMatchObject({ errorCode: 'invalid_api_key' });
    expect(error).toBeInstanceOf(door.BadRequestError);
    expect(shown([error, error.body])).not.toContain(api_key);
  });
});

describe('a refusal', () => {
  it.each<[number, unknown, keyof typeof door, object]>([
    [400, { error: 'no such thing' }, 'BadRequestError', { kind: 'bad_request' }],
    [401, { message: 'no such key' }, 'AuthenticationError', { kind: 'auth', retryable: false }],
    [
      403,
      { error: { message: 'no' }, required_scope: 'write:byok' },
      'PermissionDeniedError',
      { requiredScope: 'write:byok' },
    ],
    [
      404,
      { detail: 'no agent', resource: 'agent' },
      'NotFoundError',
      { resource: 'agent', outcome: 'rejected' },
    ],
    [409, { title: 'taken', resource: 'state' }, 'ConflictError', { resource: 'state', kind: 'conflict' }],
    [
      422,
      {
        detail: 'wrong',
        errors: [
          { location: 'body.name', message: 'too long', value: 'x' },
          { field: 'a', code: 'c' },
        ],
      },
      'SonzaiValidationError',
      {
        field: 'body.name',
        errors: [
          { field: 'body.name', message: 'too long', code: null },
          { field: 'a', message: '', code: 'c' },
        ],
      },
    ],
    [
      429,
      { error: 'slow down' },
      'RateLimitError',
      { retryAfterMs: 7_000, limit: 10, remaining: 0, resetAt: 1_800_000_000_000 },
    ],
    [500, { error: 'oops' }, 'InternalServerError', { kind: 'server', retryable: true, outcome: 'unknown' }],
    [503, null, 'InternalServerError', { kind: 'unavailable' }],
    [418, { error: 'teapot' }, 'SonzaiError', { kind: 'bad_request' }],
  ])('with %i is of its class', async (status, json, name, fields) => {
    const headers = {
      'x-request-id': 'req_1',
      'retry-after': '7',
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1800000000',
    };
    platform.answer = () => ({ status, json, headers });
    const error = await failure(sonzai.agents.getMood('luna'));
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: what is exported is what is tested.
    const Class = door[name] as typeof SonzaiError;
    expect(error).toBeInstanceOf(Class);
    for (const parent of [SonzaiError, PlatformError, AgentChatClientError])
      expect(error).toBeInstanceOf(parent);
    expect(error).toMatchObject({
      platform: 'sonzai',
      status,
      requestId: 'req_1',
      code: 'PLATFORM_FAILED',
      ...fields,
    });
    expect(error.message).toMatch(/^agents\.getMood /);
    expect(error.name).toBe(Class.kind);
  });

  it('with 422 is what the client throws for bad input, too', async () => {
    platform.answer = () => ({ status: 422, json: {} });
    for (const id of ['luna', '..']) {
      const error = await failure(sonzai.agents.getMood(id));
      expect(error).toBeInstanceOf(door.ValidationError);
      expect(error instanceof SonzaiError).toBe(id === 'luna');
    }
  });

  it.each([
    [{ error: 'first', message: 'second' }, 'first'],
    [{ error: { message: 'first' }, message: 'second' }, 'first'],
    [{ message: 'first', detail: 'second' }, 'first'],
    [{ detail: 'first', title: 'second' }, 'first'],
    [{ title: 'first', status: 400 }, 'first'],
    ['first', 'first'],
  ])('says what %j says', async (json, words) => {
    platform.answer = () => ({ status: 400, json });
    expect((await failure(sonzai.agents.getMood('luna'))).message).toContain(words);
  });
});

describe('repeats', () => {
  function scripted(...statuses: number[]) {
    const clock = new VirtualClock();
    const answers = statuses.map((status) => ({ status, headers: { 'retry-after': '0' } }));
    const script = new ScriptedFetch(clock, ...answers);
    const client = new Sonzai({ apiKey: KEY, baseUrl: 'http://sonzai.test', fetch: script.fetch, clock });
    /** How often a call was made. */
    const times = async (call: Promise<unknown>) => {
      call.catch(() => {});
      await clock.advance(600_000);
      return script.asked.length;
    };
    return { client, times, script };
  }

  it.each([408, 429, 500, 502, 503, 504])('a read after %i, twice', async (status) => {
    const { client, times } = scripted(status);
    expect(await times(client.agents.getMood('luna'))).toBe(3);
  });

  it.each([400, 401, 403, 404, 409, 422])('nothing after %i', async (status) => {
    const { client, times } = scripted(status);
    expect(await times(client.agents.getMood('luna'))).toBe(1);
  });

  it('a deletion, and a write by key; no other write without a key', async () => {
    const state = { key: 'k', value: 1 };
    const { client: one, times: ofDeletion } = scripted(503);
    expect(await ofDeletion(one.agents.customStates.deleteByKey('luna', { key: 'k' }))).toBe(3);
    const { client: two, times: ofUpsert } = scripted(503);
    expect(await ofUpsert(two.agents.customStates.upsert('luna', state))).toBe(3);
    const { client: three, times: ofCreation } = scripted(503);
    expect(await ofCreation(three.agents.customStates.create('luna', state))).toBe(1);
    const { client: four, times: ofUpdate } = scripted(503);
    expect(await ofUpdate(four.agents.updateCapabilities('luna', { skills: true }))).toBe(1);
    const { client: five, times: ofKeyed } = scripted(503);
    expect(await ofKeyed(five.agents.customStates.create('luna', state, { idempotencyKey: 'once-1' }))).toBe(
      3,
    );
  });

  it('sends the key of a write with each attempt', async () => {
    platform.script({ status: 503 }, { json: {} });
    await sonzai.agents.create({ name: 'Luna' }, { idempotencyKey: 'once-1', maxRetries: 1 });
    expect(platform.heard.slice(-2).map(({ headers }) => headers['idempotency-key'])).toEqual([
      'once-1',
      'once-1',
    ]);
    const call = sonzai.agents.create({ name: 'Luna' }, { idempotencyKey: 'a\nb' });
    await expect(call).rejects.toMatchObject({ field: 'idempotencyKey' });
  });

  it('as often as the client, or the call, says', async () => {
    const { client, times } = scripted(503);
    expect(await times(client.agents.getMood('luna', {}, { maxRetries: 4 }))).toBe(5);
  });

  it('not sooner than Retry-After says, and not at all when it is an hour', async () => {
    const clock = new VirtualClock();
    const hour = new ScriptedFetch(clock, { status: 429, headers: { 'retry-after': '3600' } });
    const client = new Sonzai({ apiKey: KEY, baseUrl: 'http://sonzai.test', fetch: hour.fetch, clock });
    const error = await failure(client.agents.getMood('luna'));
    expect(error).toMatchObject({ kind: 'rate_limit', retryAfterMs: 3_600_000 });
    expect(hour.asked).toHaveLength(1);
    const ten = new ScriptedFetch(
      clock,
      { status: 429, headers: { 'retry-after': '10' } },
      { json: { mood: {} } },
    );
    const other = new Sonzai({ apiKey: KEY, baseUrl: 'http://sonzai.test', fetch: ten.fetch, clock });
    const call = other.agents.getMood('luna');
    await clock.advance(60_000);
    await call;
    expect(ten.times.map((time) => time - (ten.times[0] ?? 0))).toEqual([0, 10_000]);
  });
});

describe('pages', () => {
  it('are asked for as they are needed, to the end that the platform tells in either way', async () => {
    platform.answer = ({ query }) => ({
      json:
        query.cursor === undefined
          ? { users: [{ user_id: 'a' }, { user_id: 'b' }], next_cursor: 'c1', has_more: true }
          : {
              users: [{ user_id: 'c' }],
              next_cursor: query.cursor === 'c1' ? 'c2' : '',
              has_more: query.cursor === 'c1',
            },
    });
    const first = platform.heard.length;
    const ids: string[] = [];
    for await (const user of sonzai.agents.eachUser('luna', { page_size: 2 })) {
      ids.push(user.user_id);
      if (ids.length === 2) expect(platform.heard.length).toBe(first + 1);
    }
    expect(ids).toEqual(['a', 'b', 'c', 'c']);
    expect(platform.heard.slice(first).map(({ query }) => query)).toEqual([
      { page_size: '2' },
      { page_size: '2', cursor: 'c1' },
      { page_size: '2', cursor: 'c2' },
    ]);
  });

  it('stop at has_more false whatever the cursor says, and begin where they are told', async () => {
    platform.answer = () => ({ json: { runs: [{ run_id: 'r' }], next_cursor: 'more', has_more: false } });
    const first = platform.heard.length;
    const pages: unknown[] = [];
    for await (const page of sonzai.evalRuns.each({ cursor: 'c9' }).pages()) pages.push(page.items);
    expect(pages).toEqual([[{ run_id: 'r' }]]);
    expect(platform.heard.slice(first).map(({ query }) => query)).toEqual([{ cursor: 'c9' }]);
  });

  it('are an error when the platform gives a cursor again', async () => {
    platform.answer = () => ({ json: { runs: [], next_cursor: 'same', has_more: true } });
    const reading = (async () => {
      for await (const _ of sonzai.evalRuns.each());
    })();
    await expect(reading).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('cursor'),
    });
  });
});

describe('bad input', () => {
  const chat = (fields: unknown, options = {}) =>
    sonzai.agents.chat('luna', fields as never, options) as unknown as Promise<unknown>;

  it.each<[string, () => PromiseLike<unknown>, string]>([
    ['an empty text', () => chat({ messages: [{ role: 'user', content: ' ' }] }), 'messages[0].content'],
    ['no text', () => chat({ messages: [{ role: 'user' }] }), 'messages[0].content'],
    ['no role', () => chat({ messages: [{ content: 'Hi' }] }), 'messages[0].role'],
    ['no message', () => chat({ messages: [] }), 'messages'],
    ['no messages', () => chat({}), 'messages'],
    ['no fields', () => chat(undefined), 'fields'],
    ['a field in camelCase', () => chat({ messages: MESSAGES, userId: 'u' }), 'userId'],
    ['NaN', () => chat({ messages: MESSAGES, temperature: Number.NaN }), 'temperature'],
    ['an unknown call option', () => chat({ messages: MESSAGES }, { timeout: 1 }), 'timeout'],
    ['a signal that is none', () => chat({ messages: MESSAGES }, { signal: {} }), 'signal'],
    ['an empty id', () => sonzai.agents.getMood(''), 'agentId'],
    ['an id of dots', () => sonzai.agents.getMood('..'), 'agentId'],
    ['an id of a dot', () => sonzai.agents.instances.reset('luna', '.'), 'instanceId'],
    ['an id that is none', () => sonzai.evalRuns.get(Number.NaN as never), 'runId'],
    ['a query of another name', () => sonzai.agents.getMood('luna', { userId: 'u' } as never), 'userId'],
    ['NaN in a query', () => sonzai.agents.notifications.list('luna', { limit: Number.NaN }), 'limit'],
    ['an empty search', () => sonzai.agents.memory.search('luna', { query: '' }), 'query'],
    ['no facts', () => sonzai.agents.memory.bulkCreateFacts('luna', { facts: [] }), 'facts'],
    ['an agent without a name', () => sonzai.agents.create({ name: '' }), 'name'],
    ['a provider key that is empty', () => sonzai.byok.set('p', 'openai', { api_key: '' }), 'api_key'],
    [
      'a model without its provider',
      () => sonzai.agents.sessions.start('luna', { user_id: 'u', session_id: 's', model: 'm' }),
      'provider',
    ],
    [
      'a session without a person',
      () => sonzai.agents.sessions.end('luna', { session_id: 's' } as never),
      'user_id',
    ],
  ])('%s is refused before anything is sent', async (_, call, field) => {
    const asked = platform.heard.length;
    const error = await failure(call());
    expect(error).toMatchObject({ name: 'ValidationError', field, outcome: 'not_sent' });
    expect(error).not.toBeInstanceOf(SonzaiError);
    expect(platform.heard.length).toBe(asked);
  });

  it('an id is one segment of the path, whatever is in it', async () => {
    await sonzai.agents.getMood('Luna & Sol/../x?y#z');
    expect(platform.heard.at(-1)).toMatchObject({
      path: '/api/v1/agents/Luna%20%26%20Sol%2F..%2Fx%3Fy%23z/mood',
      query: {},
    });
  });

  it.each<[string, string]>([
    ['a page of HTML', '<html><body>Welcome to the hotel</body></html>'],
    ['JSON', '{"messages":[]}'],
  ])('a stream that is %s is no chat', async (_, text) => {
    platform.answer = () => ({
      handle: (response) =>
        response
          .writeHead(200, { 'content-type': text.startsWith('<') ? 'text/html' : 'application/json' })
          .end(text),
    });
    await expect(chat({ messages: MESSAGES })).rejects.toMatchObject({
      kind: 'protocol',
      platform: 'sonzai',
    });
  });

  it.each<[string, string]>([
    ['HTML', '<html></html>'],
    ['JSON that breaks off', '{"mood": {"val'],
    ['a list', '[]'],
    ['nothing', ''],
    ['null', 'null'],
  ])('an answer that is %s is no object', async (_, text) => {
    platform.answer = () => ({
      handle: (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
    });
    const error = await failure(sonzai.agents.getMood('luna'));
    expect(error).toMatchObject({ kind: 'protocol', outcome: 'unknown' });
    expect(error).toBeInstanceOf(SonzaiError);
  });

  it('an answer without the id of what goes on is told', async () => {
    platform.answer = () => ({ json: { status: 'queued' } });
    const calls = [
      sonzai.agents.chatAsync('luna', { messages: MESSAGES }),
      sonzai.agents.chatAsyncBlocking('luna', { messages: MESSAGES }),
      sonzai.agents.simulateAsync('luna'),
      sonzai.agents.runEval('luna', { template_id: 't' }).next(),
    ];
    for (const call of calls) {
      expect(await failure(call)).toMatchObject({
        kind: 'protocol',
        message: expect.stringMatching(/without "\w+_id"/),
      });
    }
  });

  it('a list that is none is told', async () => {
    platform.answer = () => ({ json: { notifications: 'none' } });
    await expect(sonzai.agents.notifications.list('luna')).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('a frame of 50 MB ends the chat, and the connection', async () => {
    const closed = platform.closedEarly;
    platform.answer = () => ({
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const piece = 'x'.repeat(1024 * 1024);
        response.write('data: ');
        const write = (left: number): void => {
          if (left > 0 && !response.destroyed) response.write(piece, () => write(left - 1));
        };
        write(50);
      },
    });
    await expect(chat({ messages: MESSAGES })).rejects.toMatchObject({ kind: 'protocol' });
    await eventually(() => platform.closedEarly).toBe(closed + 1);
  });

  it('a frame of 50 MB in pieces ends the chat as well', async () => {
    const data = 'x'.repeat(1024 * 1024);
    const frames = Array.from({ length: 50 }, (_, index) => ({ __chunk: { index, total: 50 }, data }));
    platform.answer = () => ({ frames: [...frames, say('Hi'), DONE] });
    await expect(chat({ messages: MESSAGES })).rejects.toMatchObject({ kind: 'protocol' });
  });

  it('a redirect to another host is not followed: the key stays', async () => {
    const other = await Recorder.start();
    platform.answer = () => ({ status: 307, headers: { location: `${other.url}/api/v1/agents/luna/mood` } });
    await expect(sonzai.agents.getMood('luna')).rejects.toMatchObject({ kind: 'protocol' });
    await expect(chat({ messages: MESSAGES })).rejects.toMatchObject({ kind: 'protocol' });
    expect(other.heard).toEqual([]);
    await other.close();
  });

  it('a server that accepts and says nothing times out, and nothing is left open', async () => {
    const gone: Promise<void>[] = [];
    const sockets: Socket[] = [];
    const silent = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      // Connections without a request are the business of `fetch`.
      socket.once('data', () => gone.push(new Promise((resolve) => socket.on('close', () => resolve()))));
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const clock = new VirtualClock();
    const client = new Sonzai({ apiKey: KEY, baseUrl, maxRetries: 0, clock });
    const calls = [
      () => client.agents.getMood('luna'),
      () => client.agents.chat('luna', { messages: MESSAGES }),
    ];
    for (const [at, call] of calls.entries()) {
      const failed = failure(call());
      await eventually(() => gone.length).toBe(at + 1);
      await clock.advance(30_000);
      expect(await failed).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
    }
    await Promise.all(gone);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('a platform that is not there is told as such', async () => {
    const client = new Sonzai({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9', maxRetries: 0 });
    const error = await failure(client.agents.getMood('luna'));
    expect(error).toMatchObject({ kind: 'network', outcome: 'not_sent', status: null });
    expect(error).toBeInstanceOf(SonzaiError);
  });
});
