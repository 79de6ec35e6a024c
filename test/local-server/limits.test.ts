import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { flood } from './flood.js';
import { agent, Caller, withServer } from './kit.js';

const START = Date.parse('2026-11-21T12:00:00Z');

/** Runs a test with the documented limits and a clock that it moves itself. */
async function withLimits(
  test: (server: LocalServer, pass: (ms: number) => void) => Promise<void>,
): Promise<void> {
  let now = START;
  await withServer({ limits: 'documented', now: () => now }, (server) =>
    test(server, (ms) => {
      now += ms;
    }),
  );
}

describe('cold outreach', () => {
  it('allows one message until the answer, which establishes the thread and frees the place', () =>
    withLimits(async (server, pass) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      expect((await alice.send('bob', 'one', 'first')).status).toBe(201);
      pass(5_000);
      expect(await alice.send('bob', 'two')).toMatchObject({
        status: 403,
        body: {
          code: 'AWAITING_REPLY',
          details: { recipient_handle: 'bob', waiting_since: '2026-11-21T12:00:00.000Z' },
        },
      });
      // A replay costs nothing and is not refused.
      expect((await alice.send('bob', 'one', 'first')).status).toBe(200);
      expect((await bob.send('alice', 'answer')).status).toBe(201);
      expect((await bob.send('alice', 'more')).status).toBe(201);
      expect((await alice.send('bob', 'three')).status).toBe(201);
    }));

  it('makes both sides contacts: a restricted agent, and one for contacts only, go on with an established thread', () =>
    withLimits(async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const carol = new Caller(server, server.createAgent('carol', { inboxMode: 'contacts_only' }).apiKey);
      await alice.send('bob', 'hi');
      await bob.send('alice', 'hi');
      server.setStatus('alice', 'restricted');
      expect((await alice.send('bob', 'again')).status).toBe(201);
      expect(await alice.send('carol', 'hi')).toMatchObject({
        status: 403,
        body: { code: 'INBOX_RESTRICTED', details: { handle: 'carol' } },
      });
      server.createAgent('dave');
      expect(await alice.send('dave', 'hi')).toMatchObject({ status: 403, body: { code: 'RESTRICTED' } });
      expect((await carol.send('alice', 'hi')).status).toBe(201);
      expect((await alice.send('carol', 'an answer')).status).toBe(201);
    }));

  it('allows 100 unanswered conversations a day; an answer or a day frees a place', () =>
    withLimits(async (server, pass) => {
      const alice = agent(server, 'alice');
      const peers = Array.from({ length: 103 }, (_, number) => agent(server, `peer-${number}`));
      for (let number = 0; number < 100; number += 1) {
        expect((await alice.send(`peer-${number}`, 'hi')).status).toBe(201);
        pass(100);
      }
      const refused = await alice.send('peer-100', 'hi');
      expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      expect(refused.headers.get('retry-after')).toBe(String(86_400 - 10));
      await peers[5]?.send('alice', 'answer');
      expect((await alice.send('peer-100', 'hi')).status).toBe(201);
      expect((await alice.send('peer-101', 'hi')).status).toBe(429);
      pass(86_400_000 - 10_000);
      expect((await alice.send('peer-101', 'hi')).status).toBe(201);
      expect((await alice.send('peer-102', 'hi')).status).toBe(429);
    }));

  it('does not count for agents of the platform', () =>
    withLimits(async (server) => {
      const father = new Caller(server, server.createAgent('chatfather', { isSystem: true }).apiKey);
      server.createAgent('bob');
      await father.send('bob', 'one');
      expect((await father.send('bob', 'two')).body).toMatchObject({
        context: { sender: { kind: 'system' } },
      });
    }));
});

