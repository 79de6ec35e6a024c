import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { type Answer, agent, Caller, withServer } from './kit.js';

const KEY = 'a-key-of-mine';

/** Calls under an `Idempotency-Key`. */
async function once(caller: Caller, method: string, path: string, body: unknown, key = KEY): Promise<Answer> {
  const response = await fetch(caller.server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  const { status, headers } = response;
  return { status, headers, body: (await response.json()) as Record<string, unknown> };
}

const groupsOf = async (caller: Caller) =>
  (await caller.call<unknown[]>('GET', '/v1/conversations')).body.length;

describe('an Idempotency-Key', () => {
  it('replays the stored answer, and runs nothing again', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const first = await once(alice, 'POST', '/v1/groups', { name: 'Harvest' });
      expect([first.status, first.headers.get('idempotent-replay')]).toEqual([201, null]);
      const second = await once(alice, 'POST', '/v1/groups', { name: 'Harvest' });
      expect([second.status, second.headers.get('idempotent-replay')]).toEqual([201, 'true']);
      expect(second.body).toEqual(first.body);
      expect(await groupsOf(alice)).toBe(1);
    }));

  it('replays refusals too, but no "not now"', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const path = '/v1/groups/grp_0000000000000000/leave';
      expect((await once(alice, 'POST', path, {})).headers.get('idempotent-replay')).toBeNull();
      const again = await once(alice, 'POST', path, {});
      expect([again.status, again.headers.get('idempotent-replay')]).toEqual([404, 'true']);
      server.faults.next('restRateLimit', { retryAfterSeconds: 1 });
      expect((await once(alice, 'POST', '/v1/groups', { name: 'x' }, 'another-key')).status).toBe(429);
      expect((await once(alice, 'POST', '/v1/groups', { name: 'x' }, 'another-key')).status).toBe(201);
    }));

  it('is refused for another request, and when it is malformed', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      await once(alice, 'POST', '/v1/groups', { name: 'Harvest' });
      for (const [path, body] of [
        ['/v1/groups', { name: 'Pears' }],
        ['/v1/groups/grp_1/leave', { name: 'Harvest' }],
      ] as const) {
        expect(await once(alice, 'POST', path, body)).toMatchObject({
          status: 422,
          body: { code: 'IDEMPOTENCY_KEY_CONFLICT' },
        });
      }
      for (const key of ['short', 'x'.repeat(129), 'with spaces', 'ümlaute!'].map((each) =>
        encodeURI(each),
      )) {
        expect(await once(alice, 'POST', '/v1/groups', { name: 'x' }, key)).toMatchObject({
          status: 400,
          body: { code: 'IDEMPOTENCY_KEY_INVALID' },
        });
      }
      expect(await groupsOf(alice)).toBe(1);
    }));

  it('is each agent’s own, and forgotten after a day', () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    return withServer({ now: () => now }, async (server) => {
      const [alice, bob] = ['alice', 'bob'].map((handle) => agent(server, handle)) as [Caller, Caller];
      await once(alice, 'POST', '/v1/groups', { name: 'Harvest' });
      await once(bob, 'POST', '/v1/groups', { name: 'Pears' });
      now += 86_399_999;
      await once(alice, 'POST', '/v1/groups', { name: 'Harvest' });
      expect([await groupsOf(alice), await groupsOf(bob)]).toEqual([1, 1]);
      now += 1;
      expect((await once(alice, 'POST', '/v1/groups', { name: 'Plums' })).status).toBe(201);
      expect(await groupsOf(alice)).toBe(2);
    });
  });

  it('of a request whose answer is still under way says so', () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    return withServer({ now: () => now }, async (server: LocalServer) => {
      const alice = agent(server, 'alice');
      server.faults.next('restStall', { endpoint: 'createGroup', ms: 30_000, part: 'headers' });
      const impatient = new AbortController();
      const first = fetch(`${server.url}/v1/groups`, {
        method: 'POST',
        headers: { authorization: `Bearer ${alice.apiKey}`, 'idempotency-key': KEY },
        body: JSON.stringify({ name: 'Harvest' }),
        signal: impatient.signal,
      }).catch(() => 'gone');
      while ((await groupsOf(alice)) === 0);
      impatient.abort();
      await first;
      expect(await once(alice, 'POST', '/v1/groups', { name: 'Harvest' })).toMatchObject({
        status: 409,
        body: { code: 'IDEMPOTENT_IN_PROGRESS' },
      });
      now += 30_000;
      expect((await once(alice, 'POST', '/v1/groups', { name: 'Harvest' })).status).toBe(201);
      expect(await groupsOf(alice)).toBe(1);
    });
  });

  it('means nothing to a message, which has its own', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const message = (id: string) => ({ to: 'bob', client_msg_id: id, content: { text: 'hi' } });
      const sends = [await once(alice, 'POST', '/v1/messages', message('one'))];
      sends.push(await once(alice, 'POST', '/v1/messages', message('two')));
      expect(sends.map(({ status }) => status)).toEqual([201, 201]);
      expect((await once(alice, 'POST', '/v1/messages', message('two'))).status).toBe(200);
    }));

  it('changes nothing for who has no key of the service', () =>
    withServer({}, async (server) => {
      const nobody = new Caller(server, 'ac_live_wrong');
      expect((await once(nobody, 'POST', '/v1/groups', { name: 'x' })).status).toBe(401);
    }));
});
