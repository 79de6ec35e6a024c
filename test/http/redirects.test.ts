import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HttpTransport, type HttpTransportOptions } from '../../src/http/index.js';

const KEY = 'ac_live_0123456789abcdef';

/** A place that answers by path, and remembers who asked with what. */
function places(
  answers: Readonly<Record<string, () => Response>>,
  options: Partial<HttpTransportOptions> = {},
) {
  const seen: { method: string; url: string; headers: Headers; body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (url, { method = 'GET', headers, body } = {}) => {
    seen.push({ method, url: String(url), headers: new Headers(headers), body });
    return (answers[String(url)] ?? (() => new Response(null, { status: 404 })))();
  };
  return {
    seen,
    transport: new HttpTransport({ apiKey: KEY, baseUrl: 'https://here.test', fetch, ...options }),
  };
}

const to =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { location } });
const ok = () => Response.json({ ok: true });
function unreachable(message = 'connect ECONNREFUSED'): never {
  const cause = Object.assign(new Error(message), { code: 'ECONNREFUSED' });
  throw new TypeError('fetch failed', { cause });
}

describe('a redirect that is followed', () => {
  it('takes the key along to the same origin, and to no other, nor back', async () => {
    const { seen, transport } = places({
      'https://here.test/a': to('/b'),
      'https://here.test/b': to('https://there.test/c'),
      'https://there.test/c': to('https://here.test/d'),
      'https://here.test/d': ok,
    });
    const { data } = await transport.request('GET', '/a', { followRedirect: true });
    expect(data).toEqual({ ok: true });
    expect(seen.map(({ url, headers }) => [url, headers.get('authorization')])).toEqual([
      ['https://here.test/a', `Bearer ${KEY}`],
      ['https://here.test/b', `Bearer ${KEY}`],
      ['https://there.test/c', null],
      ['https://here.test/d', null],
    ]);
  });

  it.each([
    [302, 'GET', undefined],
    [303, 'GET', undefined],
    [307, 'POST', '{"a":1}'],
    [308, 'POST', '{"a":1}'],
  ])('after a POST with %i is a %s', async (status, method, body) => {
    const { seen, transport } = places({
      'https://here.test/a': to('/b', status),
      'https://here.test/b': ok,
    });
    await transport.request('POST', '/a', { body: { a: 1 }, redirect: 'follow' });
    expect(seen[1]).toMatchObject({ method, body });
    expect(seen[1]?.headers.has('content-type')).toBe(body !== undefined);
  });

  it.each([
    ['in a circle', to('/a')],
    ['from TLS to none', to('http://here.test/a')],
    ['to what is no web address', to('ftp://here.test/a')],
    ['with credentials', to('https://a:b@here.test/a')],
    ['to nowhere', () => new Response(null, { status: 302 })],
  ])('is an error where it leads %s', async (_, answer) => {
    const { seen, transport } = places({ 'https://here.test/a': answer });
    const call = transport.request('GET', '/a', { followRedirect: true });
    await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_ERROR', status: 302 });
    expect(seen.length).toBeLessThanOrEqual(6);
  });

  it('is not followed unless asked for', async () => {
    const { seen, transport } = places({ 'https://here.test/a': to('/b'), 'https://here.test/b': ok });
    await expect(transport.request('GET', '/a')).rejects.toMatchObject({ code: 'PROTOCOL_ERROR' });
    expect(seen).toHaveLength(1);
  });

  it('takes no header of the service to another origin', async () => {
    const { seen, transport } = places(
      { 'https://here.test/a': to('https://there.test/b', 307), 'https://there.test/b': ok },
      { defaultHeaders: { 'X-Tenant-Token': 'secret', 'X-Trace': '1' } },
    );
    const headers = { 'X-Mine': 'secret too', 'If-None-Match': '"1"' };
    const options = { body: {}, headers, idempotencyKey: 'a-key-of-mine', followRedirect: true };
    await transport.request('POST', '/a', options);
    expect([...(seen[1]?.headers.keys() ?? [])]).toEqual([
      'accept',
      'content-type',
      'if-none-match',
      'user-agent',
    ]);
  });

  it.each([
    ['DELETE', 301],
    ['DELETE', 302],
    ['PUT', 302],
  ] as const)('does not take a %s for a GET after %i', async (method, status) => {
    const { seen, transport } = places({
      'https://here.test/a': to('/b', status),
      'https://here.test/b': ok,
    });
    await transport.request(method, '/a', { followRedirect: true });
    expect(seen.map((request) => request.method)).toEqual([method, method]);
  });

  it.each([
    ['nobody listens there', unreachable],
    ['it is refused', () => Response.json({ code: 'NOT_FOUND', message: 'No.' }, { status: 404 })],
    ['it leads in a circle', to('/b', 307)],
  ])('does not say that a POST has not happened once its answer is elsewhere and %s', async (_, answer) => {
    const { transport } = places({ 'https://here.test/a': to('/b', 303), 'https://here.test/b': answer });
    const call = transport.request('POST', '/a', { body: {}, followRedirect: true });
    await expect(call).rejects.toMatchObject({ outcome: 'unknown' });
  });

  it('says where it was not followed any further', async () => {
    const { transport } = places({ 'https://here.test/a': to('/a') });
    const call = transport.request('GET', '/a', { followRedirect: true });
    await expect(call).rejects.toThrow('GET /a was redirected to where it is not followed: in a circle');
  });

  it('does not send a body twice that can be sent once', async () => {
    const { seen, transport } = places({ 'https://here.test/a': to('/b', 307), 'https://here.test/b': ok });
    const body = new Blob(['x']).stream();
    const call = transport.request('POST', '/a', { body, followRedirect: true });
    await expect(call).rejects.toMatchObject({ code: 'PROTOCOL_ERROR', outcome: 'rejected' });
    expect(seen).toHaveLength(1);
  });

  it('shows nothing of what a signed address lets somebody in with', async () => {
    const signed = 'https://there.test/b?X-Signature=0123456789abcdef';
    const { transport } = places(
      { 'https://here.test/a': to(signed), [signed]: () => unreachable(`connect ECONNREFUSED ${signed}`) },
      { retry: { maxRetries: 0 } },
    );
    const error = await transport.request('GET', '/a', { followRedirect: true }).catch((thrown) => thrown);
    expect(inspect(error)).toContain('ECONNREFUSED');
    expect(inspect(error)).not.toContain('0123456789abcdef');
  });

  it('does not take what another origin says for the word of the service', async () => {
    const keys = ['ac_live_first_key', 'ac_live_second_key'];
    const refusal = () => Response.json({ code: 'UNAUTHORIZED', message: 'No.' }, { status: 401 });
    const { seen, transport } = places(
      { 'https://here.test/a': to('https://there.test/b'), 'https://there.test/b': refusal },
      { apiKey: () => keys.shift() ?? 'ac_live_third_key' },
    );
    const call = transport.request('GET', '/a', { followRedirect: true });
    await expect(call).rejects.toMatchObject({ status: 401 });
    expect(seen).toHaveLength(2);
  });
});
