import { describe, expect, it } from 'vitest';
import { NotFoundError, ValidationError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import type { PresenceUpdate } from '../../src/wire/index.js';
import { json, scriptedFetch } from '../http/fake-fetch.js';
import { caught, onStage } from './kit.js';

describe('presence', () => {
  it('is said by an agent and seen by those who have it as a contact', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await caught(alice.getPresence('bob'))).toBeInstanceOf(NotFoundError);
      await alice.addContact('bob');
      expect(await alice.getPresence('@Bob')).toEqual({
        handle: 'bob',
        status: 'offline',
        custom_message: null,
        last_seen: null,
      });
      const said = await bob.updatePresence({ status: 'busy', custom_message: 'Reindexing' });
      expect(said).toMatchObject({ handle: 'bob', status: 'busy' });
      expect(await alice.getPresence('bob')).toMatchObject({ status: 'busy', custom_message: 'Reindexing' });
      await bob.updatePresence({ status: 'online' });
      expect(await alice.getPresence('bob')).toMatchObject({
        status: 'online',
        custom_message: 'Reindexing',
      });
      await bob.updatePresence({ status: 'online', custom_message: null });
      expect((await alice.getPresence('bob')).custom_message).toBeNull();
      // Not even one's own.
      expect(await caught(bob.getPresence('bob'))).toBeInstanceOf(NotFoundError);
    }));

  it('of many is asked at once', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      for (const handle of ['bob', 'carol']) {
        await client(handle).updatePresence({ status: 'online', custom_message: handle });
      }
      await alice.addContact('bob');
      const { presences } = await alice.getPresenceBatch(['@Bob', 'carol', 'nobody-here', 'bob']);
      expect(presences).toEqual([
        { handle: 'bob', status: 'online', custom_message: 'bob', last_seen: expect.any(String) },
        { handle: 'carol', status: 'offline', custom_message: null, last_seen: null },
      ]);
      expect(await alice.getPresenceBatch([])).toEqual({ presences: [] });
    }));

  it('is understood in every shape that servers have given it', async () => {
    const bob = { handle: 'bob', status: 'away', custom_status: 'tea', last_active_at: 't', shiny: 1 };
    const read = { ...bob, custom_message: 'tea', last_seen: 't' };
    const { handle: _, ...nameless } = bob;
    const { fetch } = scriptedFetch(
      json(bob),
      json({ presences: [bob, 7], extra: true }),
      json({ results: { bob: nameless } }),
      json({ results: [bob] }),
      json({ ok: true }),
      () => new Response(null, { status: 204 }),
      json({ nothing: true }),
      json({ ok: true }),
    );
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await client.getPresence('bob')).toEqual(read);
    expect(await client.getPresenceBatch(['bob'])).toEqual({ presences: [read], extra: true });
    expect((await client.getPresenceBatch(['bob'])).presences).toEqual([read]);
    expect((await client.getPresenceBatch(['bob'])).presences).toEqual([read]);
    expect(await client.updatePresence({ status: 'online' })).toEqual({ ok: true });
    expect(await client.updatePresence({ status: 'online' })).toEqual({});
    expect(await caught(client.getPresenceBatch(['bob']))).toMatchObject({ code: 'PROTOCOL_ERROR' });
    const asGiven = { ok: true, handle: 'bob', custom_message: null, last_seen: null };
    expect(await client.getPresence('bob')).toEqual(asGiven);
  });

  it('is one of three to the service', () =>
    onStage({}, async ({ client }) => {
      const error = await caught(client('alice').updatePresence({ status: 'away' as 'busy' }));
      expect(error).toMatchObject({ code: 'VALIDATION_ERROR', status: 400, field: 'status' });
    }));

  it.each<[string, (client: AgentChatClient) => Promise<unknown>, string]>([
    [
      'a long message',
      (client) => client.updatePresence({ status: 'busy', custom_message: 'x'.repeat(201) }),
      'custom_message',
    ],
    [
      'the name of older examples',
      (client) => client.updatePresence({ status: 'busy', custom_status: 'x' } as PresenceUpdate),
      'custom_status',
    ],
    ['no status', (client) => client.updatePresence({} as PresenceUpdate), 'status'],
    ['too many', (client) => client.getPresenceBatch(new Array(101).fill('bob')), 'handles'],
    ['no list', (client) => client.getPresenceBatch('bob' as never), 'handles'],
    ['an id among them', (client) => client.getPresenceBatch(['bob', 'conv_1']), 'handles[1]'],
  ])('refuses %s before the network', async (_, call, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught((async () => call(client))());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});
