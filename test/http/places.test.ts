import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConnectionError, ProtocolError, ValidationError } from '../../src/errors/index.js';
import { HttpTransport, type HttpTransportOptions, type RequestInfo } from '../../src/http/index.js';
import { json, scriptedFetch } from './fake-fetch.js';
import { httpServer, type RawServer } from './raw-server.js';

const KEY = 'ac_live_0123456789abcdef';
const opened: RawServer[] = [];

afterEach(async () => {
  vi.unstubAllGlobals();
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function keep(server: Promise<RawServer>): Promise<RawServer> {
  opened.push(await server);
  return server;
}

const scripted = (step: Parameters<typeof scriptedFetch>[0], options: HttpTransportOptions = {}) => {
  const { fetch, seen } = scriptedFetch(step);
  return { seen, transport: new HttpTransport({ apiKey: KEY, fetch, retry: { maxRetries: 0 }, ...options }) };
};
const caught = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

const redirect = () =>
  new Response(null, { status: 302, headers: { location: 'https://files.example/a?sig=1' } });

describe('a redirect', () => {
  it('is returned to who asks for it, with where it leads', async () => {
    const { transport, seen } = scripted(redirect);
    const { status, headers, data } = await transport.request('GET', '/v1/x', { redirect: 'return' });
    expect([status, headers.get('location'), data]).toEqual([
      302,
      'https://files.example/a?sig=1',
      undefined,
    ]);
    expect(seen).toHaveLength(1);
  });

  it('is returned by an endpoint that answers with one, and by no other', async () => {
    const { transport } = scripted(redirect);
    const attachment = { params: { attachment_id: 'att_1' } };
    expect((await transport.call('getAttachmentDownloadUrl', attachment)).status).toBe(302);
    expect(await caught(transport.call('getMe'))).toBeInstanceOf(ProtocolError);
  });

  it('that the platform hides is an error that says so', async () => {
    const hidden = { status: 0, type: 'opaqueredirect', headers: new Headers(), body: null } as Response;
    const { transport } = scripted(() => hidden);
    const error = await caught(transport.request('GET', '/v1/x', { redirect: 'return' }));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as ProtocolError).message).toMatch(/a browser does not show .* on a server of your own/);
  });
});

describe('bytes', () => {
  const bytes = Uint8Array.from({ length: 3_000 }, (_, index) => index % 256);

  it.each<[string, () => unknown]>([
    ['a Uint8Array', () => bytes],
    ['an ArrayBuffer', () => bytes.slice().buffer],
    ['a Blob', () => new Blob([bytes])],
    ['a function that gives a stream', () => () => new Blob([bytes]).stream()],
  ])('go out and come back as they are: %s', async (_, body) => {
    const seen: { type: string | undefined; bytes: Buffer }[] = [];
    const server = await keep(
      httpServer(({ headers }, response, nth, received) => {
        seen.push({ type: headers['content-type'], bytes: received });
        if (nth === 1) response.writeHead(503).end();
        else response.writeHead(200).end(received);
      }),
    );
    const progress: number[] = [];
    const transport = new HttpTransport({ apiKey: KEY, baseUrl: server.url, retry: { baseDelayMs: 1 } });
    const { data, attempts } = await transport.request<Uint8Array>('PUT', '/v1/x', {
      body: body(),
      read: 'bytes',
      onProgress: (received) => {
        progress.push(received);
        throw new Error('ignored');
      },
    });
    expect(attempts).toBe(2);
    expect(Buffer.from(data).equals(bytes)).toBe(true);
    expect(progress.at(-1)).toBe(bytes.length);
    for (const one of seen) {
      expect(one.type).toBe('application/octet-stream');
      expect(one.bytes.equals(bytes)).toBe(true);
    }
  });

  it('are of the type that the headers say, in any spelling, and it is sent once', async () => {
    const { transport, seen } = scripted(json({}));
    await transport.request('PUT', '/v1/x', { body: bytes, headers: { 'content-type': 'image/png' } });
    const types = Object.entries(seen[0]?.headers ?? {}).filter(([name]) => /^content-type$/i.test(name));
    expect(types).toEqual([['content-type', 'image/png']]);
  });

  it('are bounded as JSON is', async () => {
    const { transport } = scripted(() => new Response(bytes), { maxBodyBytes: bytes.length - 1 });
    const error = await caught(transport.request('GET', '/v1/x', { read: 'bytes' }));
    expect((error as ProtocolError).message).toContain('"maxBodyBytes"');
    const { transport: exact } = scripted(() => new Response(bytes), { maxBodyBytes: bytes.length });
    expect((await exact.request<Uint8Array>('GET', '/v1/x', { read: 'bytes' })).data).toEqual(bytes);
    const { transport: empty } = scripted(() => new Response(null, { status: 204 }));
    expect((await empty.request<Uint8Array>('GET', '/v1/x', { read: 'bytes' })).data).toEqual(
      new Uint8Array(),
    );
  });

  it('of a refusal are read as its text', async () => {
    const { transport } = scripted(json({ code: 'ATTACHMENT_NOT_FOUND', message: 'gone' }, 404));
    const error = await caught(transport.request('GET', '/v1/x', { read: 'bytes' }));
    expect(error).toMatchObject({ code: 'ATTACHMENT_NOT_FOUND', status: 404 });
  });
});

