import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { agent, Caller, connect, withServer } from './kit.js';

const nobody = (server: LocalServer) => new Caller(server, '');

/** Starts something that waits for a code, and gives both. */
async function started(server: LocalServer, caller: Caller, path: string, body?: unknown) {
  const answer = await caller.call('POST', path, body);
  expect(answer.status).toBe(200);
  const pendingId = String(answer.body.pending_id);
  return { pending_id: pendingId, code: server.oneTimeCode(pendingId) };
}

describe('a recovery', () => {
  it('writes its code to the log, and no key', async () => {
    const lines: string[] = [];
    await withServer({ log: (line) => lines.push(line) }, async (server) => {
      server.createAgent('alice', { email: 'a@b.c' });
      const proof = await started(server, nobody(server), '/v1/agents/recover', { email: 'a@b.c' });
      const { status, body } = await nobody(server).call('POST', '/v1/agents/recover/verify', proof);
      expect([status, body.handle]).toEqual([200, 'alice']);
      expect(lines.join('\n')).toContain(proof.code);
      expect(lines.join('\n')).not.toContain(String(body.api_key));
    });
  });

  it('closes the sockets that the old key opened', () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice', { email: 'a@b.c' });
      const socket = await connect(new Caller(server, apiKey));
      const proof = await started(server, nobody(server), '/v1/agents/recover', { email: 'a@b.c' });
      await nobody(server).call('POST', '/v1/agents/recover/verify', proof);
      expect((await socket.closed).code).toBe(4401);
    }));

  it('of an agent that was deleted meanwhile is over', () =>
    withServer({}, async (server) => {
      server.createAgent('alice', { email: 'a@b.c' });
      const proof = await started(server, nobody(server), '/v1/agents/recover', { email: 'a@b.c' });
      server.deleteAgent('alice');
      expect(await nobody(server).call('POST', '/v1/agents/recover/verify', proof)).toMatchObject({
        status: 400,
        body: { code: 'EXPIRED' },
      });
    }));

  it('expires after ten minutes', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ now: () => now }, async (server) => {
      server.createAgent('alice', { email: 'a@b.c' });
      const proof = await started(server, nobody(server), '/v1/agents/recover', { email: 'a@b.c' });
      now += 600_000;
      expect(await nobody(server).call('POST', '/v1/agents/recover/verify', proof)).toMatchObject({
        status: 400,
        body: { code: 'EXPIRED' },
      });
    });
  });

  it('is proved by a code of its own only', () =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('alice', { email: 'a@b.c' });
      const alice = new Caller(server, apiKey);
      const recovery = await started(server, nobody(server), '/v1/agents/recover', { email: 'a@b.c' });
      const rotation = await started(server, alice, '/v1/agents/alice/rotate-key');
      const registration = await started(server, nobody(server), '/v1/register', {
        email: 'a@b.c',
        handle: 'bob',
      });
      const expired = { status: 400, body: { code: 'EXPIRED' } };
      for (const [path, proofs] of [
        ['/v1/agents/recover/verify', [rotation, registration]],
        ['/v1/agents/alice/rotate-key/verify', [recovery, registration]],
        ['/v1/register/verify', [recovery, rotation]],
      ] as const) {
        for (const proof of proofs) expect(await alice.call('POST', path, proof)).toMatchObject(expired);
      }
    }));

  it('has documented limits, by network and by address', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ limits: 'documented', now: () => now }, async (server) => {
      const recover = (email: string) => nobody(server).call('POST', '/v1/agents/recover', { email });
      expect((await recover('a@b.c')).status).toBe(200);
      const cooling = await recover('A@b.c');
      expect(cooling).toMatchObject({ status: 429, body: { code: 'OTP_COOLDOWN' } });
      expect(cooling.headers.get('retry-after')).toBe('60');
      const attempt = () =>
        nobody(server).call('POST', '/v1/agents/recover/verify', { pending_id: 'pnd_1', code: '000000' });
      for (let n = 0; n < 10; n += 1) expect((await attempt()).status).toBe(400);
      expect(await attempt()).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
      now += 600_000;
      expect((await attempt()).status).toBe(400);
    });
  });
});

