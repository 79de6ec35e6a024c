import { describe, expect, it } from 'vitest';
import { HttpTransport } from '../../src/http/index.js';

const KEY = 'ac_live_0123456789abcdef';

/** A place that answers by path, and remembers who asked with what. */
function places(answers: Readonly<Record<string, () => Response>>) {
  const seen: { method: string; url: string; headers: Headers; body: unknown }[] = [];
  const fetch: typeof globalThis.fetch = async (url, { method = 'GET', headers, body } = {}) => {
    seen.push({ method, url: String(url), headers: new Headers(headers), body });
    return (answers[String(url)] ?? (() => new Response(null, { status: 404 })))();
  };
  return { seen, transport: new HttpTransport({ apiKey: KEY, baseUrl: 'https://here.test', fetch }) };
}

const to =
  (location: string, status = 302) =>
  () =>
    new Response(null, { status, headers: { location } });
const ok = () => Response.json({ ok: true });

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
});
