import { describe, expect, it } from 'vitest';
import { ForbiddenError, GroupDeletedError, NotFoundError } from '../../src/errors/index.js';
import type { AgentChatClient } from '../../src/rest/index.js';
import type { EndpointKey, GroupSystemEvent, Message } from '../../src/wire/index.js';
import { caught, onStage, type Stage } from './kit.js';

/** The smallest PNG, as far as anybody looks. */
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

const eventsOf = (messages: readonly Message[]) =>
  messages.flatMap(({ type, content }) => (type === 'system' ? [content.data as GroupSystemEvent] : []));

async function join(member: AgentChatClient, groupId: string): Promise<void> {
  const invite = (await member.listGroupInvites()).find(({ group_id }) => group_id === groupId);
  await member.acceptGroupInvite(invite?.id ?? '');
}

/** A group of alice, who made it, bob and carol. */
async function harvest({ client }: Stage) {
  const alice = client('alice');
  const bob = client('bob');
  const carol = client('carol');
  const { group } = await alice.createGroup({ name: 'Harvest', member_handles: ['bob', 'carol'] });
  await join(bob, group.id);
  await join(carol, group.id);
  return { alice, bob, carol, id: group.id };
}

describe('createGroup', () => {
  it('makes the creator the only member, and invites the others', () =>
    onStage({}, async ({ client, server }) => {
      const alice = client('alice');
      client('bob');
      server.createAgent('careful', { groupInvitePolicy: 'contacts_only' });
      const { group, add_results } = await alice.createGroup({
        name: 'Harvest',
        description: 'of apples',
        member_handles: ['@Bob', 'bob', 'careful', 'nobody-here', 'alice'],
      });
      expect(group).toMatchObject({
        id: expect.stringMatching(/^grp_[A-Za-z0-9]{16}$/),
        name: 'Harvest',
        description: 'of apples',
        avatar_url: null,
        created_by: 'alice',
        settings: { who_can_invite: 'admin' },
        member_count: 1,
        last_message_at: null,
        members: [{ handle: 'alice', display_name: null, role: 'admin' }],
        your_role: 'admin',
      });
      expect(add_results).toEqual([
        { handle: 'bob', outcome: 'invited', invite_id: expect.stringMatching(/^gri_/) },
      ]);
    }));

  it.each<[string, unknown, string]>([
    ['no name', {}, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a long name', { name: 'x'.repeat(101) }, 'name'],
    ['a long description', { name: 'x', description: 'x'.repeat(501) }, 'description'],
    ['too many members', { name: 'x', member_handles: Array(256).fill('bob') }, 'member_handles'],
    ['an id as a member', { name: 'x', member_handles: ['bob', 'conv_1'] }, 'member_handles[1]'],
    ['an unknown field', { name: 'x', members: ['bob'] }, 'members'],
  ])('refuses %s before the network', (_, request, field) =>
    onStage({}, async ({ client }) => {
      expect(await caught(client('alice').createGroup(request as never))).toMatchObject({
        field,
        outcome: 'not_sent',
      });
    }),
  );

  it('creates one group, however often it is sent under one idempotency key', () =>
    onStage({}, async ({ client, server }) => {
      const alice = client('alice', { retry: { baseDelayMs: 1 } });
      server.faults.next('restCut', { endpoint: 'createGroup', when: 'after' });
      const key = { idempotencyKey: 'harvest-2026' };
      const first = await alice.createGroup({ name: 'Harvest' }, key);
      const second = await alice.createGroup({ name: 'Harvest' }, key);
      expect(second.group.id).toBe(first.group.id);
      expect(await alice.listConversations()).toHaveLength(1);
      expect(await caught(alice.createGroup({ name: 'Another' }, key))).toMatchObject({
        status: 422,
        code: 'IDEMPOTENCY_KEY_CONFLICT',
      });
    }));
});

describe('membership', () => {
  it('takes an invitation and its acceptance; what was said before stays unseen', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { group } = await alice.createGroup({ name: 'Harvest' });
      await alice.sendMessage({ conversation_id: group.id, content: 'before' });
      const added = await alice.addGroupMember(group.id, '@Bob');
      expect(added).toMatchObject({ handle: 'bob', outcome: 'invited' });
      // Asked again: the same invitation.
      expect(await alice.addGroupMember(group.id, 'bob')).toEqual(added);
      const invites = await bob.listGroupInvites();
      expect(invites).toMatchObject([
        {
          id: added.invite_id,
          group_id: group.id,
          group_name: 'Harvest',
          group_description: null,
          group_avatar_url: null,
          group_member_count: 1,
          inviter_handle: 'alice',
        },
      ]);
      expect(await caught(bob.getGroup(group.id))).toBeInstanceOf(NotFoundError);
      await alice.sendMessage({ conversation_id: group.id, content: 'still before' });

      const joined = await bob.acceptGroupInvite(invites[0]?.id ?? '');
      expect(joined).toMatchObject({ your_role: 'member', member_count: 2 });
      expect(await bob.listGroupInvites()).toEqual([]);
      expect(await alice.addGroupMember(group.id, 'bob')).toEqual({
        handle: 'bob',
        outcome: 'already_member',
      });
      await alice.sendMessage({ conversation_id: group.id, content: 'after' });
      const seen = await bob.getMessages(group.id, { afterSeq: 0 });
      expect(seen.map(({ seq, type }) => [seq, type])).toEqual([
        [3, 'system'],
        [4, 'text'],
      ]);
      expect(eventsOf(seen)).toEqual([{ schema_version: 1, event: 'member_joined', agent_handle: 'bob' }]);
      expect((await bob.sync()).map(({ seq }) => seq)).toEqual([3, 4]);
    }));

  it('is declined without a word, and may be offered again', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { group, add_results } = await alice.createGroup({ name: 'Harvest', member_handles: ['bob'] });
      const id = add_results[0]?.invite_id ?? '';
      expect(await bob.rejectGroupInvite(id)).toMatchObject({ message: expect.any(String) });
      expect(await caught(bob.rejectGroupInvite(id))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
      expect(await caught(bob.acceptGroupInvite(id))).toBeInstanceOf(NotFoundError);
      expect(await caught(bob.acceptGroupInvite(group.id))).toMatchObject({ field: 'inviteId' });
      expect(await alice.addGroupMember(group.id, 'bob')).toMatchObject({ outcome: 'invited' });
    }));

  it('cannot be offered to who is blocked, wants contacts only, or is nobody', () =>
    onStage({}, async ({ client, server }) => {
      const alice = client('alice');
      const bob = client('bob');
      server.createAgent('careful', { groupInvitePolicy: 'contacts_only' });
      const { group } = await alice.createGroup({ name: 'Harvest' });
      await bob.blockAgent('alice');
      const refusals = ['bob', 'careful', 'nobody-here'].map((handle) =>
        caught(alice.addGroupMember(group.id, handle)),
      );
      expect(await Promise.all(refusals)).toMatchObject([
        { code: 'BLOCKED', status: 403 },
        { code: 'INBOX_RESTRICTED', status: 403 },
        { code: 'AGENT_NOT_FOUND', status: 404 },
      ]);
    }));

  it('has roles: admins change them, but not the creator’s', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      expect(await caught(bob.promoteGroupMember(id, 'carol'))).toBeInstanceOf(ForbiddenError);
      expect(await caught(bob.addGroupMember(id, 'alice'))).toBeInstanceOf(ForbiddenError);
      expect(await caught(bob.updateGroup(id, { name: 'Mine' }))).toBeInstanceOf(ForbiddenError);
      await alice.promoteGroupMember(id, '@Bob');
      await alice.promoteGroupMember(id, 'bob');
      expect((await bob.getGroup(id)).your_role).toBe('admin');
      expect(await caught(bob.demoteGroupMember(id, 'alice'))).toBeInstanceOf(ForbiddenError);
      expect(await caught(bob.removeGroupMember(id, 'alice'))).toBeInstanceOf(ForbiddenError);
      await bob.demoteGroupMember(id, 'bob');
      expect(await caught(alice.promoteGroupMember(id, 'nobody-here'))).toBeInstanceOf(NotFoundError);
      expect(eventsOf(await carol.getMessages(id, { afterSeq: 2 }))).toEqual([
        { schema_version: 1, event: 'admin_promoted', agent_handle: 'bob', actor_handle: 'alice' },
        { schema_version: 1, event: 'admin_demoted', agent_handle: 'bob', actor_handle: 'bob' },
      ]);
    }));

  it('ends by removal, which the removed is told last', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      await alice.removeGroupMember(id, 'bob');
      await alice.sendMessage({ conversation_id: id, content: 'without bob' });
      expect(await caught(bob.getMessages(id))).toMatchObject({ code: 'CONVERSATION_NOT_FOUND' });
      expect(await caught(bob.sendMessage({ conversation_id: id, content: 'hi' }))).toBeInstanceOf(
        NotFoundError,
      );
      expect(await bob.listConversations()).toEqual([]);
      const event = { event: 'member_removed', agent_handle: 'bob', actor_handle: 'alice' };
      expect((await bob.sync()).at(-1)).toMatchObject({ type: 'system', content: { data: event } });
      expect((await carol.getGroup(id)).members.map(({ handle }) => handle)).toEqual(['alice', 'carol']);
      expect(await caught(alice.removeGroupMember(id, 'bob'))).toBeInstanceOf(NotFoundError);
    }));

  it('ends by leaving; when the last admin leaves, the earliest member becomes one', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      expect(await carol.leaveGroup(id)).toMatchObject({ promoted_handle: null });
      expect(await alice.leaveGroup(id)).toMatchObject({ promoted_handle: 'bob' });
      expect(await bob.getGroup(id)).toMatchObject({ your_role: 'admin', member_count: 1 });
      expect(eventsOf(await bob.getMessages(id, { afterSeq: 3 })).map(({ event }) => event)).toEqual([
        'member_left',
        'admin_promoted',
      ]);
      expect(await bob.leaveGroup(id)).toMatchObject({ promoted_handle: null });
      expect(await caught(bob.leaveGroup(id))).toBeInstanceOf(NotFoundError);
    }));

  it('begins anew for who comes back', () =>
    onStage({}, async (stage) => {
      const { alice, bob, id } = await harvest(stage);
      await alice.sendMessage({ conversation_id: id, content: 'not read in time' });
      await bob.leaveGroup(id);
      await alice.addGroupMember(id, 'bob');
      await join(bob, id);
      const seen = await bob.getMessages(id);
      expect(eventsOf(seen).map(({ event }) => event)).toEqual(['member_joined']);
      expect((await bob.sync()).map(({ seq }) => seq)).toEqual(seen.map(({ seq }) => seq));
    }));
});

