import { describe, expect, it } from 'vitest';
import { NotFoundError, ProtocolError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { all, caught, onStage, type Stage } from './kit.js';

/** Alice has written to so many peers, the last one last. */
async function withPeers({ client, server }: Stage, count: number) {
  const alice = client('alice');
  for (let n = 1; n <= count; n += 1) {
    server.createAgent(`peer-${n}`);
    await alice.sendMessage({ to: `peer-${n}`, content: 'hi' });
  }
  return alice;
}

describe('conversations', () => {
  it('gives all of them, page by page, and stops fetching on break', () =>
    onStage({}, async (stage) => {
      const alice = await withPeers(stage, 7);
      const urls: string[] = [];
      const watched = alice.with({ hooks: { onRequest: ({ url }) => void urls.push(url) } });
      const rows = await all(watched.conversations({ pageSize: 3 }));
      expect(rows.map(({ participants }) => participants[0]?.handle)).toEqual(
        [7, 6, 5, 4, 3, 2, 1].map((n) => `peer-${n}`),
      );
      urls.length = 0;
      for await (const _ of watched.conversations({ pageSize: 3 })) break;
      expect(urls).toHaveLength(1);
      expect(await all(alice.conversations({ max: 2 }))).toHaveLength(2);
      expect(await all(alice.conversations({ max: 0 }))).toEqual([]);
    }));

  it('gives each once, also when one moves to the top meanwhile', () =>
    onStage({}, async (stage) => {
      const alice = await withPeers(stage, 5);
      const handles: (string | undefined)[] = [];
      for await (const { participants } of alice.conversations({ pageSize: 2 })) {
        handles.push(participants[0]?.handle);
        if (handles.length === 2) await alice.sendMessage({ to: 'peer-1', content: 'again' });
      }
      expect(handles).toEqual(['peer-5', 'peer-4', 'peer-3', 'peer-2']);
    }));

  it('ends by its signal', () =>
    onStage({}, async (stage) => {
      const alice = await withPeers(stage, 2);
      const signal = AbortSignal.abort(new Error('enough'));
      expect(await caught(all(alice.conversations({ signal })))).toMatchObject({
        code: 'ABORTED',
        cause: { message: 'enough' },
      });
    }));

  it('passes on what makes no sense', async () => {
    const answers = [[null, { id: 'conv_1' }, {}, { id: 'conv_1' }], []];
    const client = new AgentChatClient({
      apiKey: 'ac_live_0123456789abcdef',
      fetch: async () => Response.json(answers.shift()),
    });
    expect(await all(client.conversations())).toEqual([null, { id: 'conv_1' }, {}]);
  });

  it('refuses a list that pays no heed to the offset', async () => {
    const client = new AgentChatClient({
      apiKey: 'ac_live_0123456789abcdef',
      fetch: async () => Response.json([{ id: 'conv_1' }, { id: 'conv_2' }]),
    });
    expect(await caught(all(client.conversations()))).toBeInstanceOf(ProtocolError);
  });
});

describe('listConversations', () => {
  it('is paged, and names the option that cannot be', () =>
    onStage({}, async (stage) => {
      const alice = await withPeers(stage, 3);
      expect(await alice.listConversations({ limit: 2, offset: 2 })).toHaveLength(1);
      expect(await alice.listConversations({ offset: 3 })).toEqual([]);
      expect(await caught(alice.listConversations({ limit: 0 }))).toMatchObject({ field: 'limit' });
    }));
});

describe('who takes part', () => {
  it('is the other side, or all members of a group', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { message } = await alice.sendMessage({ to: 'bob', content: 'hi' });
      expect(await alice.getConversationParticipants(message.conversation_id)).toEqual([
        { handle: 'bob', display_name: null, avatar_url: null },
      ]);
      const { group } = await alice.createGroup({ name: 'Two', member_handles: ['bob'] });
      const [invite] = await bob.listGroupInvites();
      await bob.acceptGroupInvite(invite?.id ?? '');
      const members = await bob.getConversationParticipants(group.id);
      expect(members.map(({ handle }) => handle)).toEqual(['alice', 'bob']);
      const eve = client('eve');
      expect(await caught(eve.getConversationParticipants(group.id))).toBeInstanceOf(NotFoundError);
      expect(await caught(eve.getConversationParticipants(''))).toMatchObject({ field: 'conversationId' });
    }));
});

describe('where a conversation stands', () => {
  it('is found out without writing: new, cold, established', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      expect(await alice.getDirectConversationContext('@Bob')).toEqual({
        state: 'new',
        counterparty: { handle: 'bob', display_name: null },
        conversation: null,
      });
      const { message } = await alice.sendMessage({ to: 'bob', content: 'hi' });
      const seen = await bob.getDirectConversationContext('alice');
      expect(seen).toMatchObject({
        state: 'cold',
        conversation: {
          conversation_id: message.conversation_id,
          type: 'direct',
          group: null,
          counterparty: { handle: 'alice', display_name: null, avatar_url: null },
          relationship: { is_contact: false, added_at: null, note: null },
          direct_state: { state: 'cold', initiated_by_self: false, last_message_at: message.created_at },
          unread: { count: 1, oldest_seq: 1, newest_seq: 1 },
        },
      });
      await bob.sendMessage({ to: 'alice', content: 'hi' });
      await alice.updateContactNotes('bob', 'met today');
      expect(await alice.getConversationContext(message.conversation_id)).toMatchObject({
        relationship: { is_contact: true, added_at: expect.any(String), note: 'met today' },
        direct_state: { state: 'established', initiated_by_self: true },
      });
    }));

  it('of a group says what one is in it', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const { group } = await alice.createGroup({ name: 'Alone', description: 'for now' });
      expect(await alice.getConversationContext(group.id)).toMatchObject({
        type: 'group',
        group: { name: 'Alone', description: 'for now', member_count: 1, your_role: 'admin' },
        counterparty: null,
        relationship: null,
      });
    }));

  it('is nobody else’s to know', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      const { message } = await alice.sendMessage({ to: 'bob', content: 'hi' });
      const eve = client('eve');
      expect(await caught(eve.getConversationContext(message.conversation_id))).toMatchObject({
        code: 'CONVERSATION_NOT_FOUND',
      });
      expect(await caught(eve.getDirectConversationContext('nobody-here'))).toMatchObject({
        code: 'AGENT_NOT_FOUND',
      });
      expect(await caught(eve.getDirectConversationContext('conv_1'))).toMatchObject({ field: 'handle' });
    }));
});

describe('hideConversation', () => {
  it('takes it out of the list until the next message, and counts from then on', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { message } = await alice.sendMessage({ to: 'bob', content: 'one' });
      const id = message.conversation_id;
      expect(await bob.hideConversation(id)).toEqual({ ok: true });
      expect(await bob.hideConversation(id)).toEqual({ ok: true });
      expect(await bob.listConversations()).toEqual([]);
      expect(await alice.listConversations()).toHaveLength(1);
      // It is hidden, not received.
      expect(await bob.sync()).toHaveLength(1);
      await alice.sendMessage({ to: 'bob', content: 'two' });
      expect(await bob.listConversations()).toMatchObject([{ id, unread_count: 1, oldest_unread_seq: 2 }]);
      expect(await caught(client('eve').hideConversation(id))).toBeInstanceOf(NotFoundError);
    }));
});
