import { describe, expect, it } from 'vitest';
import { NotFoundError, SuspendedError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { json, scriptedFetch } from '../http/fake-fetch.js';
import { caught, onStage } from './kit.js';

const URL_OF_HOOK = 'http://127.0.0.1:9/hook';

describe('webhooks', () => {
  it('are registered, listed and ended', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const created = await alice.createWebhook({ url: URL_OF_HOOK, events: ['message.new'] });
      expect(created).toMatchObject({ url: URL_OF_HOOK, events: ['message.new'], active: true });
      expect(created.secret).toMatch(/^whsec_/);
      const { secret: _, ...shown } = created;
      expect(await alice.getWebhook(created.id)).toEqual(shown);
      expect(await alice.listWebhooks()).toEqual({ webhooks: [shown] });
      const own = await alice.createWebhook({ url: URL_OF_HOOK, events: ['group.deleted'], secret: 'mine' });
      expect(own).not.toHaveProperty('secret');
      expect(await alice.deleteWebhook(created.id)).toBeUndefined();
      expect((await alice.listWebhooks()).webhooks.map(({ id }) => id)).toEqual([own.id]);
    }));

  it("are nobody else's business", () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { id } = await alice.createWebhook({ url: URL_OF_HOOK, events: ['message.new'] });
      expect(await caught(bob.getWebhook(id))).toBeInstanceOf(NotFoundError);
      expect(await caught(bob.deleteWebhook(id))).toBeInstanceOf(NotFoundError);
      expect(await bob.listWebhooks()).toEqual({ webhooks: [] });
      server.setStatus('bob', 'suspended');
      const creating = bob.createWebhook({ url: URL_OF_HOOK, events: ['message.new'] });
      expect(await caught(creating)).toBeInstanceOf(SuspendedError);
    }));

  it('are listed by servers without an envelope as well', async () => {
    const { fetch } = scriptedFetch(json([]), json({ hooks: [] }));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await client.listWebhooks()).toEqual({ webhooks: [] });
    expect(await caught(client.listWebhooks())).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });

  it.each<[string, unknown, string]>([
    ['no address', { events: ['message.new'] }, 'url'],
    ['another scheme', { url: 'ftp://example.com', events: ['message.new'] }, 'url'],
    ['no event', { url: URL_OF_HOOK, events: [] }, 'events'],
    ['an unknown field', { url: URL_OF_HOOK, events: ['message.new'], event: 'x' }, 'event'],
    ['an empty secret', { url: URL_OF_HOOK, events: ['message.new'], secret: '' }, 'secret'],
  ])('refuse %s before the network', async (_, request, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught(client.createWebhook(request as Parameters<typeof client.createWebhook>[0]));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
    expect(await caught(client.getWebhook(''))).toMatchObject({ field: 'webhookId' });
    expect(await caught(client.deleteWebhook(' '))).toMatchObject({ field: 'webhookId' });
  });
});
