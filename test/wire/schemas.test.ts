import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as wire from '../../src/wire/index.js';
import { junk } from './junk.js';

const { findProblems } = wire;

/** The complaints about a value, as one would read them out. */
function complaints(schema: wire.Schema, value: unknown): string[] {
  return findProblems(schema, value).map(({ field, problem }) => `${field} ${problem}`.trim());
}

const message = {
  id: 'msg_1',
  conversation_id: 'conv_1',
  sender: 'alice',
  client_msg_id: 'c-1',
  seq: 42,
  type: 'text',
  content: { text: 'hi' },
  metadata: {},
  created_at: '2026-07-12T18:04:11.482Z',
};

const { seq: _seq, ...unnumbered } = message;

const group = {
  id: 'grp_1',
  name: 'Team',
  description: null,
  avatar_url: null,
  created_by: 'alice',
  settings: { who_can_invite: 'admin' },
  member_count: 1,
  created_at: '2026-07-24T14:05:04.713737+00:00',
  last_message_at: null,
};

describe('messageSchema', () => {
  it.each([
    ['a fresh push: no status, dates or context', message],
    ['a sync row', { ...message, delivery_id: 'del_1', status: 'stored', delivered_at: null, read_at: null }],
    ['values of enumerations that are new', { ...message, type: 'hologram', status: 'beamed' }],
    ['the redundant type inside content', { ...message, content: { type: 'text', text: 'hi' } }],
    ['a system message without a seq', { ...unnumbered, type: 'system' }],
    ['skipped recipients of any form', { ...message, skipped_recipients: ['bob', { handle: 'carol' }] }],
    [
      'a context',
      {
        ...message,
        context: {
          sender: { handle: 'alice', display_name: null, kind: 'agent' },
          conversation: { type: 'direct', group_name: null, member_count: null },
          mentions: [],
        },
      },
    ],
  ])('accepts %s', (_, value) => {
    expect(complaints(wire.messageSchema, value)).toEqual([]);
  });

  it.each([
    ['seq', -1, 'seq must be 0 or more'],
    ['seq', 1.5, 'seq must be a whole number'],
    ['seq', '42', 'seq must be a number'],
    ['seq', 2 ** 53, 'seq must be 9007199254740991 or less'],
    ['sender', undefined, 'sender must be a string'],
    ['id', '', 'id must not be empty'],
    ['content', 'hi', 'content must be an object'],
    ['content', { text: 7 }, 'content.text must be a string'],
    ['metadata', [], 'metadata must be an object'],
    ['created_at', 1_700_000_000, 'created_at must be a string'],
    ['context', { sender: {} }, 'context.sender.handle is missing'],
  ])('names %s: %j', (field, value, complaint) => {
    expect(complaints(wire.messageSchema, { ...message, [field]: value })).toContain(complaint);
  });

  it('misses the seq of every other message', () => {
    expect(complaints(wire.messageSchema, unnumbered)).toEqual([
      'seq must be there: only system messages may lack it',
    ]);
  });
});

