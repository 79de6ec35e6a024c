import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { agent, Caller, connect, withServer } from './kit.js';

/** The operator, over HTTP. */
const operator = (server: LocalServer) => new Caller(server, server.control.token);

/** A call with a header that `fetch` would not send. */
function statusWith(server: LocalServer, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const url = `${server.control.url}faults`;
    request(url, { headers: { authorization: `Bearer ${server.control.token}`, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the control of a local server', () => {
  it('answers nobody without the token of its launch', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      expect((await fetch(`${server.control.url}faults`)).status).toBe(401);
      expect((await alice.call('GET', '/_local/faults')).status).toBe(401);
      await withServer({}, async (other) => {
        expect(other.control.token).not.toBe(server.control.token);
        expect((await new Caller(other, server.control.token).call('GET', '/_local/faults')).status).toBe(
          401,
        );
      });
      expect((await operator(server).call('GET', '/_local/faults')).status).toBe(200);
    }));

  it('answers no page from elsewhere, token or not', () =>
    withServer({}, async (server) => {
      expect(await statusWith(server, {})).toBe(200);
      expect(await statusWith(server, { origin: 'https://evil.example' })).toBe(403);
      expect(await statusWith(server, { host: 'evil.example' })).toBe(403);
    }));

  it('switches faults on and off, and tells which are on', () =>
    withServer({}, async (server) => {
      const { body } = await operator(server).call('PATCH', '/_local/faults', {
        dropFrames: { rate: 0.5, only: '@Bob' },
        restUnavailable: 0.1,
      });
      expect(body.rates).toEqual({
        dropFrames: { rate: 0.5, only: 'bob', endpoint: null },
        restUnavailable: { rate: 0.1, only: null, endpoint: null },
      });
      expect(server.faults.rates()).toEqual(body.rates);
      await operator(server).call('POST', '/_local/faults/shut-out', { handle: 'bob', on: true });
      expect((await operator(server).call('GET', '/_local/faults')).body.shutOut).toEqual(['bob']);
      const { body: after } = await operator(server).call('DELETE', '/_local/faults');
      expect(after).toMatchObject({ rates: {}, shutOut: [] });
    }));

  it('goes on when all REST calls fail, and counts for none', () =>
    withServer({ faults: { restUnavailable: 1 } }, async (server) => {
      const { status, body } = await operator(server).call('GET', '/_local/faults');
      expect([status, body.counts]).toEqual([200, expect.objectContaining({ restUnavailable: 0 })]);
    }));

  it('cuts, and strikes the next calls', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const socket = await connect(alice);
      const cut = await operator(server).call('POST', '/_local/faults/cut', { handle: 'alice' });
      expect(cut.body).toEqual({ struck: 1 });
      expect((await socket.closed).code).toBe(1006);
      await operator(server).call('POST', '/_local/faults/next', { kind: 'restRateLimit', handle: 'alice' });
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(429);
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(200);
    }));

  it('creates agents, and lists them without their keys', () =>
    withServer({}, async (server) => {
      const { body } = await operator(server).call('POST', '/_local/agents', {
        handle: 'carol',
        displayName: 'Carol',
      });
      expect((await new Caller(server, String(body.apiKey)).call('GET', '/v1/agents/me')).body.handle).toBe(
        'carol',
      );
      const listed = await operator(server).call('GET', '/_local/agents');
      expect(listed.body.agents).toMatchObject([{ handle: 'carol', displayName: 'Carol' }]);
      expect(JSON.stringify(listed.body)).not.toContain('ac_live_');
    }));

  it('answers before it restarts, and is there again afterwards', () =>
    withServer({}, async (server) => {
      const socket = await connect(agent(server, 'alice'));
      expect((await operator(server).call('POST', '/_local/restart', {})).status).toBe(200);
      expect((await socket.closed).code).toBe(1012);
      await server.restart();
      expect((await operator(server).call('GET', '/_local/faults')).status).toBe(200);
    }));

  it.each([
    ['PATCH', 'faults', { dropFrams: 1 }, /"dropFrams" is not known/],
    ['PATCH', 'faults', { dropFrames: 2 }, /"dropFrames" must be a number from 0 to 1/],
    ['POST', 'faults/next', { kind: 'toString' }, /"kind" must be one of/],
    ['POST', 'faults/shut-out', {}, /"handle" is missing/],
    ['POST', 'restart', { down: 5 }, /"down" is not known/],
    ['POST', 'agents', { handle: 'A B' }, /"handle" must be a handle/],
    [
      'POST',
      'webhooks/trigger',
      { handle: 'nobody', event: 'message.new', data: {} },
      /is the handle of no agent/,
    ],
    ['POST', 'faults/cut', '[1]', /must be an object of JSON/],
    ['POST', 'faults/cut', '{', /must be an object of JSON/],
  ])('refuses %s %s with %j in words', (method, path, body, words) =>
    withServer({}, async (server) => {
      const answer = await operator(server).call(method, `/_local/${path}`, body);
      expect(answer.status).toBe(400);
      expect(answer.body.message).toMatch(words);
    }),
  );

  it.each(['constructor', 'nothing', ''])('knows no command "%s"', (path) =>
    withServer({}, async (server) => {
      expect((await operator(server).call('GET', `/_local/${path}`)).status).toBe(404);
    }),
  );
});
