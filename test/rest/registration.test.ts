import { describe, expect, it } from 'vitest';
import { HandleRequiredError, RateLimitedError, ValidationError } from '../../src/errors/index.js';
import type { LocalServer } from '../../src/local-server/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { caught, onStage } from './kit.js';

const at = (server: LocalServer) => ({ baseUrl: server.url, validate: 'strict' as const });
const other = (code: string | undefined) => (code === '000000' ? '111111' : '000000');

describe('registration', () => {
  it('leads over the code to a client that works', () =>
    onStage({}, async ({ server }) => {
      const started = await AgentChatClient.register({
        email: 'a@example.com',
        handle: ' @Alice ',
        display_name: 'Alice',
        ...at(server),
      });
      const code = server.oneTimeCode(started.pending_id) ?? '';
      const { agent, apiKey, client } = await AgentChatClient.verify(
        started.pending_id,
        ` ${code} `,
        at(server),
      );
      expect(agent).toMatchObject({ handle: 'alice', display_name: 'Alice' });
      expect(apiKey).toMatch(/^ac_/);
      expect(await client.getMe()).toMatchObject({ handle: 'alice' });
    }));

  it('tells who asks of its answers, and can be aborted', () =>
    onStage({}, async ({ server }) => {
      const statuses: number[] = [];
      const telling = {
        ...at(server),
        onResponse: ({ status }: { status: number }) => void statuses.push(status),
      };
      const { pending_id } = await AgentChatClient.register({ email: 'a@b.c', handle: 'alice', ...telling });
      await AgentChatClient.verify(pending_id, server.oneTimeCode(pending_id) ?? '', telling);
      await AgentChatClient.recover('a@b.c', telling);
      expect(await caught(AgentChatClient.recoverVerify('pnd_1', '123456', telling))).toMatchObject({
        code: 'EXPIRED',
      });
      expect(statuses).toEqual([200, 201, 200, 400]);
      const signal = AbortSignal.abort('enough');
      expect(await caught(AgentChatClient.recover('a@b.c', { ...at(server), signal }))).toMatchObject({
        code: 'ABORTED',
      });
    }));

  it('refuses a handle that is taken, and a wrong code five times', () =>
    onStage({}, async ({ server, client }) => {
      client('alice');
      const register = (handle: string) =>
        AgentChatClient.register({ email: 'a@example.com', handle, ...at(server) });
      expect(await caught(register('alice'))).toMatchObject({ code: 'HANDLE_TAKEN', status: 409 });
      const { pending_id } = await register('bob');
      const code = server.oneTimeCode(pending_id) ?? '';
      const attempt = (digits: string) => AgentChatClient.verify(pending_id, digits, at(server));
      for (let n = 0; n < 5; n += 1) {
        expect(await caught(attempt(other(code)))).toMatchObject({ code: 'INVALID_CODE' });
      }
      expect(await caught(attempt(code))).toMatchObject({ code: 'EXPIRED', status: 400 });
    }));

  it.each([
    ['no e-mail address', { email: 'nobody', handle: 'alice' }, 'email'],
    ['no handle', { email: 'a@b.c', handle: 'no_underscores' }, 'handle'],
    ['a misspelt option', { email: 'a@b.c', handle: 'alice', displayName: 'Alice' }, 'displayName'],
  ])('refuses %s before the network', (_, fields, field) =>
    onStage({}, async ({ server }) => {
      const input = { ...fields, ...at(server) } as Parameters<typeof AgentChatClient.register>[0];
      const error = await caught((async () => AgentChatClient.register(input))());
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ field, outcome: 'not_sent' });
    }),
  );

  it('is never repeated by itself', () =>
    onStage({}, async ({ server }) => {
      const attempts: string[] = [];
      const counting = {
        ...at(server),
        hooks: { onRequest: ({ url }: { url: string }) => void attempts.push(url) },
      };
      server.faults.next('restUnavailable', { endpoint: 'register' });
      const registration = { email: 'a@example.com', handle: 'alice', ...counting };
      expect(await caught(AgentChatClient.register(registration))).toMatchObject({ status: 503 });
      server.faults.next('restUnavailable', { endpoint: 'verify' });
      expect(await caught(AgentChatClient.verify('pnd_1', '123456', counting))).toMatchObject({
        status: 503,
      });
      server.faults.next('restUnavailable', { endpoint: 'recover' });
      expect(await caught(AgentChatClient.recover('a@example.com', counting))).toMatchObject({ status: 503 });
      server.faults.next('restUnavailable', { endpoint: 'recoverVerify' });
      expect(await caught(AgentChatClient.recoverVerify('pnd_1', '123456', counting))).toMatchObject({
        status: 503,
      });
      expect(attempts).toHaveLength(4);
    }));
});