describe('sendMessageRequestSchema', () => {
  const request = { to: 'alice', client_msg_id: 'c-1', content: { text: 'hi' } };

  it.each([
    ['a direct message', request],
    ['a handle with @ and capitals', { ...request, to: '@Alice' }],
    [
      'a group message',
      { conversation_id: 'grp_1', client_msg_id: 'c', content: { data: {} }, metadata: { a: 1 } },
    ],
    ['a file', { ...request, type: 'file', content: { attachment_id: 'att_1' } }],
    ['optional fields that are undefined', { ...request, conversation_id: undefined, metadata: undefined }],
    ['the redundant type inside content', { ...request, content: { type: 'text', text: 'hi' } }],
  ])('accepts %s', (_, value) => {
    expect(complaints(wire.sendMessageRequestSchema, value)).toEqual([]);
  });

  it.each([
    [
      'neither address',
      { to: undefined },
      'to must be given, or `conversation_id` of a group instead, but not both',
    ],
    [
      'both',
      { conversation_id: 'grp_1' },
      'to must be given, or `conversation_id` of a group instead, but not both',
    ],
    ['an empty handle', { to: ' @ ' }, 'to must be a handle'],
    ['no client_msg_id', { client_msg_id: undefined }, 'client_msg_id must be a string'],
    ['an empty client_msg_id', { client_msg_id: '' }, 'client_msg_id must not be empty'],
    [
      'a long client_msg_id',
      { client_msg_id: 'x'.repeat(129) },
      'client_msg_id must have at most 128 characters',
    ],
    ['no content', { content: undefined }, 'content must be an object'],
    ['content that is text', { content: 'hi' }, 'content must be an object'],
    [
      'empty content',
      { content: {} },
      'content must have a `text` that is not empty, `data`, or an `attachment_id`',
    ],
    [
      'empty text',
      { content: { text: '' } },
      'content must have a `text` that is not empty, `data`, or an `attachment_id`',
    ],
    ['a system message', { type: 'system' }, 'type must not be `system`: only the platform sends those'],
    ['metadata that is null', { metadata: null }, 'metadata must be an object'],
  ])('names the field of %s', (_, change, complaint) => {
    expect(complaints(wire.sendMessageRequestSchema, { ...request, ...change })).toEqual([complaint]);
  });

  it('sends direct messages to a handle, not to the id of their conversation', () => {
    const value = { conversation_id: 'conv_1', client_msg_id: 'c', content: { text: 'hi' } };
    expect(complaints(wire.sendMessageRequestSchema, value)).toEqual([
      'conversation_id must be a group: address direct messages by `to`, with a handle',
    ]);
  });
});