describe('updateGroup', () => {
  it('changes what is named, with a system message for each', () =>
    onStage({}, async (stage) => {
      const { alice, bob, id } = await harvest(stage);
      const changed = await alice.updateGroup(id, { name: 'Pears', description: 'not apples' });
      expect(changed).toMatchObject({ name: 'Pears', description: 'not apples' });
      expect(await alice.updateGroup(id, { description: null, name: 'Pears' })).toMatchObject({
        description: null,
      });
      expect(eventsOf(await bob.getMessages(id, { afterSeq: 2 }))).toEqual([
        { schema_version: 1, event: 'name_changed', new_name: 'Pears', actor_handle: 'alice' },
        { schema_version: 1, event: 'description_changed', actor_handle: 'alice' },
        { schema_version: 1, event: 'description_changed', actor_handle: 'alice' },
      ]);
      expect(await caught(alice.updateGroup(id, {}))).toMatchObject({ field: 'changes' });
      expect(await caught(alice.updateGroup('conv_1', { name: 'x' }))).toMatchObject({ field: 'groupId' });
    }));

  it('sets and removes an avatar, which anybody can look at', () =>
    onStage({}, async (stage) => {
      const { alice, bob, id } = await harvest(stage);
      const { avatar_key, avatar_url } = await alice.setGroupAvatar(id, PNG);
      expect(avatar_key).toMatch(/^[0-9a-f]{64}/);
      const picture = await fetch(avatar_url);
      expect(picture.headers.get('content-type')).toBe('image/png');
      expect(new Uint8Array(await picture.arrayBuffer())).toEqual(PNG);
      expect((await bob.getGroup(id)).avatar_url).toBe(avatar_url);
      expect((await bob.listConversations())[0]).toMatchObject({ group_avatar_url: avatar_url });
      expect(await caught(bob.setGroupAvatar(id, PNG))).toBeInstanceOf(ForbiddenError);
      expect(await caught(alice.setGroupAvatar(id, Uint8Array.of(1, 2)))).toMatchObject({ status: 400 });
      const large = new Uint8Array(5 * 1024 * 1024 + 1);
      expect(await caught(alice.setGroupAvatar(id, large))).toMatchObject({
        field: 'image',
        outcome: 'not_sent',
      });
      expect(await alice.removeGroupAvatar(id)).toEqual({ ok: true });
      expect(await caught(alice.removeGroupAvatar(id))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }));
});

describe('messages in a group', () => {
  it('go to everybody else, in one order, whoever has blocked whom', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      await bob.blockAgent('alice');
      const { message } = await alice.sendMessage({ conversation_id: id, content: 'hi @bob' });
      expect(message).toMatchObject({
        conversation_id: id,
        context: {
          conversation: { type: 'group', group_name: 'Harvest', member_count: 3 },
          mentions: ['bob'],
        },
        skipped_recipients: [],
      });
      const answers = await Promise.all(
        [bob, carol, alice].map((member) => member.sendMessage({ conversation_id: id, content: 'answer' })),
      );
      const seqs = answers.map((answer) => answer.message.seq);
      expect([...seqs].sort()).toEqual([4, 5, 6]);
      const histories = await Promise.all(
        [alice, bob].map((member) => member.getMessages(id, { afterSeq: 2 })),
      );
      expect(histories[1]?.map((row) => row.id)).toEqual(histories[0]?.map((row) => row.id));
      expect((await carol.listConversations())[0]).toMatchObject({
        type: 'group',
        participants: [],
        group_name: 'Harvest',
        group_member_count: 3,
      });
      const rows = await bob.sync();
      expect(rows.filter(({ type }) => type === 'text').map(({ sender }) => sender)).not.toContain('bob');
    }));

  it('are marked read one by one, and each sender is told', () =>
    onStage({}, async (stage) => {
      const { alice, bob, id } = await harvest(stage);
      const { message } = await alice.sendMessage({ conversation_id: id, content: 'hi' });
      await bob.markAsRead(message.id);
      expect((await bob.getMessages(id))[0]).toMatchObject({ status: 'read' });
      expect(await caught(alice.markAsRead(message.id))).toBeInstanceOf(ForbiddenError);
    }));

  it('may come too fast for a group', () =>
    onStage({ limits: 'documented', now: () => Date.parse('2026-11-21T12:00:00Z') }, async (stage) => {
      const { alice, id } = await harvest(stage);
      for (let n = 0; n < 20; n += 1) await alice.sendMessage({ conversation_id: id, content: `${n}` });
      const patient = alice.with({ retry: { maxRetries: 0 } });
      expect(await caught(patient.sendMessage({ conversation_id: id, content: 'x' }))).toMatchObject({
        code: 'RATE_LIMITED',
        retryAfterMs: 1_000,
      });
    }));
});

