import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  ApiError,
  AuthError,
  BadRequestError,
  NotFoundError,
  PermissionDeniedError,
  PlatformError,
  RateLimitError,
  ServerError,
  ServiceUnavailableError,
  SomiaClient,
  type SomiaClientOptions,
  SomiaError,
  type SomiaEvent,
  StreamParseError,
  TransportError,
  ValidationError,
} from '../../../src/platforms/somia/index.js';
import { deadUrl, httpServer } from '../../http/raw-server.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { shown } from '../support/shown.js';

const KEY = 'S3cr3t+opaque/key';
const SSE = { 'content-type': 'text/event-stream' };

/** A client of a server that answers each request so. */
async function clientOf(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
  options: Partial<SomiaClientOptions> = {},
) {
  const server = await httpServer((_request, response) => void response.writeHead(status, headers).end(body));
  onTestFinished(() => server.close());
  return { client: new SomiaClient({ apiKey: KEY, baseUrl: server.url, maxRetries: 0, ...options }), server };
}

async function failureOf(running: unknown): Promise<PlatformError> {
  const error = await Promise.resolve(running).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(shown(error)).not.toContain(KEY);
  return error as PlatformError;
}

const say = (client: SomiaClient) => client.sessions.interactSession(7, 's', { input_data: 'hi' });
const streamOf = (client: SomiaClient) =>
  client.sessions.interactSession(7, 's', { input_data: 'hi', stream: true });

/** The events of a stream with this body, and what it fails with. */
async function streamed(body: string, headers: Readonly<Record<string, string>> = {}) {
  const { client } = await clientOf(200, { ...SSE, ...headers }, body);
  const events: SomiaEvent[] = [];
  const error = await failureOf(
    (async () => {
      const all = client.sessions.createSession(7, { input_data: 'hi', stream: true });
      for await (const event of all) events.push(event);
    })(),
  );
  return { events, error };
}

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const END = 'event: end\ndata: {}\n\n';