describe('requests', () => {
  it.each<[string, wire.Schema, unknown, string]>([
    [
      'two history cursors',
      wire.historyQuerySchema,
      { before_seq: 1, after_seq: 2 },
      'after_seq must be the only cursor: one of before_seq, after_seq and around_message_id',
    ],
    ['a history page of 201', wire.historyQuerySchema, { limit: 201 }, 'limit must be 200 or less'],
    ['a history page of 0', wire.historyQuerySchema, { limit: 0 }, 'limit must be 1 or more'],
    ['a page size that is text', wire.historyQuerySchema, { limit: '50' }, 'limit must be a number'],
    ['a sync page of 501', wire.syncQuerySchema, { limit: 501 }, 'limit must be 500 or less'],
    [
      'an empty cursor',
      wire.syncAckRequestSchema,
      { last_delivery_id: '' },
      'last_delivery_id must not be empty',
    ],
    [
      'a numeric cursor',
      wire.syncAckRequestSchema,
      { last_delivery_id: 7 },
      'last_delivery_id must be a string',
    ],
    [
      'a cursor under another name',
      wire.syncAckRequestSchema,
      { cursor: 'del_1' },
      'last_delivery_id is missing',
    ],
    [
      'a bad handle',
      wire.registerRequestSchema,
      { email: 'a@b.c', handle: 'A_b' },
      'handle must be 3 to 30 lower-case letters, digits and single hyphens, starting with a letter',
    ],
    [
      'a bad address',
      wire.registerRequestSchema,
      { email: 'nobody', handle: 'alice' },
      'email must be an e-mail address',
    ],
    [
      'null for an optional field',
      wire.registerRequestSchema,
      { email: 'a@b.c', handle: 'alice', display_name: null },
      'display_name must be a string',
    ],
    [
      'five digits',
      wire.verifyRequestSchema,
      { pending_id: 'pnd_1', code: '12345' },
      'code must be six digits',
    ],
    [
      'a numeric code',
      wire.verifyRequestSchema,
      { pending_id: 'pnd_1', code: 123_456 },
      'code must be a string',
    ],
    ['a nameless group', wire.createGroupRequestSchema, { name: '' }, 'name must not be empty'],
    [
      'too many members',
      wire.createGroupRequestSchema,
      { name: 'x', member_handles: Array(256).fill('bob') },
      'member_handles must have at most 255 entries',
    ],
    [
      'a member without a name',
      wire.createGroupRequestSchema,
      { name: 'x', member_handles: ['bob', ''] },
      'member_handles[1] must be a handle',
    ],
    [
      'long notes',
      wire.updateContactRequestSchema,
      { notes: 'x'.repeat(1_001) },
      'notes must have at most 1000 characters',
    ],
    [
      'a mute of something else',
      wire.createMuteRequestSchema,
      { target_kind: 'planet', target_id: 'x' },
      'target_kind has none of the known forms',
    ],
    [
      'a mute until one day',
      wire.createMuteRequestSchema,
      { target_kind: 'agent', target_handle: 'bob', muted_until: 'one day' },
      'muted_until must be a time in ISO 8601',
    ],
    [
      'a long presence',
      wire.presenceUpdateSchema,
      { status: 'busy', custom_message: 'x'.repeat(201) },
      'custom_message must have at most 200 characters',
    ],
    [
      'a batch of 101',
      wire.presenceBatchRequestSchema,
      { handles: Array(101).fill('bob') },
      'handles must have at most 100 entries',
    ],
    ['a search for one letter', wire.directoryQuerySchema, { q: 'a' }, 'q must have at least 2 characters'],
    [
      'a search far down',
      wire.directoryQuerySchema,
      { q: 'ab', offset: 10_001 },
      'offset must be 10000 or less',
    ],
    [
      'no events',
      wire.createWebhookRequestSchema,
      { url: 'https://a.example', events: [] },
      'events must name at least one event',
    ],
    [
      'a webhook to a file',
      wire.createWebhookRequestSchema,
      { url: 'file:///x', events: ['message.new'] },
      'url must be an http(s) address',
    ],
  ])('refuse %s', (_, schema, value, complaint) => {
    expect(complaints(schema, value)).toEqual([complaint]);
  });

  it('refuse an upload that the service would refuse, naming each field', () => {
    const value = { filename: '', content_type: 'text/html', size: 26_214_401, sha256: 'ABC' };
    expect(complaints(wire.createUploadRequestSchema, value)).toEqual([
      'filename must not be empty',
      `content_type must be one of ${wire.ALLOWED_ATTACHMENT_MIME.join(', ')}`,
      'size must be 26214400 bytes or less',
      'sha256 must be 64 lower-case hex digits',
    ]);
  });

  it('pass a removed setting through: the service strips it', () => {
    expect(complaints(wire.updateAgentRequestSchema, { settings: { discoverable: true } })).toEqual([]);
  });
});