describe('a removal whose answer is lost', () => {
  const impatient = { retry: { baseDelayMs: 1 } };

  it.each(['before', 'after'] as const)('is done, once, when it was cut %s it was carried out', (when) =>
    onStage({}, async (stage) => {
      const { alice, bob, id } = await harvest(stage);
      const { server } = stage;
      const dora = stage.client('dora', impatient);
      await alice.addGroupMember(id, 'dora');
      const [invite] = await dora.listGroupInvites();
      const retrying = alice.with(impatient);
      await retrying.setGroupAvatar(id, PNG);
      const cut = (endpoint: EndpointKey) => server.faults.next('restCut', { endpoint, when });
      cut('rejectGroupInvite');
      expect(await dora.rejectGroupInvite(invite?.id ?? '')).toMatchObject({ message: expect.any(String) });
      cut('removeGroupAvatar');
      expect(await retrying.removeGroupAvatar(id)).toEqual({ ok: true });
      cut('removeGroupMember');
      expect(await retrying.removeGroupMember(id, 'carol')).toMatchObject({ message: expect.any(String) });
      expect((await bob.getGroup(id)).members.map(({ handle }) => handle)).toEqual(['alice', 'bob']);
      cut('deleteGroup');
      expect(await retrying.deleteGroup(id)).toEqual({ deleted_at: expect.any(String) });
      const events = eventsOf(server.messagesOf(id)).map(({ event }) => event);
      expect(events.filter((event) => event === 'member_removed')).toHaveLength(1);
      expect(events.filter((event) => event === 'group_deleted')).toHaveLength(1);
    }),
  );
});

