import { afterEach, describe, expect, it, vi } from 'vitest';

/** A copy of the transport that has asked the runtime nothing yet. */
async function freshTransport(fetch: typeof globalThis.fetch) {
  vi.resetModules();
  const { HttpTransport } = await import('../../src/http/index.js');
  return new HttpTransport({ apiKey: 'ac_key', baseUrl: 'http://127.0.0.1:1', fetch });
}

/** Answers anything, and shows what it was asked with. */
function answering() {
  const inits: RequestInit[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}) => {
    inits.push(init);
    return Response.json({ ok: true });
  };
  return { fetch: fetch as typeof globalThis.fetch, inits };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('undici');
});

describe('a runtime that is not Node', () => {
  it('without TextDecoder can import and construct: it is looked up with the first text', async () => {
    const Decoder = TextDecoder;
    vi.stubGlobal('TextDecoder', undefined);
    const { fetch } = answering();
    const transport = await freshTransport(fetch);
    await import('../../src/webhooks/index.js');
    vi.stubGlobal('TextDecoder', Decoder);
    const { data } = await transport.request('GET', '/v1/agents/me');
    expect(data).toEqual({ ok: true });
  });

  it('with a stand-in for undici is told to use its own fetch', async () => {
    vi.resetModules();
    vi.doMock('undici', () => ({ Agent: class Agent {} }));
    const { undiciFetch } = await import('../../src/undici/index.js');
    expect(() => undiciFetch()).toThrow(/Bun.*Leave the option `fetch` out/);
    expect(() => undiciFetch({ dispatcher: {} as never })).toThrow(/"dispatcher" must be a dispatcher/);
  });

  it('gets requests that no cache may answer', async () => {
    const { fetch, inits } = answering();
    const transport = await freshTransport(fetch);
    await transport.request('GET', '/v1/agents/me');
    expect(inits[0]?.cache).toBe('no-store');
  });

  it('that refuses the cache option is not given it', async () => {
    class OldRequest {
      constructor(_: string, init: RequestInit = {}) {
        if ('cache' in init)
          throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
      }
    }
    vi.stubGlobal('Request', OldRequest);
    const { fetch, inits } = answering();
    const transport = await freshTransport(fetch);
    await transport.request('GET', '/v1/agents/me');
    expect(inits).toHaveLength(1);
    expect('cache' in (inits[0] ?? {})).toBe(false);
  });
});