describe('a key rotation', () => {
  it('closes the sockets that the old key opened, once the new key is on its way', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const socket = await connect(alice);
      const proof = await started(server, alice, '/v1/agents/alice/rotate-key');
      const { body } = await alice.call('POST', '/v1/agents/alice/rotate-key/verify', proof);
      expect((await socket.closed).code).toBe(4401);
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(401);
      const renewed = await connect(new Caller(server, String(body.api_key)));
      renewed.close();
    }));

  it('mails as seldom as a registration, and needs no network to be allowed', async () => {
    await withServer({ limits: 'documented' }, async (server) => {
      for (let n = 0; n < 6; n += 1) {
        await started(server, agent(server, `agent-${n}`), `/v1/agents/agent-${n}/rotate-key`);
      }
      const alice = agent(server, 'alice');
      await started(server, alice, '/v1/agents/alice/rotate-key');
      expect(await alice.call('POST', '/v1/agents/alice/rotate-key')).toMatchObject({
        status: 429,
        body: { code: 'OTP_COOLDOWN' },
      });
    });
  });
});

describe('an account', () => {
  it('that is deleted leaves its sockets, and its handle, behind', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const socket = await connect(alice);
      const response = await fetch(`${server.url}/v1/agents/@Alice`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${alice.apiKey}` },
      });
      expect(response.status).toBe(204);
      expect((await socket.closed).code).toBe(4401);
      expect((await alice.call('GET', '/v1/agents/me')).status).toBe(401);
      expect(server.agents).toMatchObject([{ handle: 'alice', status: 'deleted' }]);
      expect(
        await nobody(server).call('POST', '/v1/register', { email: 'a@b.c', handle: 'alice' }),
      ).toMatchObject({ status: 409, body: { code: 'HANDLE_TAKEN' } });
    }));

  it('drops settings that there are no more, and keeps those that are not named', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const settings = { discoverable: false, group_invite_policy: 'contacts_only' };
      const { status, body } = await alice.call('PATCH', '/v1/agents/alice', { settings });
      expect([status, body.settings]).toEqual([
        200,
        { inbox_mode: 'open', group_invite_policy: 'contacts_only' },
      ]);
    }));

  it('that is suspended may look, and change nothing', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      agent(server, 'bob');
      server.setStatus('alice', 'suspended');
      const changes: [string, string, unknown?][] = [
        ['PATCH', '/v1/agents/alice', { display_name: 'A' }],
        ['DELETE', '/v1/agents/alice'],
        ['DELETE', '/v1/agents/alice/avatar'],
        ['PUT', '/v1/agents/alice/avatar', 'GIF89a'],
        ['POST', '/v1/agents/alice/rotate-key'],
        ['POST', '/v1/contacts', { handle: 'bob' }],
        ['PATCH', '/v1/contacts/bob', { notes: null }],
        ['DELETE', '/v1/contacts/bob'],
        ['POST', '/v1/contacts/bob/block'],
        ['DELETE', '/v1/contacts/bob/block'],
        ['POST', '/v1/contacts/bob/report', {}],
        ['POST', '/v1/mutes', { target_kind: 'agent', target_handle: 'bob' }],
        ['DELETE', '/v1/mutes/agent/bob'],
        ['DELETE', '/v1/mutes/conversation/conv_1'],
        ['PUT', '/v1/presence', { status: 'online' }],
      ];
      for (const [method, path, body] of changes) {
        const { status, body: answer } = await alice.call(method, path, body);
        expect([method, path, status, answer.code]).toEqual([method, path, 403, 'SUSPENDED']);
      }
      for (const path of ['/v1/agents/me', '/v1/contacts', '/v1/mutes', '/v1/directory?q=bo']) {
        expect((await alice.call('GET', path)).status).toBe(200);
      }
    }));

  it('that its owner has paused may still be tidied up', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      agent(server, 'bob');
      server.pause('alice', 'full');
      expect((await alice.call('POST', '/v1/contacts', { handle: 'bob' })).status).toBe(201);
      expect((await alice.call('POST', '/v1/contacts/bob/block')).status).toBe(200);
      expect((await alice.call('PATCH', '/v1/agents/alice', { description: 'x' })).status).toBe(200);
    }));
});
