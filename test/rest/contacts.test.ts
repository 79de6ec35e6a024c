import { describe, expect, it } from 'vitest';
import {
  BlockedError,
  ConflictError,
  NotFoundError,
  SuspendedError,
  SystemAgentProtectedError,
  ValidationError,
} from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { json, refusal, scriptedFetch } from '../http/fake-fetch.js';
import { all, caught, onStage } from './kit.js';

describe('contacts', () => {
  it('are added, looked up, annotated and removed', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      server.createAgent('bob', { displayName: 'Bob' });
      expect(await alice.checkContact('bob')).toEqual({ is_contact: false, added_at: null, notes: null });
      const added = await alice.addContact('@Bob');
      expect(added).toMatchObject({ handle: 'bob', display_name: 'Bob', notes: null });
      expect(await alice.addContact('bob')).toEqual(added);
      expect(await alice.updateContactNotes('@bob', 'Knows the weather')).toBeUndefined();
      expect(await alice.checkContact('BOB')).toEqual({
        is_contact: true,
        added_at: added.added_at,
        notes: 'Knows the weather',
      });
      await alice.updateContactNotes('bob', null);
      expect((await alice.listContacts()).contacts).toMatchObject([{ handle: 'bob', notes: null }]);
      expect(await alice.removeContact('bob')).toBeUndefined();
      expect(await caught(alice.removeContact('bob'))).toBeInstanceOf(NotFoundError);
      expect(await caught(alice.updateContactNotes('bob', 'x'))).toBeInstanceOf(NotFoundError);
    }));

  it('must be agents, and others', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      expect(await caught(alice.addContact('nobody-here'))).toMatchObject({ code: 'AGENT_NOT_FOUND' });
      expect(await caught(alice.addContact('alice'))).toMatchObject({
        code: 'VALIDATION_ERROR',
        status: 400,
      });
    }));

  it('arise on both sides from an answer', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      await alice.sendMessage({ to: 'bob', content: 'hi' });
      expect((await bob.checkContact('alice')).is_contact).toBe(false);
      await bob.sendMessage({ to: 'alice', content: 'hello' });
      expect((await alice.checkContact('bob')).is_contact).toBe(true);
      expect((await bob.checkContact('alice')).is_contact).toBe(true);
    }));

  it('are listed page by page, in order', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      for (const handle of ['eve', 'bob', 'dan', 'carol']) {
        server.createAgent(handle);
        await alice.addContact(handle);
      }
      const page = await alice.listContacts({ limit: 2, offset: 1 });
      expect(page).toMatchObject({ total: 4, limit: 2, offset: 1 });
      expect(page.contacts.map(({ handle }) => handle)).toEqual(['carol', 'dan']);

      const paths: string[] = [];
      const watched = alice.with({ hooks: { onRequest: ({ url }) => void paths.push(new URL(url).search) } });
      const handles = await all(watched.contacts({ pageSize: 3 }));
      expect(handles.map(({ handle }) => handle)).toEqual(['bob', 'carol', 'dan', 'eve']);
      expect(paths).toEqual(['?limit=3&offset=0', '?limit=3&offset=3']);
      expect(await all(watched.contacts({ pageSize: 2, max: 3 }))).toHaveLength(3);
      expect(paths.slice(2)).toEqual(['?limit=2&offset=0', '?limit=1&offset=2']);
      for await (const { handle } of watched.contacts({ pageSize: 1 })) if (handle === 'carol') break;
      expect(paths.slice(4)).toEqual(['?limit=1&offset=0', '?limit=1&offset=1']);
    }));

  it('are no list of nothing when the answer is something else', async () => {
    const odd: unknown[] = [{}, { contacts: 7 }, null, 'contacts'];
    const { fetch } = scriptedFetch(...odd.map((body) => json(body)));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    for (const _ of odd)
      expect(await caught(client.listContacts())).toMatchObject({ code: 'PROTOCOL_ERROR' });
  });

  it('are read from older servers as well, and keep what is not known', async () => {
    const row = {
      handle: 'bob',
      display_name: null,
      description: null,
      notes: null,
      added_at: 'x',
      shiny: 1,
    };
    const { fetch } = scriptedFetch(json({ items: [row], next_cursor: null }), json([row]));
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch });
    expect(await client.listContacts({ offset: 3 })).toEqual({
      items: [row],
      next_cursor: null,
      contacts: [row],
      total: 4,
      limit: 1,
      offset: 3,
    });
    expect((await client.listContacts()).contacts).toEqual([row]);
  });

  it('are denied by the 404 of the service, and by no other', async () => {
    const page = new Response('<html>nginx</html>', {
      status: 404,
      headers: { 'content-type': 'text/html' },
    });
    const { fetch } = scriptedFetch(refusal(404, 'NOT_FOUND'), () => page);
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch, retry: { maxRetries: 0 } });
    expect(await client.checkContact('bob')).toEqual({ is_contact: false, added_at: null, notes: null });
    expect(await caught(client.checkContact('bob'))).toBeInstanceOf(NotFoundError);
  });

  it.each<[string, (client: AgentChatClient) => Promise<unknown>, string]>([
    ['an id for a handle', (client) => client.addContact('conv_d6YAy98A4PTqSZZP'), 'handle'],
    ['no handle', (client) => client.removeContact(''), 'handle'],
    ['long notes', (client) => client.updateContactNotes('bob', 'x'.repeat(1_001)), 'notes'],
    ['no notes', (client) => client.updateContactNotes('bob', undefined as never), 'notes'],
    ['a limit of 0', (client) => client.listContacts({ limit: 0 }), 'limit'],
    ['a misspelt option', (client) => client.listContacts({ pagesize: 1 } as object), 'pagesize'],
    ['a page of 0', (client) => all(client.contacts({ pageSize: 0 })), 'pageSize'],
    ['an empty reason', (client) => client.reportAgent('bob', ' '), 'reason'],
  ])('refuse %s before the network', async (_, call, field) => {
    const client = new AgentChatClient({ apiKey: 'ac_live_test_key', fetch: scriptedFetch().fetch });
    const error = await caught((async () => call(client))());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field, outcome: 'not_sent' });
  });
});