describe('rates', () => {
  it('60 messages a second, in any window of a second', () =>
    withLimits(async (server, pass) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await alice.send('bob', 'hi');
      await bob.send('alice', 'hi');
      pass(1_000);
      for (let number = 1; number <= 60; number += 1) {
        expect((await alice.send('bob', 'x')).status).toBe(201);
        if (number === 30) pass(500);
      }
      const refused = await alice.send('bob', 'x');
      expect(refused).toMatchObject({
        status: 429,
        body: { code: 'RATE_LIMITED', details: { retry_after_ms: 500 } },
      });
      expect(refused.headers.get('retry-after')).toBe('1');
      pass(500);
      for (let number = 1; number <= 30; number += 1) expect((await alice.send('bob', 'x')).status).toBe(201);
      expect((await alice.send('bob', 'x')).status).toBe(429);
    }));

  it('5 registrations an hour, a code a minute per address, 10 codes tried in ten minutes', () =>
    withLimits(async (server, pass) => {
      const nobody = new Caller(server, '');
      const register = (number: number, email = `a${number}@b.c`) =>
        nobody.call('POST', '/v1/register', { email, handle: `agent-${number}` });
      expect((await register(1, 'same@b.c')).status).toBe(200);
      const cooling = await register(2, 'SAME@b.c');
      expect(cooling).toMatchObject({ status: 429, body: { code: 'OTP_COOLDOWN' } });
      expect(cooling.headers.get('retry-after')).toBe('60');
      for (let number = 2; number <= 5; number += 1) expect((await register(number)).status).toBe(200);
      const limited = await register(6);
      expect(limited).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      expect(limited.headers.get('retry-after')).toBe('3600');
      pass(3_600_000);
      expect((await register(6)).status).toBe(200);

      const attempt = () =>
        nobody.call('POST', '/v1/register/verify', { pending_id: 'pnd_unknown', code: '123456' });
      for (let tried = 1; tried <= 10; tried += 1) expect((await attempt()).body.code).toBe('EXPIRED');
      expect(await attempt()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      pass(600_000);
      expect((await attempt()).body.code).toBe('EXPIRED');
    }));

  it('10 living agents and 30 ever per e-mail address', () =>
    withLimits(async (server, pass) => {
      const email = 'many@b.c';
      for (let number = 1; number <= 10; number += 1) server.createAgent(`agent-${number}`, { email });
      const nobody = new Caller(server, '');
      const register = (handle: string) => nobody.call('POST', '/v1/register', { email, handle });
      expect(await register('one-more')).toMatchObject({
        status: 409,
        body: { code: 'EMAIL_LIMIT_REACHED', details: { limit: 10 } },
      });
      pass(60_000);
      for (let number = 11; number <= 30; number += 1) {
        server.deleteAgent(`agent-${number - 10}`);
        server.createAgent(`agent-${number}`, { email });
      }
      server.deleteAgent('agent-30');
      expect(await register('one-more')).toMatchObject({
        status: 409,
        body: { code: 'EMAIL_EXHAUSTED', details: { limit: 30 } },
      });
    }));
});

describe('the undelivered caps', () => {
  it(
    'warn from 5,000 on and refuse at 10,000',
    () =>
      withServer({ limits: 'documented', now: steadily() }, async (server) => {
        const alice = agent(server, 'alice');
        const bob = agent(server, 'bob');
        await alice.send('bob', 'hi');
        await bob.send('alice', 'hi');
        await flood(alice, 'bob', 4_998);
        const warned = await alice.send('bob', 'x');
        expect(warned.headers.get('x-backlog-warning')).toBe('bob=5000');
        expect((await bob.send('alice', 'x')).headers.get('x-backlog-warning')).toBeNull();
        await flood(alice, 'bob', 5_000, 'more');
        expect(await alice.send('bob', 'x')).toMatchObject({
          status: 429,
          body: {
            code: 'RECIPIENT_BACKLOGGED',
            details: { recipient_handle: 'bob', undelivered_count: 10_000 },
          },
        });
        expect((await bob.sync('?limit=500')).body).toHaveLength(500);
      }),
    60_000,
  );
});

/** A clock on which a second passes with every look, so that no rate is ever exceeded. */
function steadily(): () => number {
  let now = START;
  return () => {
    now += 1_000;
    return now;
  };
}
