import { getEventListeners } from 'node:events';
import { undiciFetch } from 'agentchat-client/undici';
import { Agent, MockAgent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../src/http/index.js';
import { httpServer, type RawServer } from './raw-server.js';

const opened: RawServer[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function keep(server: Promise<RawServer>): Promise<RawServer> {
  opened.push(await server);
  return server;
}

/** Sends back what came, with the type that it had, and two cookies. */
const echo = () =>
  keep(
    httpServer((request, response, _, body) => {
      const type = request.headers['content-type'] ?? 'text/plain';
      response.writeHead(200, { 'content-type': type, 'x-url': request.url, 'set-cookie': ['a=1', 'b=2'] });
      response.end(body);
    }),
  );

describe('undiciFetch', () => {
  it('sends what fetch sends', async () => {
    const { url } = await echo();
    const fetch = undiciFetch();
    const form = new FormData();
    form.append('name', 'alice');
    const bytes = Uint8Array.of(1, 2, 3);
    const post = (body: BodyInit) => fetch(url, { method: 'POST', body });
    expect(await (await post('grüße')).text()).toBe('grüße');
    expect(await (await post(bytes.subarray(1))).bytes()).toEqual(Uint8Array.of(2, 3));
    expect(new Uint8Array(await (await post(bytes.slice().buffer)).arrayBuffer())).toEqual(bytes);
    expect(await (await post(new Blob(['blob'], { type: 'text/html' }))).text()).toBe('blob');
    expect(await (await post(new URLSearchParams({ a: '1' }))).text()).toBe('a=1');
    expect((await (await post(form)).formData()).get('name')).toBe('alice');
    const stream = new Blob(['streamed']).stream();
    expect(
      await (await fetch(url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit)).text(),
    ).toBe('streamed');
    expect(await (await fetch(new Request(url, { method: 'PUT', body: 'request' }))).text()).toBe('request');
    const { headers } = await fetch(new URL(`${url}/a/../b?q=ü#c`));
    expect(headers.get('X-URL')).toBe('/b?q=%C3%BC');
  });

  it('answers as a Response does', async () => {
    const { url } = await echo();
    const fetch = undiciFetch();
    const ask = (body = '{"n":1}') => fetch(url, { method: 'POST', body });
    const response = await ask();
    expect([
      response.ok,
      response.status,
      response.statusText,
      response.redirected,
      response.bodyUsed,
    ]).toEqual([true, 200, 'OK', false, false]);
    expect(response.url).toBe(url);
    expect(await response.json()).toEqual({ n: 1 });
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toThrow(TypeError);
    expect(() => response.clone()).toThrow(TypeError);

    expect(await (await ask()).clone().json()).toEqual({ n: 1 });
    expect(await (await (await ask()).blob()).text()).toBe('{"n":1}');
    const body = (await ask()).body as unknown as AsyncIterable<Uint8Array>;
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('{"n":1}');
    const piped = (await ask()).body?.pipeThrough(new TransformStream());
    expect(await new Response(piped).text()).toBe('{"n":1}');
    const reader = (await ask()).body?.getReader();
    await reader?.cancel();
    await expect(reader?.closed).resolves.toBeUndefined();
    await (await ask()).body?.cancel();
  });

  it('has headers as a Response has', async () => {
    const { url } = await echo();
    const { headers } = await undiciFetch()(url, {
      method: 'POST',
      body: 'x',
      headers: new Headers({ 'X-A': '1' }),
    });
    expect(headers.get('SET-COOKIE')).toBe('a=1, b=2');
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect([headers.has('x-url'), headers.has('constructor'), headers.get('nothing')]).toEqual([
      true,
      false,
      null,
    ]);
    expect(new Headers(headers).get('x-url')).toBe('/');
    expect([...headers.keys()]).toEqual([...headers].map(([name]) => name));
    expect([...headers.values()]).toContain('/');
    const seen: string[] = [];
    headers.forEach((value, name) => void seen.push(`${name}=${value}`));
    expect(seen).toContain('x-url=/');
    headers.set('x-b', '2');
    headers.append('x-b', '3');
    headers.delete('x-url');
    expect([headers.get('x-b'), headers.has('x-url')]).toEqual(['2, 3', false]);
  });

  it('returns redirects, and has no body where there is none', async () => {
    const server = await keep(
      httpServer((request, response) => {
        if (request.url === '/204') response.writeHead(204).end();
        else response.writeHead(302, { location: '/204' }).end();
      }),
    );
    const fetch = undiciFetch();
    const moved = await fetch(server.url);
    expect([moved.status, moved.headers.get('location'), server.requests]).toEqual([302, '/204', 1]);
    const empty = await fetch(`${server.url}/204`);
    expect([empty.body, await empty.text()]).toEqual([null, '']);
  });

  it('stops reading from the socket while nobody reads from it', async () => {
    let written = 0;
    const chunk = Buffer.alloc(64 * 1024);
    let settle: () => void = () => {};
    const full = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const server = await keep(
      httpServer((_, response) => {
        const more = (): void => {
          while (written < 200 * chunk.length) {
            written += chunk.length;
            if (!response.write(chunk)) {
              response.once('drain', more);
              return;
            }
          }
          response.end();
        };
        more();
        // Once the buffers of both kernels are full, nothing drains any more.
        let before = -1;
        const watch = setInterval(() => {
          if (written === before) {
            clearInterval(watch);
            settle();
          }
          before = written;
        }, 100);
      }),
    );
    const response = await undiciFetch()(server.url);
    await full;
    expect(written).toBeLessThan(200 * chunk.length);
    expect((await response.arrayBuffer()).byteLength).toBe(200 * chunk.length);
  });

  it('leaves no listener on a signal, however a request ends', async () => {
    const server = await keep(
      httpServer((request, response, nth) => {
        if (nth % 3 === 0) request.socket.destroy();
        else response.writeHead(nth % 2 === 0 ? 200 : 500).end('x'.repeat(nth));
      }),
    );
    const fetch = undiciFetch();
    const { signal } = new AbortController();
    for (let round = 0; round < 40; round++) {
      await Promise.allSettled(
        Array.from({ length: 10 }, async (_, index) => {
          const response = await fetch(server.url, { signal });
          if (index % 2 === 0) await response.text();
          else await response.body?.cancel();
        }),
      );
    }
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('gives up a request that waits for a connection, and never sends it', async () => {
    const urls: (string | undefined)[] = [];
    let answer: () => void = () => {};
    const server = await keep(
      httpServer((request, response, nth) => {
        urls.push(request.url);
        if (nth === 1) answer = () => void response.end('first');
        else response.end('later');
      }),
    );
    const fetch = undiciFetch({ dispatcher: new Agent({ connections: 1 }) });
    const first = fetch(`${server.url}/first`);
    const controller = new AbortController();
    const second = fetch(`${server.url}/second`, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(second).rejects.toBe(reason);
    while (server.requests === 0) await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(await (await first).text()).toBe('first');
    expect(await (await fetch(`${server.url}/third`)).text()).toBe('later');
    expect(urls).toEqual(['/first', '/third']);
  });

  it('rejects with whatever the signal was aborted with', async () => {
    const { url } = await echo();
    for (const reason of ['a text', 7, null, new Error('an error')]) {
      await expect(undiciFetch()(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    }
  });

  it('uses the dispatcher that it is given', async () => {
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent
      .get('https://api.agentchat.me')
      .intercept({ path: '/v1/agents/me', method: 'GET' })
      .reply(200, '{"handle":"alice"}', { headers: { 'x-request-id': 'req_1' } });
    const transport = new HttpTransport({
      apiKey: 'ac_live_test_key',
      baseUrl: 'https://api.agentchat.me',
      fetch: undiciFetch({ dispatcher: agent }),
    });
    const { data, requestId } = await transport.call('getMe');
    expect([data, requestId]).toEqual([{ handle: 'alice' }, 'req_1']);
    expect(() => undiciFetch({ dispatcher: {} as never })).toThrow(/"dispatcher"/);
  });
});