describe('recovery', () => {
  it('gives a new key, and the old one dies', () =>
    onStage({}, async ({ server }) => {
      const { apiKey: lost } = server.createAgent('alice', { email: 'a@example.com' });
      const { pending_id } = await AgentChatClient.recover(' A@Example.com ', at(server));
      const code = server.oneTimeCode(pending_id ?? '') ?? '';
      const wrong = AgentChatClient.recoverVerify(pending_id ?? '', other(code), at(server));
      expect(await caught(wrong)).toMatchObject({ code: 'INVALID_CODE' });
      const { handle, apiKey, client } = await AgentChatClient.recoverVerify(
        pending_id ?? '',
        code,
        at(server),
      );
      expect(handle).toBe('alice');
      expect(apiKey).not.toBe(lost);
      expect((await client.getMe()).handle).toBe('alice');
      const old = new AgentChatClient({ apiKey: lost, baseUrl: server.url });
      expect(await caught(old.getMe())).toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
      expect(await caught(AgentChatClient.recoverVerify(pending_id ?? '', code, at(server)))).toMatchObject({
        code: 'EXPIRED',
      });
    }));

  it('asks which agent when the address owns several', () =>
    onStage({}, async ({ server }) => {
      server.createAgent('zoe', { email: 'a@example.com' });
      server.createAgent('alice', { email: 'a@example.com' });
      const recover = (handle?: string) =>
        AgentChatClient.recover('a@example.com', { ...at(server), handle });
      const { pending_id } = await recover();
      const code = server.oneTimeCode(pending_id ?? '') ?? '';
      const error = await caught(AgentChatClient.recoverVerify(pending_id ?? '', code, at(server)));
      expect(error).toBeInstanceOf(HandleRequiredError);
      expect(error).toMatchObject({
        code: 'HANDLE_REQUIRED',
        status: 409,
        // In the order of their registration.
        handles: ['zoe', 'alice'],
      });
      const second = await recover('@Zoe');
      const named = await AgentChatClient.recoverVerify(
        second.pending_id ?? '',
        server.oneTimeCode(second.pending_id ?? '') ?? '',
        at(server),
      );
      expect(named.handle).toBe('zoe');
    }));

  it('answers alike when it finds nobody, and mails nothing', () =>
    onStage({}, async ({ server }) => {
      server.createAgent('alice', { email: 'a@example.com' });
      const found = await AgentChatClient.recover('a@example.com', at(server));
      const nobody = await AgentChatClient.recover('nobody@example.com', at(server));
      const mismatch = await AgentChatClient.recover('a@example.com', { ...at(server), handle: 'bob' });
      expect(nobody.message).toBe(found.message);
      expect(mismatch.message).toBe(found.message);
      for (const { pending_id = '' } of [nobody, mismatch]) {
        expect(pending_id).toMatch(/^pnd_/);
        expect(server.oneTimeCode(pending_id)).toBeUndefined();
        const attempt = () => AgentChatClient.recoverVerify(pending_id, '123456', at(server));
        for (let n = 0; n < 5; n += 1)
          expect(await caught(attempt())).toMatchObject({ code: 'INVALID_CODE' });
        expect(await caught(attempt())).toMatchObject({ code: 'EXPIRED' });
      }
    }));

  it('is allowed three times an hour from one network address', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await onStage({ limits: 'documented', now: () => now }, async ({ server }) => {
      for (let n = 0; n < 3; n += 1) await AgentChatClient.recover(`a${n}@example.com`, at(server));
      const fourth = await caught(AgentChatClient.recover('a4@example.com', at(server)));
      expect(fourth).toBeInstanceOf(RateLimitedError);
      expect(fourth).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3_600_000 });
      now += 3_600_000;
      await AgentChatClient.recover('a4@example.com', at(server));
      expect(await caught(AgentChatClient.recover('A4@example.com', at(server)))).toMatchObject({
        code: 'OTP_COOLDOWN',
        retryAfterMs: 60_000,
      });
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['no address', () => AgentChatClient.recover(''), 'email'],
    ['no e-mail address', () => AgentChatClient.recover('nobody'), 'email'],
    ['an odd handle', () => AgentChatClient.recover('a@b.c', { handle: '@' }), 'handle'],
    ['a key', () => AgentChatClient.recover('a@b.c', { apiKey: 'ac_live_x' } as object), 'apiKey'],
    ['no pending id', () => AgentChatClient.recoverVerify('', '123456'), 'pendingId'],
    ['no code', () => AgentChatClient.recoverVerify('pnd_1', '12345'), 'code'],
  ])('refuses %s before the network', async (_, call, field) => {
    const error = await caught(call());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});

describe('key rotation', () => {
  it('gives a new key, and the old one dies at once', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const { pending_id } = await alice.rotateKey('@Alice');
      const code = server.oneTimeCode(pending_id) ?? '';
      expect((await alice.getMe()).handle).toBe('alice');
      expect(await caught(alice.rotateKeyVerify('alice', pending_id, other(code)))).toMatchObject({
        code: 'INVALID_CODE',
      });
      const { handle, api_key } = await alice.rotateKeyVerify('alice', pending_id, code);
      expect(handle).toBe('alice');
      expect(await caught(alice.getMe())).toMatchObject({ status: 401 });
      const renewed = new AgentChatClient({ apiKey: api_key, baseUrl: server.url });
      expect((await renewed.getMe()).handle).toBe('alice');
      expect(await caught(renewed.rotateKeyVerify('alice', pending_id, code))).toMatchObject({
        code: 'EXPIRED',
      });
    }));

  it('goes on with the new key where the key is a function', () =>
    onStage({}, async ({ server }) => {
      let { apiKey } = server.createAgent('alice');
      const alice = new AgentChatClient({ apiKey: () => apiKey, baseUrl: server.url });
      const { pending_id } = await alice.rotateKey('alice');
      const { api_key } = await alice.rotateKeyVerify(
        'alice',
        pending_id,
        server.oneTimeCode(pending_id) ?? '',
      );
      expect(await caught(alice.getMe())).toMatchObject({ status: 401 });
      apiKey = api_key;
      expect((await alice.getMe()).handle).toBe('alice');
    }));

  it("is nobody else's business", () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await caught(bob.rotateKey('alice'))).toMatchObject({ code: 'FORBIDDEN', status: 403 });
      const { pending_id } = await alice.rotateKey('alice');
      const code = server.oneTimeCode(pending_id) ?? '';
      expect(await caught(bob.rotateKeyVerify('alice', pending_id, code))).toMatchObject({
        code: 'FORBIDDEN',
      });
      expect(await caught(bob.rotateKeyVerify('bob', pending_id, code))).toMatchObject({ code: 'EXPIRED' });
      const recovery = AgentChatClient.recoverVerify(pending_id, code, { baseUrl: server.url });
      expect(await caught(recovery)).toMatchObject({ code: 'EXPIRED' });
    }));
});
