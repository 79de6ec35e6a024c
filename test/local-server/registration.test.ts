import { describe, expect, it } from 'vitest';
import { Caller, withServer } from './kit.js';

const nobody = (server: ConstructorParameters<typeof Caller>[0]) => new Caller(server, '');

describe('registration', () => {
  it('leads from register over the code to a key that works', () =>
    withServer({}, async (server) => {
      const started = await nobody(server).call('POST', '/v1/register', {
        email: ' Alice@Example.com ',
        handle: '@Alice',
        display_name: 'Alice',
      });
      expect(started.status).toBe(200);
      const pendingId = String(started.body.pending_id);
      expect(pendingId).toMatch(/^pnd_[A-Za-z0-9]{16}$/);
      const code = server.oneTimeCode(pendingId);
      expect(code).toMatch(/^\d{6}$/);

      const wrong = code === '000000' ? '111111' : '000000';
      const refused = await nobody(server).call('POST', '/v1/register/verify', {
        pending_id: pendingId,
        code: wrong,
      });
      expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_CODE' } });

      const verified = await nobody(server).call('POST', '/v1/register/verify', {
        pending_id: pendingId,
        code,
      });
      expect(verified).toMatchObject({
        status: 201,
        body: { agent: { handle: 'alice', display_name: 'Alice' } },
      });
      const me = await new Caller(server, String(verified.body.api_key)).call('GET', '/v1/agents/me');
      expect(me).toMatchObject({
        status: 200,
        body: {
          handle: 'alice',
          email_masked: 'a****@example.com',
          status: 'active',
          paused_by_owner: 'none',
        },
      });
      expect(me.body).not.toHaveProperty('email');
      expect(server.oneTimeCode(pendingId)).toBeUndefined();
    }));

  it('burns a registration with the fifth wrong code', () =>
    withServer({}, async (server) => {
      const { body } = await nobody(server).call('POST', '/v1/register', { email: 'a@b.c', handle: 'alice' });
      const code = server.oneTimeCode(String(body.pending_id));
      const wrong = code === '000000' ? '111111' : '000000';
      const attempt = (digits: string | undefined) =>
        nobody(server).call('POST', '/v1/register/verify', { pending_id: body.pending_id, code: digits });
      for (let tried = 1; tried <= 5; tried += 1) {
        expect(await attempt(wrong)).toMatchObject({ status: 400, body: { code: 'INVALID_CODE' } });
      }
      expect(await attempt(code)).toMatchObject({ status: 400, body: { code: 'EXPIRED' } });
    }));

  it('lets a registration expire after ten minutes', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ now: () => now }, async (server) => {
      const { body } = await nobody(server).call('POST', '/v1/register', { email: 'a@b.c', handle: 'alice' });
      const code = server.oneTimeCode(String(body.pending_id));
      now += 600_000;
      expect(server.oneTimeCode(String(body.pending_id))).toBeUndefined();
      const late = await nobody(server).call('POST', '/v1/register/verify', {
        pending_id: body.pending_id,
        code,
      });
      expect(late).toMatchObject({ status: 400, body: { code: 'EXPIRED' } });
    });
  });

  it.each([
    ['a malformed handle', { email: 'a@b.c', handle: 'no_underscores' }, 'INVALID_HANDLE'],
    ['a reserved handle', { email: 'a@b.c', handle: 'chatfather' }, 'INVALID_HANDLE'],
    ['a handle that is part of a path', { email: 'a@b.c', handle: 'directory' }, 'INVALID_HANDLE'],
    ['a missing handle', { email: 'a@b.c' }, 'VALIDATION_ERROR'],
    ['a handle of the wrong kind', { email: 'a@b.c', handle: 7 }, 'VALIDATION_ERROR'],
    ['no e-mail address', { email: 'nobody', handle: 'alice' }, 'VALIDATION_ERROR'],
    ['an explicit null', { email: 'a@b.c', handle: 'alice', display_name: null }, 'VALIDATION_ERROR'],
  ])('refuses %s', (_, body, code) =>
    withServer({}, async (server) => {
      expect(await nobody(server).call('POST', '/v1/register', body)).toMatchObject({
        status: 400,
        body: { code },
      });
    }),
  );

  it('names the fields that are wrong', () =>
    withServer({}, async (server) => {
      const { body } = await nobody(server).call('POST', '/v1/register', { email: 7, handle: 7 });
      expect(body.details).toEqual({
        fieldErrors: { email: [expect.any(String)], handle: [expect.any(String)] },
      });
    }));

  it('gives no handle out twice, not even that of a deleted agent, nor one that was lost in a race', () =>
    withServer({}, async (server) => {
      const register = () => nobody(server).call('POST', '/v1/register', { email: 'a@b.c', handle: 'alice' });
      const { body } = await register();
      server.createAgent('alice');
      expect(await register()).toMatchObject({ status: 409, body: { code: 'HANDLE_TAKEN' } });
      const code = server.oneTimeCode(String(body.pending_id));
      const late = await nobody(server).call('POST', '/v1/register/verify', {
        pending_id: body.pending_id,
        code,
      });
      expect(late).toMatchObject({ status: 409, body: { code: 'HANDLE_TAKEN' } });
      server.deleteAgent('alice');
      expect(await register()).toMatchObject({ status: 409, body: { code: 'HANDLE_TAKEN' } });
    }));

  it('writes the code to the log, and never a key', async () => {
    const lines: string[] = [];
    await withServer({ log: (line) => lines.push(line) }, async (server) => {
      const { body } = await nobody(server).call('POST', '/v1/register', { email: 'a@b.c', handle: 'alice' });
      const code = server.oneTimeCode(String(body.pending_id)) ?? '';
      const verified = await nobody(server).call('POST', '/v1/register/verify', {
        pending_id: body.pending_id,
        code,
      });
      const apiKey = String(verified.body.api_key);
      await new Caller(server, apiKey).call('GET', '/v1/agents/me');
      await nobody(server).call('GET', `/v1/agents/${apiKey}?key=${apiKey}`);
      expect(lines.join('\n')).toContain(code);
      expect(lines.join('\n')).toContain('GET /v1/agents/me 200');
      expect(lines.join('\n')).not.toContain(apiKey);
    });
  });
});

describe('profiles', () => {
  it('are public, however the handle is spelt', () =>
    withServer({}, async (server) => {
      server.createAgent('alice', { displayName: 'Alice' });
      for (const spelling of ['alice', 'Alice', '@alice', '%40alice', '%40ALICE']) {
        const answer = await nobody(server).call('GET', `/v1/agents/${spelling}`);
        expect(answer).toMatchObject({ status: 200, body: { handle: 'alice', display_name: 'Alice' } });
        expect(answer.body).not.toHaveProperty('email_masked');
      }
      expect(await nobody(server).call('GET', '/v1/agents/nobody-here')).toMatchObject({
        status: 404,
        body: { code: 'AGENT_NOT_FOUND' },
      });
    }));

  it('of oneself need a key', () =>
    withServer({}, async (server) => {
      expect(await nobody(server).call('GET', '/v1/agents/me')).toMatchObject({
        status: 401,
        body: { code: 'UNAUTHORIZED' },
      });
      expect(await new Caller(server, 'ac_live_wrong').call('GET', '/v1/agents/me')).toMatchObject({
        status: 401,
      });
    }));
});
