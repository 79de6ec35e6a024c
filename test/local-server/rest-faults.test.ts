import { describe, expect, it } from 'vitest';
import type { FaultSettings } from '../../src/local-server/index.js';
import { agent, withServer } from './kit.js';

describe('REST faults by count', () => {
  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('restUnavailable %s the request is carried out', (when, stored) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      server.faults.next('restUnavailable', { when, endpoint: 'sendMessage' });
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(200);
      const refused = await alice.send('bob', 'hi', 'one');
      expect(refused).toMatchObject({ status: 503, body: { code: 'INTERNAL_ERROR' } });
      expect(refused.headers.get('x-request-id')).toMatch(/^req_/);
      expect(server.allMessages()).toHaveLength(stored);
      // A repeat with the same id gets the message that was stored, or stores it.
      expect((await alice.send('bob', 'hi', 'one')).status).toBe(stored === 1 ? 200 : 201);
      expect(server.allMessages()).toHaveLength(1);
    }),
  );

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('restCut %s the request is carried out', (when, stored) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      server.faults.next('restCut', { when });
      await expect(alice.send('bob', 'hi')).rejects.toThrow();
      expect(server.allMessages()).toHaveLength(stored);
      expect(server.faults.counts().restCut).toBe(1);
    }),
  );

  it('restRateLimit with the hint that was asked for', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      server.faults.next('restRateLimit', { count: 2, retryAfterSeconds: 90, handle: 'alice' });
      for (let tried = 0; tried < 2; tried += 1) {
        const refused = await alice.send('bob', 'hi');
        expect(refused).toMatchObject({
          status: 429,
          body: { code: 'RATE_LIMITED', details: { retry_after_ms: 90_000 } },
        });
        expect(refused.headers.get('retry-after')).toBe('90');
      }
      expect(server.allMessages()).toEqual([]);
      expect((await alice.send('bob', 'hi')).status).toBe(201);
    }));

  it.each(['headers', 'body'] as const)(
    'restStall of the %s, while the request is carried out at once',
    (part) =>
      withServer({}, async (server) => {
        const alice = agent(server, 'alice');
        server.createAgent('bob');
        server.faults.next('restStall', { ms: 150, part });
        const startedAt = performance.now();
        const response = await fetch(`${server.url}/v1/messages`, {
          method: 'POST',
          headers: { authorization: `Bearer ${alice.apiKey}` },
          body: JSON.stringify({ to: 'bob', client_msg_id: 'x', content: { text: 'ü'.repeat(50) } }),
        });
        const headersMs = performance.now() - startedAt;
        const body = await response.json();
        const bodyMs = performance.now() - startedAt;
        expect(response.status).toBe(201);
        expect(body).toEqual(server.allMessages()[0]);
        expect(bodyMs).toBeGreaterThan(140);
        if (part === 'body') expect(headersMs).toBeLessThan(bodyMs - 50);
        else expect(headersMs).toBeGreaterThan(140);
      }),
  );

  it('a stalled answer of which the client has had enough leaves nothing behind', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.faults.next('restStall', { ms: 600_000, count: 2 });
      const abort = new AbortController();
      const calls = [1, 2].map(() =>
        fetch(`${server.url}/v1/agents/me`, {
          headers: { authorization: `Bearer ${alice.apiKey}` },
          signal: abort.signal,
        }).then((response) => response.text()),
      );
      await expect.poll(() => server.faults.counts().restStall).toBe(2);
      abort.abort();
      await expect(Promise.allSettled(calls)).resolves.toMatchObject([
        { status: 'rejected' },
        { status: 'rejected' },
      ]);
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(200);
    }));

  it('skip lets calls pass first', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.faults.next('restUnavailable', { skip: 2, count: 2, endpoint: 'getMe' });
      const statuses: number[] = [];
      for (let tried = 0; tried < 6; tried += 1)
        statuses.push((await alice.call('GET', '/v1/agents/me')).status);
      expect(statuses).toEqual([200, 200, 503, 503, 200, 200]);
    }));
});

describe('REST faults by rate', () => {
  const statuses = async (faults: FaultSettings, seed = 5) => {
    const seen: (number | 'cut')[] = [];
    await withServer({ faults, seed }, async (server) => {
      const alice = agent(server, 'alice');
      for (let tried = 0; tried < 100; tried += 1) {
        seen.push(
          await alice.call('GET', '/v1/agents/me').then(
            ({ status }) => status,
            () => 'cut',
          ),
        );
      }
    });
    return seen;
  };

  it.each([
    [{ restUnavailable: 0.4 }, 503],
    [{ restRateLimit: { rate: 0.4, retryAfterSeconds: 2 } }, 429],
    [{ restCut: 0.4 }, 'cut'],
  ] as const)('%j strikes about as often, from the seed', async (faults, struck) => {
    const seen = await statuses(faults);
    const count = seen.filter((status) => status === struck).length;
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(60);
    expect(seen.filter((status) => status === 200)).toHaveLength(100 - count);
    expect(await statuses(faults)).toEqual(seen);
    expect(await statuses(faults, 6)).not.toEqual(seen);
  });

  it('restStall makes some answers late', () =>
    withServer({ faults: { restStall: { rate: 0.5, ms: 30 } } }, async (server) => {
      const alice = agent(server, 'alice');
      const answers = await Promise.all(Array.from({ length: 20 }, () => alice.call('GET', '/v1/agents/me')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(server.faults.counts().restStall).toBeGreaterThan(0);
    }));

  it('strikes half of the unavailable calls after they were carried out', () =>
    withServer({ faults: { restUnavailable: { rate: 1, endpoint: 'sendMessage' } } }, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      for (let number = 0; number < 100; number += 1) expect((await alice.send('bob', 'x')).status).toBe(503);
      expect(server.allMessages().length).toBeGreaterThan(30);
      expect(server.allMessages().length).toBeLessThan(70);
    }));

  it('strikes only the agent and the endpoint that it is set for', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      server.faults.set({ restUnavailable: { rate: 1, only: 'bob', endpoint: 'sync' } });
      expect((await alice.sync()).status).toBe(200);
      expect((await bob.call('GET', '/v1/agents/me')).status).toBe(200);
      expect((await bob.sync()).status).toBe(503);
      server.faults.set({ restUnavailable: 0 });
      expect((await bob.sync()).status).toBe(200);
    }));
});