describe('blocks', () => {
  it('keep both from writing to each other, until they are lifted', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await alice.blockAgent('@Bob')).toBeUndefined();
      expect(await caught(alice.sendMessage({ to: 'bob', content: 'hi' }))).toBeInstanceOf(BlockedError);
      expect(await caught(bob.sendMessage({ to: 'alice', content: 'hi' }))).toBeInstanceOf(BlockedError);
      const again = await caught(alice.blockAgent('bob'));
      expect(again).toBeInstanceOf(ConflictError);
      expect(again).toMatchObject({ status: 409, outcome: 'rejected' });
      expect(await alice.unblockAgent('bob')).toBeUndefined();
      expect(await caught(alice.unblockAgent('bob'))).toMatchObject({ code: 'NOT_FOUND' });
      await bob.sendMessage({ to: 'alice', content: 'hi' });
    }));

  it('let no one into a group', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      await bob.blockAgent('alice');
      const { add_results } = await alice.createGroup({ name: 'G', member_handles: ['bob'] });
      expect(add_results).toEqual([]);
    }));

  it('are not for agents of the platform, strangers without an account, and oneself', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      server.createAgent('guide', { isSystem: true });
      expect(await caught(alice.blockAgent('guide'))).toBeInstanceOf(SystemAgentProtectedError);
      expect(await caught(alice.blockAgent('nobody-here'))).toBeInstanceOf(NotFoundError);
      expect(await caught(alice.blockAgent('alice'))).toBeInstanceOf(ValidationError);
      server.setStatus('alice', 'suspended');
      expect(await caught(alice.blockAgent('guide'))).toBeInstanceOf(SuspendedError);
    }));

  it('of one key are carried out once', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice', { retry: { baseDelayMs: 1 } });
      server.createAgent('bob');
      // Done, and the answer is lost: without the key the repeat would be refused as the second one.
      server.faults.next('restUnavailable', { endpoint: 'blockAgent', when: 'after' });
      await alice.blockAgent('bob', { idempotencyKey: 'block-bob-1' });
    }));
});

describe('reports', () => {
  it('block, and count once for ever', () =>
    onStage({}, async ({ server, client }) => {
      const alice = client('alice');
      const bob = client('bob');
      server.createAgent('guide', { isSystem: true });
      expect(await alice.reportAgent('@Bob', 'Sends the same every minute')).toBeUndefined();
      expect(await caught(bob.sendMessage({ to: 'alice', content: 'hi' }))).toBeInstanceOf(BlockedError);
      await alice.unblockAgent('bob');
      expect(await caught(alice.reportAgent('bob'))).toMatchObject({ code: 'ALREADY_REPORTED', status: 409 });
      await bob.reportAgent('alice');
      expect(await caught(alice.reportAgent('guide'))).toBeInstanceOf(SystemAgentProtectedError);
      expect(await caught(alice.reportAgent('nobody-here'))).toBeInstanceOf(NotFoundError);
    }));
});
