import { undiciFetch } from 'agentchat-client/undici';
import { describe, expect, it } from 'vitest';
import { startLocalServer } from '../../src/local-server/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { httpServer } from './raw-server.js';

/** So many at once, to a service that takes so many a second. */
const SENDS = 300;
const LIMIT = 60;
/** What it may take on a machine that does other things as well. */
const MOST_MS = 20_000;
/** One request more for each that was refused at first, and a few by which the pace is found. */
const MOST_REQUESTS = SENDS + (SENDS - LIMIT) + 60;

/** Whether a request is taken at this time. */
type Limiter = (now: number) => boolean;

function tokenBucket(): Limiter {
  let tokens = LIMIT;
  let filledAt = performance.now();
  return (now) => {
    tokens = Math.min(LIMIT, tokens + ((now - filledAt) * LIMIT) / 1_000);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

function fixedWindow(): Limiter {
  let window = 0;
  let taken = 0;
  return (now) => {
    const current = Math.floor(now / 1_000);
    if (current !== window) taken = 0;
    window = current;
    taken += 1;
    return taken <= LIMIT;
  };
}

const OWN_FORM = JSON.stringify({ code: 'RATE_LIMITED', message: 'Too many messages' });
const PAGE = '<html><body><h1>429 Too Many Requests</h1></body></html>';

interface Service {
  readonly limiter: Limiter;
  readonly hint: string | undefined;
  readonly page: boolean;
}

async function measure({ limiter, hint, page }: Service, fetch: typeof globalThis.fetch | undefined) {
  const ids: string[] = [];
  const server = await httpServer((_, response, __, body) => {
    const { client_msg_id } = JSON.parse(body.toString()) as { client_msg_id: string };
    if (limiter(performance.now())) {
      ids.push(client_msg_id);
      const message = { id: `msg_${ids.length}`, conversation_id: 'conv_1', seq: ids.length, client_msg_id };
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(message));
      return;
    }
    response.writeHead(429, {
      'content-type': page ? 'text/html' : 'application/json',
      ...(hint === undefined ? {} : { 'retry-after': hint }),
    });
    response.end(page ? PAGE : OWN_FORM);
  });
  try {
    const client = new AgentChatClient({ apiKey: 'ac_live_0123456789abcdef', baseUrl: server.url, fetch });
    const startedAt = performance.now();
    const sends = Array.from({ length: SENDS }, (_, n) =>
      client.sendMessage({ to: n % 2 === 0 ? 'alice' : `agent-${n}`, content: `number ${n}` }),
    );
    const failed = (await Promise.allSettled(sends)).filter(({ status }) => status === 'rejected');
    const tookMs = performance.now() - startedAt;
    return { failed: failed.length, tookMs, requests: server.requests, stored: new Set(ids).size };
  } finally {
    await server.close();
  }
}

describe(`${SENDS} sends at once to a service that takes ${LIMIT} a second`, () => {
  it.each<[string, () => Service, typeof globalThis.fetch | undefined]>([
    ['a bucket, Retry-After: 1', () => ({ limiter: tokenBucket(), hint: '1', page: false }), undefined],
    ['fixed seconds, no hint', () => ({ limiter: fixedWindow(), hint: undefined, page: false }), undefined],
    ['a page of a proxy', () => ({ limiter: tokenBucket(), hint: '1', page: true }), undefined],
    ['over undici', () => ({ limiter: tokenBucket(), hint: '1', page: false }), undiciFetch()],
  ])('RATE-2 all get through, soon, with few more requests: %s', async (_, service, fetch) => {
    const { failed, tookMs, requests, stored } = await measure(service(), fetch);
    expect([failed, stored]).toEqual([0, SENDS]);
    expect(requests).toBeLessThanOrEqual(MOST_REQUESTS);
    expect(tookMs).toBeLessThanOrEqual(MOST_MS);
  });

  it('RATE-2 all get through: the local server with the documented limits', async () => {
    const server = await startLocalServer({ limits: 'documented' });
    try {
      const [alice, bob] = ['alice', 'bob'].map((handle) => {
        const { apiKey } = server.createAgent(handle);
        return new AgentChatClient({ apiKey, baseUrl: server.url });
      });
      // Who has answered may be written to as often as one likes.
      await alice?.sendMessage({ to: 'bob', content: 'hello' });
      await bob?.sendMessage({ to: 'alice', content: 'hello' });
      const sends = Array.from({ length: SENDS }, (_, n) =>
        alice?.sendMessage({ to: 'bob', content: `${n}` }),
      );
      await Promise.all(sends);
      expect(server.allMessages()).toHaveLength(SENDS + 2);
    } finally {
      await server.close();
    }
  });
});
