import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { AbortedError, ValidationError } from '../../../src/errors/index.js';
import type { RequestHooks } from '../../../src/http/index.js';
import { PlatformError } from '../../../src/platforms/shared/platform-error.js';
import { PlatformTransport } from '../../../src/platforms/shared/platform-transport.js';
import { type PlatformRequest, pathOf } from '../../../src/platforms/shared/request.js';
import { undiciFetch } from '../../../src/undici/index.js';
import { deadUrl, httpServer, tcpServer } from '../../http/raw-server.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { CountingClock } from '../support/counting-clock.js';
import { deferred } from '../support/deferred.js';
import { shown } from '../support/shown.js';
import { KEY, TestDialect } from './test-dialect.js';

const GET: PlatformRequest = { method: 'GET', path: '/things', label: 'things.list' };
const POST: PlatformRequest = { method: 'POST', path: '/things', body: { a: 1 }, label: 'things.create' };
const STREAM: PlatformRequest = { method: 'POST', path: '/talk', body: {}, label: 'talk.stream' };
const SSE = { 'content-type': 'text/event-stream' };
const JSON_TYPE = { 'content-type': 'application/json' };

const clock = new CountingClock();
let seen: unknown[] = [];
const hooks: RequestHooks = {
  onRequest: (info) => void seen.push(info),
  onResponse: (info) => void seen.push(info),
  onError: (info) => void seen.push(info),
  onRetry: (info) => void seen.push(info),
};

beforeEach(() => {
  seen = [];
});

afterEach(() => {
  expect(clock.timers, 'timers that still run').toBe(0);
  expect(shown(seen)).not.toContain(KEY);
  expect(shown(seen)).not.toContain('fresh-token');
});

