import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AgentChatClientError } from '../../src/errors/index.js';
import { HttpTransport, type HttpTransportOptions } from '../../src/http/index.js';
import { redactCause, redactText, secretsAmong } from '../../src/http/redact.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { json, networkFailure, type Step, scriptedFetch } from './fake-fetch.js';

// One key in the service's form and one that no pattern recognises.
const KEYS = ['ac_live_S3cr3tS3cr3tS3cr3t', 'S3cr3t+opaque/key=='];

/** Everything that a program might write down about a value. */
function shown(value: unknown): string {
  const texts = [inspect(value, { depth: 12, showHidden: true }), String(value)];
  try {
    texts.push(JSON.stringify(value) ?? '');
  } catch {
    // Not JSON: then nobody writes it down as JSON.
  }
  if (value instanceof Error) {
    texts.push(value.message, value.stack ?? '', shown(value.cause));
  }
  return texts.join('\n');
}

describe.each(KEYS)('the key %s', (key) => {
  it('is in nothing that a client or a transport shows', () => {
    const clock = new VirtualClock();
    const { fetch } = scriptedFetch(json({}));
    for (const thing of [
      new AgentChatClient({ apiKey: key, fetch, clock }),
      new HttpTransport({ apiKey: key, fetch, clock }),
      new AgentChatClient({ apiKey: () => key, fetch, clock }),
    ]) {
      expect(shown(thing)).not.toContain(key);
    }
  });

  const evil: [string, Step][] = [
    [
      'a refusal that echoes the request',
      json({ code: 'FORBIDDEN', message: `no: ${key}`, details: { header: `Bearer ${key}` } }, 403),
    ],
    ['an HTML page that echoes the request', () => new Response(`<html>${key}`, { status: 502 })],
    [
      'a success that is not JSON and echoes the request',
      () => new Response(`<html>${key}`, { headers: { 'content-type': 'text/html' } }),
    ],
    [
      'a success that is cut',
      () => new Response(`{"k":"${key}`, { headers: { 'content-type': 'application/json' } }),
    ],
    [
      'a fetch that throws the headers',
      ({ init }) => {
        throw Object.assign(new Error('request failed'), { config: { headers: init.headers } });
      },
    ],
    [
      'a fetch that throws the key in its message',
      () => {
        throw new TypeError(`Headers.append: "Bearer ${key}" is an invalid header value.`);
      },
    ],
    [
      'a fetch that throws a string',
      () => {
        throw `could not send Bearer ${key}`;
      },
    ],
    [
      'a fetch whose cause holds Headers',
      ({ init }) => {
        throw new TypeError('fetch failed', {
          cause: { request: { headers: new Headers(init.headers as Record<string, string>) } },
        });
      },
    ],
    ['a connection that broke', networkFailure()],
    ['silence', () => new Promise(() => {})],
  ];

  it.each(evil)('is in no error, hook or stack: %s', async (_, step) => {
    const clock = new VirtualClock();
    const { fetch } = scriptedFetch(step);
    const told: string[] = [];
    const tell = (info: unknown): void => void told.push(shown(info));
    const options: HttpTransportOptions = {
      apiKey: key,
      fetch,
      clock,
      hooks: { onRequest: tell, onResponse: tell, onError: tell, onRetry: tell },
    };
    let error: unknown;
    const call = new HttpTransport(options).request('GET', '/v1/thing').catch((caught: unknown) => {
      error = caught;
    });
    await clock.advanceUntil(() => error !== undefined);
    await call;
    expect(error).toBeInstanceOf(AgentChatClientError);
    expect(shown(error)).not.toContain(key);
    expect(told.length).toBeGreaterThanOrEqual(2);
    for (const text of told) expect(text).not.toContain(key);
    expect(told[0]).toContain('Bearer ***');
  });

  it('is in no error about the key itself', () => {
    for (const bad of [`${key} ${key}`, `${key}\n${key}`, `${key}\u00fc`]) {
      let error: unknown;
      try {
        new AgentChatClient({ apiKey: bad });
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(AgentChatClientError);
      expect(shown(error)).not.toContain(key);
    }
  });

  it('is in no error about a base URL that holds it', () => {
    for (const written of [key, encodeURIComponent(key)]) {
      let error: unknown;
      try {
        new HttpTransport({ baseUrl: `https://bot:${written}@example.com` });
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(AgentChatClientError);
      expect(shown(error)).not.toContain(key);
      expect(shown(error)).not.toContain(written);
    }
  });
});

describe('a new key', () => {
  it('is in no error about the answer that brought it', async () => {
    const key = 'ac_live_N3wK3yN3wK3y';
    for (const step of [
      json({ agent: null, api_key: key }, 201),
      json({ agent: 'x', api_key: key }, 201),
      () => new Response(`{"api_key":"${key}"`, { headers: { 'content-type': 'application/json' } }),
      () => new Response(`api_key=${key}`),
    ]) {
      const { fetch } = scriptedFetch(step);
      const error = await AgentChatClient.verify('pnd_1', '123456', { fetch, validate: 'strict' }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(AgentChatClientError);
      expect(shown(error)).not.toContain(key);
    }
  });
});

describe('redaction', () => {
  it('is masked as JSON may hold it: with slashes escaped, and what means something in HTML', () => {
    const secret = 'S3cr3t/one&two"three';
    const inJson = JSON.stringify(secret);
    for (const text of [secret, inJson, inJson.replaceAll('/', '\\/'), inJson.replaceAll('&', '\\u0026')])
      expect(redactText(text, secretsAmong([secret]))).not.toContain('S3cr3t');
  });

  it('keeps a cause that holds nothing secret as it is', () => {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(redactCause(cause, KEYS)).toBe(cause);
    expect(redactCause(undefined, KEYS)).toBeUndefined();
    expect(redactCause(7, KEYS)).toBe(7);
  });

  it('gives up on what cannot be read', () => {
    const trap = new Proxy(new Error('x'), {
      ownKeys() {
        throw new Error('no');
      },
    });
    expect(redactCause(trap, KEYS)).not.toBe(trap);
    let deep: unknown = KEYS[0];
    for (let i = 0; i < 50; i++) deep = { deep };
    expect(inspect(redactCause(deep, KEYS), { depth: 100 })).not.toContain(KEYS[0]);
  });

  it('does not mistake an ordinary word for a key', () => {
    expect(redactText('a test of the key', secretsAmong(['key']))).toBe('a test of the key');
  });
});