describe('the events of a stream', () => {
  it.each([
    ['on the event line, the data a text', 'event: chunk\ndata: Hi you\n\n'],
    ['on the event line, the data a quoted text', 'event: chunk\ndata: "Hi you"\n\n'],
    ...['content', 'text', 'delta', 'chunk', 'message'].map((name) => [
      `on the event line, the text in "${name}"`,
      `event: chunk\ndata: ${JSON.stringify({ id: 1, [name]: 'Hi you' })}\n\n`,
    ]),
    [
      'on the event line, before what the JSON says',
      'event: chunk\ndata: {"type":"end","text":"Hi you"}\n\n',
    ],
    ['in "event_type", the text in "data"', data({ event_type: 'chunk', data: 'Hi you' })],
    ['in "event", the text in the data', data({ event: 'chunk', data: { content: 'Hi you' } })],
    ['in "type", the text beside it', data({ type: 'chunk', delta: 'Hi you' })],
    ['in "event_type" before "type"', data({ type: 'end', event_type: 'chunk', text: 'Hi you' })],
    ['nowhere: a text', 'data: Hi you\n\n'],
    ['nowhere: an object', data({ content: 'Hi you' })],
    ['nowhere, under the name of nameless events', 'event: message\ndata: Hi you\n\n'],
  ])('say what they are %s', async (_name, body) => {
    const { events, error } = await streamed(body + END);
    expect(events).toMatchObject([
      { type: 'chunk', text: 'Hi you' },
      { type: 'end', finished: false },
    ]);
    expect(error).toBeUndefined();
  });

  it('keep white space, numbers, and what only looks like JSON', async () => {
    const { events } = await streamed(
      ['data:  a \n\n', 'data: 42\n\n', 'data: null\n\n', 'data: [1] see\n\n', 'data: {"x":1}\n\n'].join('') +
        END,
    );
    expect(events.map((event) => event.type === 'chunk' && event.text)).toEqual([
      ...[' a ', '42', 'null', '[1] see', ''],
      false,
    ]);
    expect(events[4]).toMatchObject({ data: { x: 1 } });
  });

  it.each([
    ['error alone', 'event: error\ndata: no model\n\n', 'no model'],
    ['message', 'event: error\ndata: {"message":"no model","detail":"x"}\n\n', 'no model'],
    ['detail', data({ type: 'error', data: { detail: 'no model' } }), 'no model'],
    ['error', data({ type: 'error', error: 'no model' }), 'no model'],
    ['error.message', data({ type: 'error', error: { message: 'no model' } }), 'no model'],
    ['nothing', 'event: error\ndata: {}\n\n', 'no reason was given'],
    ['the key, blanked out', `event: error\ndata: key ${KEY}\n\n`, 'key ***'],
  ])('an error is handed on, and ends the stream without a throw: %s', async (_name, body, message) => {
    const { events, error } = await streamed(`${body}event: chunk\ndata: late\n\n`);
    expect(events).toMatchObject([{ type: 'error', message }]);
    expect(error).toBeUndefined();
    expect(shown(events)).not.toContain(KEY);
  });

  it('end with what `end` holds: the plain answer, or nothing', async () => {
    const whole = { session_id: 's1', message: { text: 'Hi' }, finished: true, history: [] };
    expect((await streamed(`event: end\ndata: ${JSON.stringify(whole)}\n\n`)).events).toEqual([
      { type: 'end', data: whole, message: 'Hi', finished: true, session_id: 's1' },
    ]);
    expect((await streamed('data: [DONE]\n\n')).events).toEqual([
      { type: 'end', data: null, message: null, finished: false, session_id: null },
    ]);
  });

  it.each([
    ['a clean end after text', 'data: Hi\n\n'],
    ['a last frame without a blank line', 'data: Hi'],
    ['an end mark', 'data: Hi\n\ndata: [DONE]\n\n'],
  ])('count %s as the end', async (_name, body) => {
    const { events, error } = await streamed(body);
    expect(events).toMatchObject([
      { type: 'chunk', text: 'Hi' },
      { type: 'end', data: null, message: null },
    ]);
    expect(error).toBeUndefined();
  });

  it('skip what is not known', async () => {
    const { events } = await streamed(
      `event: ping\ndata: x\n\n${data({ type: 'trace', text: 'x' })}: comment\n\ndata: Hi\n\n${END}`,
    );
    expect(events.map(({ type }) => type)).toEqual(['chunk', 'end']);
  });

  it('name the session as soon as it is known', async () => {
    const body = `data: a\n\n${data({ session_id: 5, content: 'b' })}data: c\n\n${data({ type: 'end', session_id: 'six', data: {} })}`;
    const idsOf = (events: SomiaEvent[]) => events.map(({ session_id }) => session_id);
    expect(idsOf((await streamed(body)).events)).toEqual([null, '5', '5', 'six']);
    expect(idsOf((await streamed('data: a\n\n', { 'x-session-id': 'h' })).events)).toEqual(['h', 'h']);
  });

  it.each([
    ['nothing', '', TransportError, 'interrupted'],
    ['frames without a text', 'event: ping\ndata: x\n\n', TransportError, 'interrupted'],
    ['half a frame', 'data: Hi\n\ndata: {"content":"a', TransportError, 'interrupted'],
    ['a broken object', 'data: Hi\n\ndata: {"content":\n\n', StreamParseError, 'protocol'],
  ])('end with an error after %s', async (_name, body, Class, kind) => {
    const { error } = await streamed(body);
    expect(error).toBeInstanceOf(Class);
    expect(error).toMatchObject({ kind, status: 200, platform: 'somia' });
  });

  it('end with an error when the connection breaks, also after text', async () => {
    const server = await httpServer((_request, response) => {
      response.writeHead(200, SSE).write('data: Hi\n\n', () => setImmediate(() => response.destroy()));
    });
    onTestFinished(() => server.close());
    const stream = streamOf(new SomiaClient({ apiKey: KEY, baseUrl: server.url }));
    expect(await stream.next()).toMatchObject({ value: { text: 'Hi' } });
    const error = await failureOf(stream.next());
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ kind: 'interrupted' });
    expect(server.requests).toBe(1);
  });

  it('come when the first is asked for: a stream that nobody reads is no request', async () => {
    const { client, server } = await clientOf(200, SSE, END);
    const stream = streamOf(client);
    stream.close();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(server.requests).toBe(0);
  });
});