describe('deleteGroup', () => {
  it('leaves a notice as the last thing, a tombstone for members, and nothing for others', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      const eve = stage.client('eve');
      await alice.addGroupMember(id, 'eve');
      await alice.sendMessage({ conversation_id: id, content: 'never received' });
      expect(await caught(bob.deleteGroup(id))).toBeInstanceOf(ForbiddenError);
      const { deleted_at } = await alice.deleteGroup(id);

      const gone = {
        name: 'GroupDeletedError',
        status: 410,
        groupId: id,
        deletedByHandle: 'alice',
        deletedAt: deleted_at,
      };
      expect(await caught(bob.getMessages(id))).toMatchObject(gone);
      expect(await caught(carol.getGroup(id))).toBeInstanceOf(GroupDeletedError);
      expect(await caught(carol.sendMessage({ conversation_id: id, content: 'hi' }))).toMatchObject(gone);
      expect(await caught(bob.getConversationContext(id))).toMatchObject(gone);
      expect(await caught(alice.deleteGroup(id))).toMatchObject(gone);
      expect(await caught(eve.getGroup(id))).toMatchObject({ code: 'CONVERSATION_NOT_FOUND', status: 404 });
      expect(await eve.listGroupInvites()).toEqual([]);
      expect(await bob.listConversations()).toEqual([]);
      expect(eventsOf((await bob.sync()) as unknown as Message[])).toEqual([
        { schema_version: 1, event: 'group_deleted', actor_handle: 'alice' },
      ]);
      expect((await bob.sync()).map(({ conversation_id }) => conversation_id)).toEqual([id]);
      // Kept as evidence.
      expect(stage.server.messagesOf(id).map(({ content }) => content.text)).toContain('never received');
    }));

  it('falls to the earliest admin when the creator is suspended or gone', () =>
    onStage({}, async (stage) => {
      const { alice, bob, carol, id } = await harvest(stage);
      await alice.promoteGroupMember(id, 'carol');
      await alice.promoteGroupMember(id, 'bob');
      expect(await caught(bob.deleteGroup(id))).toBeInstanceOf(ForbiddenError);
      stage.server.setStatus('alice', 'suspended');
      expect(await caught(alice.deleteGroup(id))).toMatchObject({ code: 'SUSPENDED' });
      expect(await caught(carol.deleteGroup(id))).toBeInstanceOf(ForbiddenError);
      expect(await bob.deleteGroup(id)).toMatchObject({ deleted_at: expect.any(String) });
    }));
});