describe('a signed URL', () => {
  const SIGNED = 'https://files.example/bucket/a.png?X-Signature=S3cr3tSignature';

  it('gets neither the key nor any header of ours, and its query is in nothing that is shown', async () => {
    const told: RequestInfo[] = [];
    const failing = () => {
      throw new TypeError(`Failed to parse ${SIGNED}`, { cause: new Error(SIGNED) });
    };
    for (const step of [failing, () => new Response(`no: ${SIGNED}`, { status: 403 })]) {
      const { transport, seen } = scripted(step, {
        clientIdentity: { name: 'weather-bot' },
        hooks: { onRequest: (info) => void told.push(info), onError: (info) => void told.push(info) },
      });
      const body = Uint8Array.of(1);
      const error = await caught(transport.request('PUT', SIGNED, { auth: 'none', body }));
      expect(error).toMatchObject({
        message: expect.stringContaining('PUT https://files.example/bucket/a.png'),
      });
      expect(seen[0]?.url).toBe(SIGNED);
      expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual(['Content-Type', 'User-Agent']);
      const { message, stack, cause } = error as Error;
      const shown = [
        message,
        stack,
        String(cause),
        (cause as Error | undefined)?.stack,
        JSON.stringify([error, told]),
      ];
      expect(shown.join('\n')).not.toContain('S3cr3t');
    }
    expect(told.map(({ url }) => url)).toEqual(Array(4).fill('https://files.example/bucket/a.png'));
  });

  it.each([403, 500, 503])('keeps what a storage quotes of it in a %i out of sight', async (status) => {
    const told: unknown[] = [];
    const signature = 'S3cr3t/Signature+of=='; // As it is read; it is written with percent signs.
    const url = `https://files.example/a?X-Algorithm=HMAC&X-Signature=${encodeURIComponent(signature)}`;
    for (const quoted of [signature, encodeURIComponent(signature)]) {
      const body = `<Error><SignatureProvided>${quoted}</SignatureProvided></Error>`;
      const json = JSON.stringify({ code: 'FORBIDDEN', message: body, details: { quoted } });
      // Some servers escape slashes, and what means something in HTML.
      for (const text of [body, json, json.replaceAll('/', '\\/'), json.replaceAll('&', '\\u0026')]) {
        const { transport } = scripted(() => new Response(text, { status }), {
          hooks: { onError: (info) => void told.push(info) },
        });
        told.push(await caught(transport.request('GET', url, { auth: 'none' })));
      }
    }
    expect(inspect(told, { depth: 12, showHidden: true }) + JSON.stringify(told)).not.toContain('S3cr3t');
  });

  it('is not said to have carried the key when a storage redirects', async () => {
    const { transport } = scripted(redirect);
    const error = await caught(transport.request('GET', SIGNED, { auth: 'none' }));
    expect((error as Error).message).toMatch(/redirect, which is not followed\.$/);
  });

  it.each<[string, string, object]>([
    ['the key', SIGNED, {}],
    ['another protocol', 'file:///etc/passwd', { auth: 'none' }],
    ['credentials', 'https://u:p@files.example/a', { auth: 'none' }],
    ['no address', 'https://', { auth: 'none' }],
    ['no slash', 'v1/x', {}],
  ])('is refused with %s', async (_, path, options) => {
    const { transport, seen } = scripted(json({}));
    expect(await caught(transport.request('GET', path, options))).toBeInstanceOf(ValidationError);
    expect(seen).toHaveLength(0);
  });
});

describe('a fetch that gives no Response', () => {
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'fine'],
    ['parsed JSON', { ok: true }],
    ['an object with a status only', { status: 200 }],
    ['Response.error()', Response.error()],
  ])('is told so: %s', async (_, given) => {
    const { transport } = scripted(() => given as Response, { retry: { maxRetries: 3, baseDelayMs: 1 } });
    const error = await caught(transport.request('GET', '/v1/x'));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      retryable: false,
      message: expect.stringContaining('"fetch" gave no Response'),
    });
  });
});

describe('a stand-in for a Response', () => {
  it('that has a json() only is read by it', async () => {
    const given = {
      ok: false,
      status: 404,
      headers: new Headers(),
      json: async () => ({ code: 'AGENT_NOT_FOUND', message: 'No bob' }),
    };
    const { transport } = scripted(() => given as unknown as Response, {
      retry: { maxRetries: 3, baseDelayMs: 1 },
    });
    const error = await caught(transport.request('GET', '/v1/x'));
    expect(error).toMatchObject({ name: 'NotFoundError', code: 'AGENT_NOT_FOUND', status: 404 });
  });
});

describe('a runtime without fetch', () => {
  it('is told so before anything begins', async () => {
    vi.stubGlobal('fetch', undefined);
    const error = await caught(
      new HttpTransport({ apiKey: KEY }).request('GET', '/v1/x', { deadlineMs: 60_000 }),
    );
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field: 'fetch', outcome: 'not_sent' });
  });
});