describe('errors', () => {
  it.each([
    [400, BadRequestError, 'bad_request'],
    [401, AuthError, 'auth'],
    [402, PermissionDeniedError, 'quota'],
    [403, PermissionDeniedError, 'permission'],
    [404, NotFoundError, 'not_found'],
    [408, ServiceUnavailableError, 'timeout'],
    [409, ApiError, 'conflict'],
    [422, BadRequestError, 'validation'],
    [429, RateLimitError, 'rate_limit'],
    [500, ServerError, 'server'],
    [502, ServerError, 'unavailable'],
    [503, ServiceUnavailableError, 'unavailable'],
    [504, ServiceUnavailableError, 'timeout'],
  ])('have the class of their status: %i', async (status, Class, kind) => {
    const { client } = await clientOf(status, { 'x-request-id': 'r1' }, '{"detail":"because"}');
    for (const running of [say(client), streamOf(client).next()]) {
      const error = await failureOf(running);
      for (const each of [Class, ApiError, SomiaError, PlatformError]) expect(error).toBeInstanceOf(each);
      expect(error).toMatchObject({
        kind,
        statusCode: status,
        status,
        requestId: 'r1',
        body: { detail: 'because' },
      });
      expect(error.message).toContain(`sessions.interactSession was refused with status ${status}: because.`);
    }
  });

  it.each([
    ['detail', '{"detail":"no","message":"x"}'],
    ['detail.message', '{"detail":{"message":"no"}}'],
    ['message', '{"message":"no","error":"x"}'],
    ['error', '{"error":"no"}'],
    ['error.message', '{"error":{"message":"no"}}'],
    ['text', 'no'],
  ])('take their words from %s', async (_name, body) => {
    const { client } = await clientOf(404, {}, body);
    expect((await failureOf(say(client))).message).toContain('with status 404: no. Check the ids');
  });

  it('a server that echoes the key shows it to nobody', async () => {
    const { client } = await clientOf(400, {}, `{"detail":"not with ${KEY}"}`);
    expect((await failureOf(say(client))).message).toContain('not with ***');
  });

  it('who is not there, or says nothing, has a TransportError', async () => {
    const gone = new SomiaClient({ apiKey: KEY, baseUrl: await deadUrl(), maxRetries: 0 });
    const error = await failureOf(say(gone));
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ kind: 'network', outcome: 'not_sent', status: null });
    const silent = await httpServer(() => {});
    onTestFinished(() => silent.close());
    const clock = new VirtualClock();
    const waiting = new SomiaClient({ apiKey: KEY, baseUrl: silent.url, clock });
    for (const start of [() => say(waiting), () => streamOf(waiting).next()]) {
      const before = silent.requests;
      const failed = failureOf(start());
      await expect.poll(() => silent.requests).toBeGreaterThan(before);
      await clock.advance(60_000);
      expect(await failed).toMatchObject({ kind: 'timeout', outcome: 'unknown' });
      expect(await failed).toBeInstanceOf(TransportError);
    }
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['a page', { 'content-type': 'text/html' }, '<!doctype html><p>Hi</p>'],
    ['JSON that breaks off', { 'content-type': 'application/json' }, '{"session_id":"a'],
    ['a list', {}, '[]'],
  ])('%s in place of an answer is an ApiError of kind protocol', async (_name, headers, body) => {
    const { client } = await clientOf(200, headers as Record<string, string>, body);
    for (const running of [client.sessions.createSession(7), streamOf(client).next()]) {
      const error = await failureOf(running);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ kind: 'protocol', statusCode: 200 });
    }
  });

  it('a new session without an id is an ApiError: nobody could go on in it', async () => {
    const { client } = await clientOf(200, {}, '{"message":"Hi"}');
    expect(await failureOf(client.sessions.createSession(7))).toMatchObject({ kind: 'protocol' });
    const { client: named } = await clientOf(200, { 'x-session-id': 'h' }, '{"message":"Hi"}');
    expect(await named.sessions.createSession(7)).toMatchObject({ session_id: 'h' });
  });

  it('a redirect is refused: the key goes to no other host', async () => {
    const { server: other } = await clientOf(200, {}, '{}');
    const { client } = await clientOf(307, { location: other.url }, '');
    expect(await failureOf(say(client))).toMatchObject({ kind: 'protocol', statusCode: 307 });
    expect(other.requests).toBe(0);
  });

  it('a frame of 50 MB ends the stream', async () => {
    const server = await httpServer((_request, response) => {
      response.writeHead(200, SSE);
      const piece = `data: ${'x'.repeat(1_000_000)}\n`;
      let pieces = 0;
      const write = () => {
        while (pieces < 50 && !response.destroyed) {
          pieces += 1;
          if (!response.write(piece)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    onTestFinished(() => server.close());
    const error = await failureOf(streamOf(new SomiaClient({ apiKey: KEY, baseUrl: server.url })).next());
    expect(error).toMatchObject({ kind: 'protocol', status: 200 });
  });
});

describe('repeats', () => {
  /** Fails so once, then answers. */
  async function onceFailing(fail: number, headers: Record<string, string> = {}) {
    const server = await httpServer((_request, response, nth) => {
      if (nth === 1) response.writeHead(fail, headers).end();
      else response.writeHead(200).end('{"session_id":"s","message":"Hi"}');
    });
    onTestFinished(() => server.close());
    const clock = new VirtualClock();
    return { server, clock, client: new SomiaClient({ apiKey: KEY, baseUrl: server.url, clock }) };
  }

  it.each([429, 502, 503])('a call after %i, when Retry-After says', async (status) => {
    const { client, clock, server } = await onceFailing(status, { 'retry-after': '3' });
    const running = say(client);
    await expect.poll(() => clock.nextTimerAt).toBe(3_000);
    await clock.advance(3_000);
    expect(await running).toMatchObject({ message: 'Hi' });
    expect(server.requests).toBe(2);
  });

  it('a call that never got there, two times', async () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' });
    const fetch = vi.fn(() => Promise.reject(new TypeError('fetch failed', { cause })));
    const clock = new VirtualClock();
    const client = new SomiaClient({ apiKey: KEY, baseUrl: 'http://127.0.0.1:1', fetch, clock });
    const failed = failureOf(say(client));
    for (const most of [625, 1_250]) {
      await expect.poll(() => clock.nextTimerAt).not.toBeNull();
      await clock.advance(most);
    }
    expect(await failed).toMatchObject({ kind: 'network' });
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it.each([408, 500, 504, 404, 409])('no call after %i', async (status) => {
    const { client, server } = await onceFailing(status);
    expect(await failureOf(say(client))).toMatchObject({ status });
    expect(server.requests).toBe(1);
  });

  it('no call whose connection broke, or that took too long', async () => {
    const cut = await httpServer((request) => void request.socket.destroy());
    onTestFinished(() => cut.close());
    const error = await failureOf(say(new SomiaClient({ apiKey: KEY, baseUrl: cut.url })));
    expect(error).toMatchObject({ kind: 'network', outcome: 'unknown' });
    expect(cut.requests).toBe(1);
  });

  it('no call after a Retry-After of an hour, which is told', async () => {
    const { client, server } = await onceFailing(429, { 'retry-after': '3600' });
    expect(await failureOf(say(client))).toMatchObject({ retryAfterMs: 3_600_000, retryable: true });
    expect(server.requests).toBe(1);
  });
});

describe('the client', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('takes the key and the address from the environment; options win', () => {
    expect(() => new SomiaClient()).toThrow(expect.objectContaining({ field: 'apiKey' }));
    vi.stubEnv('SOMIA_API_KEY', KEY);
    expect(new SomiaClient().baseUrl).toBe('https://platform.somiasolutions.com/api');
    vi.stubEnv('SOMIA_BASE_URL', 'https://somia.example.com/');
    expect(new SomiaClient().baseUrl).toBe('https://somia.example.com');
    expect(new SomiaClient({ baseUrl: 'http://127.0.0.1/api' }).baseUrl).toBe('http://127.0.0.1/api');
  });

  it('sends the key in the header that is asked for, and shows it to no observer', async () => {
    let headers: NodeJS.Dict<string | string[]> = {};
    const server = await httpServer((request, response) => {
      ({ headers } = request);
      response.end('{"session_id":"s"}');
    });
    onTestFinished(() => server.close());
    const seen: unknown[] = [];
    const hooks = {
      onRequest: (info: unknown) => void seen.push(info),
      onResponse: (info: unknown) => void seen.push(info),
    };
    const client = new SomiaClient({ apiKey: KEY, baseUrl: server.url, apiKeyHeader: 'apikey', hooks });
    await client.sessions.createSession(7);
    expect(headers).toMatchObject({ apikey: KEY });
    expect(headers['x-api-key']).toBeUndefined();
    expect(seen).toHaveLength(2);
    expect(shown([seen, client, client.sessions])).not.toContain(KEY);
  });

  it('ends what runs when it is closed', async () => {
    const server = await httpServer((_request, response) => void response.writeHead(200, SSE).flushHeaders());
    onTestFinished(() => server.close());
    const client = new SomiaClient({ apiKey: KEY, baseUrl: server.url });
    const waiting = failureOf(streamOf(client).next());
    await expect.poll(() => server.requests).toBe(1);
    client.close();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    expect(await failureOf(say(client))).toMatchObject({ name: 'AbortError' });
  });

  it('ends a call when its signal fires', async () => {
    const server = await httpServer(() => {});
    onTestFinished(() => server.close());
    const client = new SomiaClient({ apiKey: KEY, baseUrl: server.url });
    const controller = new AbortController();
    const { signal } = controller;
    const plain = failureOf(client.sessions.run(7, { input_data: 'hi' }, { signal }));
    const stream = failureOf(client.sessions.run(7, { input_data: 'hi', stream: true }, { signal }).next());
    await expect.poll(() => server.requests).toBe(2);
    controller.abort();
    expect(await plain).toMatchObject({ name: 'AbortError' });
    expect(await stream).toMatchObject({ name: 'AbortError' });
  });
});

describe('what is given wrongly', () => {
  const client = new SomiaClient({ apiKey: KEY, baseUrl: 'http://127.0.0.1:1' });
  const { sessions } = client;
  const hi = { input_data: 'hi' };
  const wrong: [string, () => unknown, string][] = [
    ['an empty key', () => new SomiaClient({ apiKey: ' ' }), 'apiKey'],
    ['a key with a space', () => new SomiaClient({ apiKey: 'so mia' }), 'apiKey'],
    [
      'an option in another spelling',
      () => new SomiaClient({ apiKey: KEY, base_url: 'x' } as never),
      'base_url',
    ],
    ['options that are no object', () => new SomiaClient('key' as never), 'options'],
    ['a base URL', () => new SomiaClient({ apiKey: KEY, baseUrl: 'somia' }), 'baseUrl'],
    ['a header', () => new SomiaClient({ apiKey: KEY, apiKeyHeader: 'api key' }), 'apiKeyHeader'],
    [
      'a header that is taken',
      () => new SomiaClient({ apiKey: KEY, apiKeyHeader: 'Accept' }),
      'apiKeyHeader',
    ],
    ['no agent', () => sessions.createSession(undefined as never), 'agent_id'],
    ['NaN', () => sessions.createSession(Number.NaN), 'agent_id'],
    ['..', () => sessions.run('..', hi), 'agent_id'],
    ['no session', () => sessions.interactSession(7, undefined as never, hi), 'session_id'],
    ['an empty session', () => sessions.interactSession(7, '', hi), 'session_id'],
    ['an empty session of run', () => sessions.run(7, { ...hi, session_id: '' }), 'session_id'],
    [
      'a session of createSession',
      () => sessions.createSession(7, { session_id: 's' } as never),
      'session_id',
    ],
    ['no input', () => sessions.interactSession(7, 's', {} as never), 'input_data'],
    ['no input of run', () => sessions.run(7, {} as never), 'input_data'],
    ['fields that are no object', () => sessions.run(7, 'hi' as never), 'options'],
    ['no fields', () => sessions.interactSession(7, 's', null as never), 'options'],
    ['an empty text', () => sessions.run(7, { input_data: '\n' }), 'input_data'],
    ['a list of inputs', () => sessions.run(7, { input_data: ['hi'] as never }), 'input_data'],
    ['an unknown field', () => sessions.run(7, { ...hi, pipelineVersion: 'x' } as never), 'pipelineVersion'],
    ['a number that is none', () => sessions.run(7, { ...hi, metadata: { n: Number.NaN } }), 'n'],
    ['stream', () => sessions.run(7, { ...hi, stream: 'yes' as never }), 'stream'],
    ['extraBody', () => sessions.run(7, { ...hi, extraBody: [] as never }), 'extraBody'],
    ['a call option', () => sessions.run(7, hi, { timeout: 1 } as never), 'timeout'],
  ];

  it.each(wrong)('is refused before anything is sent: %s', async (_name, act, field) => {
    const error = await failureOf(Promise.resolve().then(() => act()));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });

  it('a stream refuses right away, a plain call through its promise', () => {
    expect(() => sessions.run(7, { input_data: '', stream: true })).toThrow(ValidationError);
    expect(() => sessions.run('', { ...hi, stream: true })).toThrow(ValidationError);
    expect(() => sessions.run(7, { ...hi, stream: true }, { timeoutMs: Number.NaN })).toThrow(
      ValidationError,
    );
    const plain = sessions.run(7, { input_data: '' });
    return expect(plain).rejects.toThrow(ValidationError);
  });
});
