import { describe, expect, it } from 'vitest';
import { SuspendedError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { json, scriptedFetch } from '../http/fake-fetch.js';
import { caught, onStage } from './kit.js';

const url = 'https://bot.example.com/wake';
const secret = 'whsec_mine';

describe('the wake webhook', () => {
  it('is set, replaced and removed, as often as one likes', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      client('bob');
      expect(server.webhooks.wakeUrl('alice')).toBeUndefined();
      expect(await alice.setWakeWebhook({ url: 'https://old.example.com/', secret })).toEqual({
        state: 'active',
      });
      await alice.setWakeWebhook({ url, secret });
      expect(server.webhooks.wakeUrl('@Alice')).toBe(url);
      expect(server.webhooks.wakeUrl('bob')).toBeUndefined();
      expect(await alice.removeWakeWebhook()).toBeUndefined();
      expect(await alice.removeWakeWebhook()).toBeUndefined();
      expect(server.webhooks.wakeUrl('alice')).toBeUndefined();
    }));

  it('is none of the webhooks', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      await alice.setWakeWebhook({ url, secret });
      expect(await alice.listWebhooks()).toEqual({ webhooks: [] });
    }));

  it('is refused to an agent that may not write', () =>
    onStage({}, async ({ server, client }) => {
      const bob = client('bob');
      server.setStatus('bob', 'suspended');
      expect(await caught(bob.setWakeWebhook({ url, secret }))).toBeInstanceOf(SuspendedError);
    }));

  it('is refused by the server for an address with a name in it, and a blank secret', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const named = { url: 'https://me@bot.example.com/', secret };
      expect(await caught(alice.setWakeWebhook(named))).toMatchObject({ status: 400, field: 'url' });
      const blank = { url, secret: ' ' };
      expect(await caught(alice.setWakeWebhook(blank))).toMatchObject({ status: 400, field: 'secret' });
    }));

  it('takes whatever says that it is done', async () => {
    const { fetch, seen } = scriptedFetch(json({ state: 'pending', since: 1 }), json({ ok: true }));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await client.setWakeWebhook({ url, secret })).toEqual({ state: 'pending', since: 1 });
    expect(await client.removeWakeWebhook()).toBeUndefined();
    expect(seen.map(({ method, url: at }) => `${method} ${new URL(at).pathname}`)).toEqual([
      'PUT /v1/agents/me/wake-webhook',
      'DELETE /v1/agents/me/wake-webhook',
    ]);
  });

  it.each<[string, unknown, string]>([
    ['an address without TLS', { url: 'http://bot.example.com/', secret }, 'url'],
    ['no address', { secret }, 'url'],
    ['no secret', { url }, 'secret'],
    ['an empty secret', { url, secret: '' }, 'secret'],
    ['an unknown field', { url, secret, events: [] }, 'events'],
  ])('refuses %s before the network', async (_, request, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught(client.setWakeWebhook(request as Parameters<typeof client.setWakeWebhook>[0]));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});