function circle(): unknown {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

type Options = Partial<ConstructorParameters<typeof PlatformTransport>[1]>;

function transportTo(baseUrl: string, options: Options = {}): PlatformTransport {
  return new PlatformTransport(new TestDialect(), { baseUrl, clock, hooks, ...options });
}

type Handler = (request: IncomingMessage, response: ServerResponse, nth: number, body: Buffer) => void;

/** A transport to a server that does this. */
async function serve(handle: Handler, options?: Options): Promise<PlatformTransport> {
  const server = await httpServer(handle);
  onTestFinished(() => server.close());
  return transportTo(server.url, options);
}

/** What a call fails with. Nothing of the key is in it, anywhere. */
async function failureOf(running: Promise<unknown>): Promise<PlatformError> {
  const error = await running.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(shown(error)).not.toContain(KEY);
  expect(shown(error)).not.toContain('fresh-token');
  return error as PlatformError;
}

async function read(running: Promise<AsyncIterable<{ data: string }>>): Promise<string[]> {
  const data: string[] = [];
  for await (const frame of await running) data.push(frame.data);
  return data;
}

describe('a call', () => {
  it('joins the base URL, the path and the query, and sends JSON with fresh headers', async () => {
    const requests: unknown[] = [];
    const server = await httpServer(({ method, url, headers }, response, _nth, body) => {
      requests.push({
        method,
        url,
        key: headers.authorization,
        token: headers['x-custom-key'],
        body: body.toString(),
      });
      response.writeHead(200, { ...JSON_TYPE, 'x-request-id': 'r1' }).end('{"ok":true}');
    });
    onTestFinished(() => server.close());
    const transport = transportTo(`${server.url}/v1/`);
    const query = { a: 'x y', b: undefined, c: 0, d: false };
    const answer = await transport.request({ ...POST, query });
    expect(answer).toMatchObject({ data: { ok: true }, status: 200, requestId: 'r1' });
    await transport.request({ ...GET, path: pathOf('/things/{id}', { id: 'a/b?ä' }) });
    const key = `Bearer ${KEY}`;
    expect(requests).toEqual([
      { method: 'POST', url: '/v1/things?a=x+y&c=0&d=false', key, token: 'fresh-token-1', body: '{"a":1}' },
      { method: 'GET', url: '/v1/things/a%2Fb%3F%C3%A4', key, token: 'fresh-token-2', body: '' },
    ]);
  });

  it.each([
    ['JSON', JSON_TYPE, '[1]', [1]],
    ['JSON without a type', {}, '[1]', [1]],
    ['text', { 'content-type': 'text/plain' }, 'fine', 'fine'],
    ['nothing', {}, '', undefined],
    ['white space', JSON_TYPE, ' \n', undefined],
  ])('takes an answer of %s', async (_name, headers, body, data) => {
    const transport = await serve((_request, response) => void response.writeHead(200, headers).end(body));
    expect((await transport.request(GET)).data).toEqual(data);
  });

  it('is repeated where the platform lets it, with another token, after the pause that was asked for', async () => {
    const transport = await serve((_request, response, nth) => {
      if (nth < 3) response.writeHead(503).end();
      else response.writeHead(200).end('{}');
    });
    expect((await transport.request(GET)).status).toBe(200);
    expect(await failureOf(transport.request(POST))).toBeUndefined();
    expect(seen).toMatchObject([
      { attempt: 1 },
      { attempt: 1, status: 503 },
      { nextAttempt: 2, status: 503 },
      { attempt: 2 },
      { attempt: 2, status: 503 },
      { nextAttempt: 3 },
      { attempt: 3 },
      { attempt: 3, status: 200 },
      { method: 'POST', attempt: 1 },
      { status: 200 },
    ]);
  });

  it('is not repeated where the platform does not, nor beyond maxRetries', async () => {
    let requests = 0;
    const transport = await serve((_request, response) => {
      requests += 1;
      response.writeHead(503).end();
    });
    await failureOf(transport.request(POST));
    expect(requests).toBe(1);
    await failureOf(transport.request(GET, { maxRetries: 0 }));
    expect(requests).toBe(2);
    expect(await failureOf(transport.request(GET))).toMatchObject({ kind: 'unavailable', retryable: true });
    expect(requests).toBe(5);
  });
});

describe('what a platform refuses', () => {
  it('has the kind of its status, the platform’s words, and an outcome', async () => {
    const transport = await serve((_request, response) => {
      const body = JSON.stringify({ detail: `no such thing for ${KEY}`, code: 17 });
      response.writeHead(404, { ...JSON_TYPE, 'x-request-id': 'r7' }).end(body);
    });
    const error = await failureOf(transport.request(POST));
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toMatchObject({
      code: 'PLATFORM_FAILED',
      platform: 'phoson',
      kind: 'not_found',
      message: 'no such thing for ***',
      status: 404,
      requestId: 'r7',
      retryable: false,
      outcome: 'rejected',
      body: { detail: 'no such thing for ***', code: 17 },
    });
  });

  it('is not waited for when Retry-After is an hour', async () => {
    const transport = await serve(
      (_request, response) =>
        void response.writeHead(429, { 'retry-after': '3600' }).end('{"detail":"slow down"}'),
    );
    expect(await failureOf(transport.request(GET))).toMatchObject({
      kind: 'rate_limit',
      retryAfterMs: 3_600_000,
      retryable: true,
    });
  });

  it('is bounded, also when it does not end', async () => {
    const closed = deferred<void>();
    const transport = await serve((_request, response) => {
      response.on('close', closed.resolve);
      response.writeHead(500);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const error = await failureOf(transport.request(POST));
    expect(error).toMatchObject({ kind: 'server', status: 500, outcome: 'unknown' });
    expect(JSON.stringify(error).length).toBeLessThan(5_000);
    await closed.promise;
    expect(await failureOf(transport.stream(STREAM))).toMatchObject({ kind: 'server', status: 500 });
  });

  it('may be a page, which is no message', async () => {
    const transport = await serve(
      (_request, response) =>
        void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>oops</html>'),
    );
    expect(await failureOf(transport.request(POST))).toMatchObject({
      kind: 'unavailable',
      message: 'things.create was refused with status 502',
      body: '<html>oops</html>',
    });
  });
});

describe('what cannot be read', () => {
  it.each([
    [
      'a web page',
      { 'content-type': 'text/html' },
      `<!doctype html>${KEY}`,
      /web page.*\*\*\*.*Check "baseUrl"/,
    ],
    ['JSON that breaks off', JSON_TYPE, `{"key":"${KEY}`, /JSON that does not parse/],
  ])('is a protocol error: %s', async (_name, headers, body, words) => {
    const transport = await serve((_request, response) => void response.writeHead(200, headers).end(body));
    const error = await failureOf(transport.request(POST));
    expect(error).toMatchObject({ kind: 'protocol', status: 200, outcome: 'unknown', retryable: false });
    expect(error.message).toMatch(words);
  });

  it.each([301, 302, 303, 307, 308])('is a redirect (%i): the key does not follow it', async (status) => {
    const elsewhere = await httpServer((_request, response) => void response.end('{}'));
    onTestFinished(() => elsewhere.close());
    const transport = await serve(
      (_request, response) => void response.writeHead(status, { location: elsewhere.url }).end(),
    );
    for (const run of [
      () => transport.request(GET),
      () => transport.request(POST),
      () => transport.stream(STREAM),
    ]) {
      expect(await failureOf(run())).toMatchObject({ kind: 'protocol', status });
    }
    expect(elsewhere.requests).toBe(0);
  });

  it('is a server that is not there', async () => {
    const transport = transportTo(await deadUrl(), { maxRetries: 0 });
    for (const run of [() => transport.request(POST), () => transport.stream(STREAM)]) {
      const error = await failureOf(run());
      expect(error).toMatchObject({ kind: 'network', outcome: 'not_sent', retryable: true, status: null });
      expect(error.message).toMatch(/ECONNREFUSED.*Nothing listens there/);
    }
  });

  it('is a connection that breaks within the answer', async () => {
    const server = await tcpServer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"a":'));
    });
    onTestFinished(() => server.close());
    const error = await failureOf(transportTo(server.url).request(POST));
    expect(error).toMatchObject({ kind: 'network', outcome: 'unknown', status: 200 });
    expect(error.message).toContain('the connection broke before the answer was complete');
  });

  it('is a fetch that gives no Response, or throws the headers', async () => {
    const none = transportTo('http://127.0.0.1:1', { fetch: (async () => null) as never });
    expect((await failureOf(none.request(POST))).message).toContain('"fetch" gave no Response');
    expect((await failureOf(none.stream(STREAM))).message).toContain('"fetch" gave no Response');
    const evil = transportTo('http://127.0.0.1:1', {
      fetch: async (_url, init) => {
        throw Object.assign(new Error(`failed with ${KEY}`), { config: init });
      },
    });
    expect(await failureOf(evil.request(POST))).toMatchObject({ kind: 'network' });
    expect(await failureOf(evil.stream(STREAM))).toMatchObject({ kind: 'network' });
  });
});

describe('a server that accepts and says nothing', () => {
  it('is a timeout, of a call and of a stream, and its connection is closed', async () => {
    const gone: Promise<void>[] = [];
    const server = await tcpServer((socket) => {
      // Connections without a request are the business of `fetch`.
      socket.once('data', () => gone.push(new Promise((resolve) => socket.on('close', () => resolve()))));
    });
    onTestFinished(() => server.close());
    const transport = transportTo(server.url, { timeoutMs: 750 });
    for (const run of [() => transport.request(POST), () => transport.stream(STREAM)]) {
      const error = await failureOf(run());
      expect(error).toMatchObject({ kind: 'timeout', outcome: 'unknown', retryable: true });
      expect(error.message).toContain('nothing came within 750 ms ("timeoutMs")');
    }
    expect(gone).toHaveLength(2);
    await Promise.all(gone);
  });

  it('is left at once when the signal fires', async () => {
    const gone = deferred<void>();
    const reached = deferred<void>();
    const server = await tcpServer((socket) => {
      reached.resolve();
      socket.on('close', () => gone.resolve());
    });
    onTestFinished(() => server.close());
    const controller = new AbortController();
    const running = failureOf(transportTo(server.url).stream(STREAM, { signal: controller.signal }));
    await reached.promise;
    controller.abort(new Error('enough'));
    const error = await running;
    expect(error).toBeInstanceOf(AbortedError);
    expect(error).toMatchObject({ name: 'AbortError', cause: { message: 'enough' } });
    await gone.promise;
  });
});

/** Writes a stream step by step, as the test says. */
async function stage(options?: Options) {
  const opened = deferred<ServerResponse>();
  const gone = deferred<void>();
  const transport = await serve((_request, response) => {
    response.on('close', gone.resolve);
    response.writeHead(200, { ...SSE, 'x-request-id': 'r9' }).flushHeaders();
    opened.resolve(response);
  }, options);
  return { transport, response: () => opened.promise, gone: gone.promise };
}

describe('a stream', () => {
  it('gives frames as they come, and ends where the body ends', async () => {
    const { transport, response } = await stage();
    const stream = await transport.stream(STREAM);
    expect(stream).toMatchObject({ status: 200, requestId: 'r9' });
    const frames = stream[Symbol.asyncIterator]();
    const server = await response();
    server.write('event: a\nda');
    server.write('ta: 1\n\ndata: 2\n\n');
    expect(await frames.next()).toEqual({ done: false, value: { event: 'a', data: '1', complete: true } });
    expect((await frames.next()).value).toMatchObject({ data: '2' });
    server.end('data: 3');
    expect((await frames.next()).value).toEqual({ event: undefined, data: '3', complete: false });
    expect(await frames.next()).toEqual({ done: true, value: undefined });
    expect(await frames.next()).toEqual({ done: true, value: undefined });
  });

  it('closes its connection when the loop is left', async () => {
    const { transport, response, gone } = await stage();
    const stream = await transport.stream(STREAM);
    (await response()).write('data: 1\n\ndata: 2\n\n');
    for await (const frame of stream) {
      expect(frame.data).toBe('1');
      break;
    }
    await gone;
    expect(await read(Promise.resolve(stream))).toEqual([]);
  });

  it('closes its connection when it is closed, read or not, and who waits gets the end', async () => {
    const { transport, gone } = await stage();
    const stream = await transport.stream(STREAM);
    const waiting = stream[Symbol.asyncIterator]().next();
    stream.close();
    stream.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await gone;
  });

  it('ends at once with an AbortedError when the signal fires', async () => {
    const { transport, response, gone } = await stage();
    const controller = new AbortController();
    const frames = (await transport.stream(STREAM, { signal: controller.signal }))[Symbol.asyncIterator]();
    (await response()).write('data: 1\n\n');
    await frames.next();
    const waiting = failureOf(frames.next());
    controller.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
    await gone;
  });

  it('is interrupted when the connection breaks', async () => {
    const { transport, response } = await stage();
    const frames = (await transport.stream(STREAM))[Symbol.asyncIterator]();
    const server = await response();
    server.write('data: 1\n\ndata: 2');
    await frames.next();
    server.destroy();
    const error = await failureOf(frames.next());
    expect(error).toMatchObject({
      kind: 'interrupted',
      requestId: 'r9',
      retryable: true,
      outcome: 'unknown',
    });
    expect(await frames.next()).toMatchObject({ done: true });
    expect(seen.at(-1)).toMatchObject({ error: { kind: 'interrupted' } });
  });

  it('times out when nothing comes for timeoutMs, which begins anew with each piece', async () => {
    const { transport, response, gone } = await stage({ timeoutMs: 100 });
    const frames = (await transport.stream(STREAM))[Symbol.asyncIterator]();
    const server = await response();
    const beat = setInterval(() => server.write(': still here\n'), 20);
    const first = frames.next();
    const before = performance.now();
    setTimeout(() => {
      clearInterval(beat);
      server.write('data: 1\n\n');
    }, 300);
    expect((await first).value).toMatchObject({ data: '1' });
    expect(performance.now() - before).toBeGreaterThan(200);
    expect(await failureOf(frames.next())).toMatchObject({ kind: 'timeout' });
    await gone;
  });

  it('has no limit while nobody waits for it', async () => {
    const time = new VirtualClock();
    const { transport, response } = await stage({ timeoutMs: 50, clock: time });
    const stream = await transport.stream(STREAM);
    await time.advance(3_600_000);
    (await response()).end('data: 1\n\ndata: 2\n\n');
    expect(await read(Promise.resolve(stream))).toEqual(['1', '2']);
  });

  it.each([
    ['a web page', { 'content-type': 'text/html' }, '<html></html>', /text\/html/],
    ['JSON', JSON_TYPE, '{"ok":true}', /application\/json/],
    ['NDJSON that nobody asked for', { 'content-type': 'application/x-ndjson' }, '{}\n', /ndjson/],
    ['nothing', {}, '', /no content type/],
  ])('is a protocol error where it is no stream: %s', async (_name, headers, body, words) => {
    const transport = await serve((_request, response) => void response.writeHead(200, headers).end(body));
    const error = await failureOf(transport.stream(STREAM));
    expect(error).toMatchObject({ kind: 'protocol', status: 200 });
    expect(error.message).toMatch(words);
  });

  it('may be NDJSON where that was asked for', async () => {
    const transport = await serve(
      (_request, response) =>
        void response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end('{"a":1}\n{"b":2}'),
    );
    expect(await read(transport.stream({ ...STREAM, ndjson: true }))).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('refuses a frame of 50 MB, and closes its connection', async () => {
    const gone = deferred<void>();
    let written = 0;
    const piece = 'x'.repeat(1 << 20);
    const transport = await serve((_request, response) => {
      response.on('close', gone.resolve);
      response.writeHead(200, SSE).write('data: first\n\ndata: ');
      const more = () => {
        while (written < 50 && !response.destroyed) {
          written += 1;
          if (!response.write(piece)) return;
        }
      };
      response.on('drain', more);
      more();
    });
    const frames = (await transport.stream(STREAM))[Symbol.asyncIterator]();
    expect((await frames.next()).value).toMatchObject({ data: 'first' });
    const error = await failureOf(frames.next());
    expect(error).toMatchObject({ kind: 'protocol' });
    expect(error.message).toContain('a frame of more than 16777216 characters');
    await gone.promise;
    expect(written).toBeLessThan(50);
  });

  it('holds back a server that is faster than who reads, and loses nothing', async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(new TextEncoder().encode(`data: ${pulled}\n\n`));
          if (pulled === 100) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const transport = transportTo('http://127.0.0.1:1', {
      fetch: async () => new Response(body, { headers: SSE }),
    });
    const frames = (await transport.stream(STREAM))[Symbol.asyncIterator]();
    for (const n of ['1', '2', '3']) expect((await frames.next()).value).toMatchObject({ data: n });
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeLessThan(6);
    const rest: string[] = [];
    for (let step = await frames.next(); step.done !== true; step = await frames.next())
      rest.push(step.value.data);
    expect(rest).toEqual(Array.from({ length: 97 }, (_, at) => String(at + 4)));
  });

  it.each(['its signal fires', 'the client is closed'])(
    'gives nothing more once %s, also of what has come already',
    async (how) => {
      const transport = transportTo('http://127.0.0.1:1', {
        fetch: async () => new Response('data: 1\n\ndata: 2\n\ndata: 3\n\n', { headers: SSE }),
      });
      const controller = new AbortController();
      const stream = await transport.stream(STREAM, { signal: controller.signal });
      const frames = stream[Symbol.asyncIterator]();
      expect((await frames.next()).value).toMatchObject({ data: '1' });
      if (how === 'its signal fires') controller.abort();
      else transport.close();
      expect(await failureOf(frames.next())).toMatchObject({ name: 'AbortError', outcome: 'unknown' });
      expect(await frames.next()).toEqual({ done: true, value: undefined });
    },
  );

  it('does not show a key that a frame quotes', async () => {
    const transport = transportTo('http://127.0.0.1:1', {
      fetch: async () => new Response(`data: {"error":"not with ${KEY}"}\n\n`, { headers: SSE }),
    });
    expect(await read(transport.stream(STREAM))).toEqual(['{"error":"not with ***"}']);
  });

  it('takes any number of frames in one piece', async () => {
    const many = 500_000;
    const transport = transportTo('http://127.0.0.1:1', {
      fetch: async () => new Response('data:1\n\n'.repeat(many), { headers: SSE }),
    });
    expect((await read(transport.stream(STREAM))).length).toBe(many);
  });

  it('takes a fetch of the user’s, undici’s too', async () => {
    const dispatched: string[] = [];
    const fetch = undiciFetch();
    const { transport, response } = await stage({
      fetch: (url, init) => {
        dispatched.push(String(url));
        return fetch(url, init);
      },
    });
    const reading = read(transport.stream(STREAM));
    (await response()).end('data: 1\n\n');
    expect(await reading).toEqual(['1']);
    expect(dispatched).toHaveLength(1);
    const direct = await stage({ fetch });
    const other = read(direct.transport.stream(STREAM));
    (await direct.response()).end('data: 2\n\n');
    expect(await other).toEqual(['2']);
  });
});

describe('close', () => {
  it('ends what runs, and refuses what comes later', async () => {
    const { transport, gone } = await stage();
    const stream = await transport.stream(STREAM);
    const waiting = failureOf(stream[Symbol.asyncIterator]().next());
    transport.close();
    expect(await waiting).toMatchObject({
      name: 'AbortError',
      message: expect.stringContaining('the client was closed'),
    });
    await gone;
    transport.close();
    const late = await failureOf(transport.request(GET));
    expect(late).toMatchObject({ name: 'AbortError', outcome: 'not_sent' });
    expect(late.message).toBe('things.list: the client was closed. Make a new one.');
  });
});

describe('what is given wrongly', () => {
  const wrong: [string, (transport: PlatformTransport) => unknown, string][] = [
    ['an unknown option', (t) => t.request(GET, { timeout: 5 } as never), 'timeout'],
    ['a timeout', (t) => t.request(GET, { timeoutMs: Number.NaN }), 'timeoutMs'],
    ['retries', (t) => t.request(GET, { maxRetries: -1 }), 'maxRetries'],
    ['a signal', (t) => t.request(GET, { signal: {} as never }), 'signal'],
    ['a number in the query', (t) => t.request({ ...GET, query: { limit: Number.NaN } }), 'limit'],
    [
      'a number in the body',
      (t) => t.request({ ...POST, body: { a: { b: Number.POSITIVE_INFINITY } } }),
      'b',
    ],
    ['a body in a circle', (t) => t.request({ ...POST, body: circle() }), 'body'],
    ['a header', (t) => t.request({ ...GET, headers: { 'x-a': 'line\nbreak' } }), 'headers'],
    ['an empty id', () => pathOf('/a/{id}', { id: '' }), 'id'],
    ['an id of white space', () => pathOf('/a/{id}', { id: ' ' }), 'id'],
    ['..', () => pathOf('/a/{id}', { id: '..' }), 'id'],
    ['.', () => pathOf('/a/{id}', { id: '.' }), 'id'],
    ['NaN', () => pathOf('/a/{id}', { id: Number.NaN }), 'id'],
    ['no id', () => pathOf('/a/{id}', {}), 'id'],
    ['half a character', () => pathOf('/a/{id}', { id: '\ud83d' }), 'id'],
    ['a base URL', () => transportTo('somewhere'), 'baseUrl'],
    ['a base URL with a password', () => transportTo('http://a:b@127.0.0.1'), 'baseUrl'],
    ['a base URL of another kind', () => transportTo('ftp://127.0.0.1'), 'baseUrl'],
    ['a fetch', () => transportTo('http://127.0.0.1', { fetch: 'fetch' as never }), 'fetch'],
    ['hooks', () => transportTo('http://127.0.0.1', { hooks: 1 as never }), 'hooks'],
  ];

  it.each(wrong)('is refused before anything is sent: %s', async (_name, act, field) => {
    const transport = transportTo('http://127.0.0.1:1');
    const error = await failureOf(Promise.resolve().then(() => act(transport)));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
    expect(seen).toEqual([]);
  });
});

describe('observers', () => {
  it('cannot change what the caller gets', async () => {
    const transport = await serve(
      (_request, response) => void response.writeHead(422, JSON_TYPE).end('{"detail":"no","errors":[1]}'),
      {
        hooks: {
          onError: ({ error }) => {
            Object.assign((error as PlatformError).body as object, { errors: 'changed' });
            throw new Error('a hook that throws');
          },
        },
      },
    );
    expect(await failureOf(transport.request(POST))).toMatchObject({ body: { detail: 'no', errors: [1] } });
  });

  it('see no key that a refusal quotes with escapes, as the name of a field, or in a header', async () => {
    const escaped = KEY.replaceAll('/', '\\/');
    const transport = await serve(
      (_request, response) =>
        void response
          .writeHead(400, { ...JSON_TYPE, 'x-request-id': `r-${KEY}` })
          .end(`{"detail":"not with ${escaped}","${escaped}":1}`),
    );
    const error = await failureOf(transport.request(POST));
    expect(error).toMatchObject({ message: 'not with ***', requestId: 'r-***' });
  });

  it('see no secret of the request', async () => {
    const transport = await serve(
      (_request, response, _nth, body) => void response.writeHead(400, JSON_TYPE).end(body),
    );
    const request = { ...POST, body: { detail: 'provider-key-1', url: 'x' }, query: { k: 'provider-key-1' } };
    const error = await failureOf(transport.request({ ...request, secrets: ['provider-key-1'] }));
    expect(shown([error, seen])).not.toContain('provider-key-1');
    expect(error.message).toBe('***');
  });
});