describe('answers', () => {
  it.each<[string, wire.Schema, unknown]>([
    [
      'the agent of a newer server: no id, the address masked',
      wire.agentSchema,
      {
        handle: 'alice',
        email_masked: 'a****@example.com',
        display_name: null,
        description: null,
        avatar_url: null,
        status: 'active',
        paused_by_owner: 'none',
        settings: { inbox_mode: 'open', group_invite_policy: 'open' },
        created_at: '2026-07-12T18:04:11.482Z',
        updated_at: '2026-07-12T18:04:11.482Z',
      },
    ],
    ['a registration without a sentence', wire.registerResponseSchema, { pending_id: 'pnd_1' }],
    ['a recovery that found nobody on an older server', wire.recoverResponseSchema, { message: 'If …' }],
    ['a new key without a handle', wire.newKeyResponseSchema, { api_key: 'ac_live_x' }],
    [
      'a conversation of an older server, without unread fields',
      wire.conversationListItemSchema,
      {
        id: 'conv_1',
        type: 'direct',
        participants: [{ handle: 'bob', display_name: null }],
        group_name: null,
        group_avatar_url: null,
        last_message_at: null,
        updated_at: '2026-07-12T18:04:11.482Z',
      },
    ],
    ['a group', wire.groupSchema, group],
    ['a group with its members', wire.groupDetailSchema, { ...group, members: [], your_role: 'admin' }],
    ['a reserved outcome', wire.addMemberResultSchema, { handle: 'bob', outcome: 'joined' }],
    [
      'a presence under results',
      wire.presenceBatchResponseSchema,
      { results: { bob: { handle: 'bob', status: 'away', custom_message: null, last_seen: null } } },
    ],
    ['a presence that is only ok', wire.presenceUpdateResponseSchema, { ok: true }],
    [
      'the least of a sync row',
      wire.syncEnvelopeSchema,
      { id: 'm', conversation_id: 'c', delivery_id: null },
    ],
    ['hello.ok without capabilities', wire.helloOkFrameSchema, { type: 'hello.ok' }],
    [
      'an invitation as the socket brings it',
      wire.groupInvitationSchema,
      {
        id: 'gri_1',
        group_id: 'grp_1',
        group_name: 'Team',
        group_member_count: 2,
        inviter_handle: 'alice',
        created_at: '2026-07-12T18:04:11.482Z',
      },
    ],
    [
      'an automatic promotion',
      wire.groupSystemEventSchema,
      { schema_version: 1, event: 'admin_promoted', agent_handle: 'bob', actor_handle: null },
    ],
  ])('%s fits', (_, schema, value) => {
    expect(complaints(schema, value)).toEqual([]);
    const unknownFields = { ...(value as object), colour: 'red', next_cursor: null };
    expect(complaints(schema, unknownFields)).toEqual([]);
  });

  it('there is a schema for the payload of every known event', () => {
    expect(Object.keys(wire.eventSchemas).toSorted()).toEqual([...wire.SERVER_EVENTS].toSorted());
  });
});

describe('findProblems', () => {
  it('speaks of the value itself when that is what is wrong', () => {
    expect(findProblems(wire.messageListSchema, null)).toEqual([{ field: '', problem: 'must be an array' }]);
  });

  it('writes a place as one would', () => {
    expect(complaints(wire.groupDetailSchema, { ...group, your_role: 'admin', members: [{}] })).toContain(
      'members[0].handle is missing',
    );
  });

  it('does not quote values: they may be secrets', () => {
    const text = JSON.stringify(
      complaints(wire.verifyResponseSchema, { agent: 'ac_live_secret', api_key: ['ac_live_secret'] }),
    );
    expect(text).not.toContain('secret');
  });

  it.each([new Map([['a', 1]]), new Set(['a']), new Date(0), new Error('a'), new Uint8Array(1), ['a']])(
    'takes nothing for an object that JSON does not write as one, such as %o',
    (data) => {
      const request = { to: 'alice', client_msg_id: 'c-1', content: { data } };
      expect(complaints(wire.sendMessageRequestSchema, request)).toEqual(['content.data must be an object']);
    },
  );

  it('takes an instance of a class for an object', () => {
    class Point {
      x = 1;
    }
    const request = { to: 'alice', client_msg_id: 'c-1', content: { data: new Point() } };
    expect(complaints(wire.sendMessageRequestSchema, request)).toEqual([]);
  });

  it('uses no word of the schema library', () => {
    expect(complaints(wire.typingFrameSchema, { type: 'x', payload: { conversation_id: 'c' } })).toEqual([
      'type must be typing.start or typing.stop',
    ]);
  });

  it('says so when a value throws on being looked at', () => {
    const trap = {
      get id() {
        throw new Error('no');
      },
    };
    expect(complaints(wire.messageSchema, trap)).toEqual(['must be plain data']);
  });

  it('is total on any value and every schema', () => {
    const schemas = Object.entries(wire).flatMap(([name, value]) =>
      name.endsWith('Schema') ? [value as wire.Schema] : [],
    );
    expect(schemas.length).toBeGreaterThan(70);
    fc.assert(
      fc.property(fc.constantFrom(...schemas), junk, (schema, value) => {
        for (const { problem } of findProblems(schema, value)) expect(problem).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });
});
