import type * as official from 'agentchatme';
import type { DifferenceName } from './differences.js';
import type { Answer } from './stub.js';

/** A call that is made on both packages against the same answers. */
export interface Case {
  readonly name: string;
  readonly answers: readonly Answer[];
  readonly call: (client: official.AgentChatClient) => Promise<unknown>;
  /** Why it comes to something else with ours, if it does. */
  readonly differs?: DifferenceName;
}

const AT = '2026-01-01T00:00:00.000Z';
const MESSAGE = {
  id: 'msg_1',
  conversation_id: 'conv_1',
  sender: 'bot',
  client_msg_id: 'c1',
  seq: 1,
  type: 'text',
  content: { text: 'hi' },
  metadata: {},
  status: 'stored',
  created_at: AT,
  delivered_at: null,
  read_at: null,
};
const GROUP = {
  id: 'grp_1',
  name: 'Harvest',
  description: null,
  avatar_url: null,
  created_by: 'bot',
  settings: { who_can_invite: 'admin' },
  member_count: 1,
  created_at: AT,
  last_message_at: null,
  members: [],
  your_role: 'admin',
};
const CONTACT = { handle: 'alice', display_name: null, description: null, notes: null, added_at: AT };
const MUTE = { muter_agent_id: 'a', target_kind: 'agent', target_id: 'b', muted_until: null, created_at: AT };
const HOOK = {
  id: 'wh_1',
  url: 'https://bot.example.com',
  events: ['message.new'],
  active: true,
  created_at: AT,
};
const PRESENCE = { handle: 'alice', status: 'online', custom_message: null, last_seen: null };
const FOUND = { handle: 'alice', display_name: null, description: null, created_at: AT, in_contacts: true };
const ABSENT: Answer = { status: 404, body: { code: 'MUTE_NOT_FOUND', message: 'no' } };
const OK: Answer = { body: { ok: true } };
const DONE: Answer = { status: 204 };
const SAID: Answer = { body: { message: 'done' } };
const with_ = (body: unknown): Answer => ({ body });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What resolves to nothing by its type. What the official client lets through at run time is nobody's business. */
const nothing = (call: Promise<void>): Promise<void> => call.then(() => undefined);

type Call = Case['call'];
const cases = (
  entries: readonly (readonly [string, Answer | readonly Answer[], Call, DifferenceName?])[],
): Case[] =>
  entries.map(([name, answers, call, differs]) => ({
    name,
    answers: Array.isArray(answers) ? (answers as readonly Answer[]) : [answers as Answer],
    call,
    ...(differs === undefined ? {} : { differs }),
  }));

/** Every method, with what the service answers when all is well. */
export const CALLS: readonly Case[] = cases([
  ['getMe', with_({ id: 'a', handle: 'bot', email: 'e', new_field: 1 }), (c) => c.getMe()],
  ['getAgent', with_({ handle: 'alice' }), (c) => c.getAgent('@alice'), 'getAgentKeyless'],
  ['updateAgent', with_({ handle: 'bot' }), (c) => c.updateAgent('bot', { display_name: 'B' })],
  ['deleteAgent', DONE, (c) => nothing(c.deleteAgent('bot'))],
  ['rotateKey', with_({ pending_id: 'p', message: 'm' }), (c) => c.rotateKey('bot')],
  ['rotateKeyVerify', with_({ handle: 'bot', api_key: 'k' }), (c) => c.rotateKeyVerify('bot', 'p', '123456')],
  [
    'setAvatar',
    with_({ avatar_key: 'k', avatar_url: 'https://store.example.com/k' }),
    (c) => c.setAvatar('bot', new Uint8Array([65, 66, 67]), { contentType: 'image/png' }),
  ],
  [
    'setGroupAvatar',
    with_({ avatar_key: 'k', avatar_url: 'https://store.example.com/k' }),
    (c) => c.setGroupAvatar('grp_1', new Uint8Array([65, 66, 67]).buffer),
  ],
  ['removeAvatar', OK, (c) => c.removeAvatar('bot')],
  [
    'sendMessage',
    { status: 201, body: MESSAGE, headers: { 'x-backlog-warning': 'alice=5001' } },
    async (c) => {
      const { message, backlogWarning } = await c.sendMessage({
        to: 'alice',
        content: { text: 'hi' },
        client_msg_id: 'c1',
      });
      return { message, backlogWarning };
    },
  ],
  [
    'sendMessage to a group',
    { status: 201, body: MESSAGE },
    async (c) => {
      const request = { conversation_id: 'grp_1', content: { data: { n: 1 } }, client_msg_id: 'c2' };
      return (await c.sendMessage({ ...request, type: 'structured', metadata: { a: 1 } })).message;
    },
  ],
  [
    'sendMessage that is repeated after a 503',
    [
      { status: 503, body: { code: 'INTERNAL_ERROR', message: 'later' } },
      { status: 201, body: MESSAGE },
    ],
    async (c) => (await c.sendMessage({ to: 'alice', content: { text: 'hi' }, client_msg_id: 'c3' })).message,
  ],
  ['getMessages', with_([MESSAGE]), (c) => c.getMessages('conv_1', { limit: 10, afterSeq: 3 })],
  ['getMessages before', with_([MESSAGE]), (c) => c.getMessages('conv_1', { beforeSeq: 3 })],
  ['getMessages around', with_([]), (c) => c.getMessages('conv_1', { aroundMessageId: 'msg_1' })],
  ['markAsRead', OK, (c) => c.markAsRead('msg_1')],
  ['deleteMessage', SAID, (c) => c.deleteMessage('msg_1')],
  ['listConversations', with_([{ id: 'conv_1' }]), (c) => c.listConversations({ limit: 5, offset: 10 })],
  [
    'getConversationParticipants',
    with_([{ handle: 'alice', display_name: null }]),
    (c) => c.getConversationParticipants('conv_1'),
  ],
  ['getConversationContext', with_({ conversation_id: 'conv_1' }), (c) => c.getConversationContext('conv_1')],
  ['hideConversation', OK, (c) => c.hideConversation('conv_1')],
  [
    'createGroup',
    {
      status: 201,
      body: { group: GROUP, add_results: [{ handle: 'alice', outcome: 'invited', invite_id: 'i' }] },
    },
    (c) => c.createGroup({ name: 'Harvest', member_handles: ['alice'] }, { idempotencyKey: 'harvest-2026' }),
  ],
  ['getGroup', with_(GROUP), (c) => c.getGroup('grp_1')],
  ['updateGroup', with_(GROUP), (c) => c.updateGroup('grp_1', { description: null })],
  ['deleteGroup', with_({ deleted_at: AT }), (c) => c.deleteGroup('grp_1')],
  ['removeGroupAvatar', OK, (c) => c.removeGroupAvatar('grp_1')],
  ['addGroupMember', with_({ handle: 'a', outcome: 'invited' }), (c) => c.addGroupMember('grp_1', 'alice')],
  ['removeGroupMember', SAID, (c) => c.removeGroupMember('grp_1', 'alice')],
  ['promoteGroupMember', SAID, (c) => c.promoteGroupMember('grp_1', 'alice')],
  ['demoteGroupMember', SAID, (c) => c.demoteGroupMember('grp_1', 'alice')],
  ['leaveGroup', with_({ message: 'm', promoted_handle: null }), (c) => c.leaveGroup('grp_1')],
  ['listGroupInvites', with_([{ id: 'inv_1' }]), (c) => c.listGroupInvites()],
  ['acceptGroupInvite', with_(GROUP), (c) => c.acceptGroupInvite('inv_1')],
  ['rejectGroupInvite', SAID, (c) => c.rejectGroupInvite('inv_1')],
  ['addContact', { status: 201, body: CONTACT }, (c) => c.addContact('alice')],
  [
    'listContacts',
    with_({ contacts: [CONTACT], total: 1, limit: 5, offset: 0 }),
    (c) => c.listContacts({ limit: 5, offset: 0 }),
  ],
  [
    'contacts',
    [
      with_({ contacts: [CONTACT], total: 2, limit: 1, offset: 0 }),
      with_({ contacts: [{ ...CONTACT, handle: 'bob' }], total: 2, limit: 1, offset: 1 }),
    ],
    (c) => all(c.contacts({ pageSize: 1 })),
  ],
  ['checkContact', with_({ is_contact: true, added_at: AT, notes: null }), (c) => c.checkContact('alice')],
  ['updateContactNotes', OK, (c) => nothing(c.updateContactNotes('alice', null))],
  ['removeContact', DONE, (c) => nothing(c.removeContact('alice'))],
  ['blockAgent', DONE, (c) => nothing(c.blockAgent('mallory'))],
  ['unblockAgent', DONE, (c) => nothing(c.unblockAgent('mallory'))],
  ['reportAgent', { status: 201 }, (c) => nothing(c.reportAgent('mallory', 'spam'))],
  ['muteAgent', with_(MUTE), (c) => c.muteAgent('mallory', { mutedUntil: AT })],
  ['muteConversation', with_(MUTE), (c) => c.muteConversation('conv_1', { mutedUntil: null })],
  ['unmuteAgent', DONE, (c) => nothing(c.unmuteAgent('mallory'))],
  ['unmuteConversation', DONE, (c) => nothing(c.unmuteConversation('conv_1'))],
  ['listMutes', with_({ mutes: [MUTE] }), (c) => c.listMutes({ kind: 'agent' })],
  ['getAgentMuteStatus', with_(MUTE), (c) => c.getAgentMuteStatus('mallory')],
  ['getAgentMuteStatus of nobody muted', ABSENT, (c) => c.getAgentMuteStatus('alice')],
  ['getConversationMuteStatus', ABSENT, (c) => c.getConversationMuteStatus('conv_1')],
  [
    'addContact as people write it',
    { status: 201, body: CONTACT },
    (c) => c.addContact('@Alice'),
    'handlesBare',
  ],
  ['getPresence', with_(PRESENCE), (c) => c.getPresence('alice')],
  ['updatePresence', with_(PRESENCE), (c) => c.updatePresence({ status: 'busy', custom_message: 'away' })],
  ['getPresenceBatch', with_({ presences: [PRESENCE] }), (c) => c.getPresenceBatch(['alice', 'bob'])],
  [
    'searchAgents',
    with_({ agents: [FOUND], total: 1, limit: 20, offset: 0 }),
    (c) => c.searchAgents('al', { limit: 20, offset: 0 }),
  ],
  [
    'searchAgentsAll',
    with_({ agents: [FOUND], total: 1, limit: 50, offset: 0 }),
    (c) => all(c.searchAgentsAll('al', { pageSize: 50 })),
  ],
  [
    'createWebhook',
    { status: 201, body: HOOK },
    (c) => c.createWebhook({ url: 'https://bot.example.com', events: ['message.new'] }),
  ],
  ['listWebhooks', with_({ webhooks: [HOOK] }), (c) => c.listWebhooks()],
  ['getWebhook', with_(HOOK), (c) => c.getWebhook('wh_1')],
  ['deleteWebhook', DONE, (c) => nothing(c.deleteWebhook('wh_1'))],
  [
    'createUpload',
    {
      status: 201,
      body: { attachment_id: 'att_1', upload_url: 'https://store.example.com/1', expires_in: 60 },
    },
    (c) =>
      c.createUpload({
        to: 'alice',
        filename: 'a.txt',
        content_type: 'text/plain',
        size: 3,
        sha256: '0'.repeat(64),
      }),
  ],
  [
    'getAttachmentDownloadUrl',
    { status: 302, headers: { location: 'https://store.example.com/1' }, body: null },
    (c) => c.getAttachmentDownloadUrl('att_1'),
  ],
  ['sync', with_([{ ...MESSAGE, delivery_id: 'del_1' }]), (c) => c.sync({ limit: 100, after: 'del_0' })],
  ['syncAck', with_({ acked: 3 }), (c) => c.syncAck('del_1')],
]);

const refused = (status: number, code: string, details?: unknown, headers = {}): Answer => ({
  status,
  body: { code, message: `it is ${code}`, ...(details === undefined ? {} : { details }) },
  headers: { 'x-request-id': 'req_1', ...headers },
});
const send: Call = (c) => c.sendMessage({ to: 'alice', content: { text: 'hi' }, client_msg_id: 'c1' });

/** What the service refuses, and how. Neither package repeats any of them here. */
export const REFUSALS: readonly Case[] = cases([
  ['VALIDATION_ERROR', refused(400, 'VALIDATION_ERROR', { field: 'to' }), send],
  ['UNAUTHORIZED', refused(401, 'UNAUTHORIZED'), send],
  ['INVALID_API_KEY', refused(401, 'INVALID_API_KEY'), send],
  ['BLOCKED', refused(403, 'BLOCKED'), send],
  ['SUSPENDED', refused(403, 'SUSPENDED'), send],
  ['AGENT_SUSPENDED', refused(403, 'AGENT_SUSPENDED'), send],
  ['RESTRICTED', refused(403, 'RESTRICTED'), send],
  ['FORBIDDEN', refused(403, 'FORBIDDEN'), send],
  ['AGENT_PAUSED_BY_OWNER', refused(403, 'AGENT_PAUSED_BY_OWNER'), send],
  ['AWAITING_REPLY', refused(403, 'AWAITING_REPLY', { recipient_handle: 'alice', waiting_since: AT }), send],
  ['AGENT_NOT_FOUND', refused(404, 'AGENT_NOT_FOUND'), send],
  ['CONVERSATION_NOT_FOUND', refused(404, 'CONVERSATION_NOT_FOUND'), send],
  [
    'GROUP_DELETED',
    refused(410, 'GROUP_DELETED', { group_id: 'grp_1', deleted_by_handle: 'alice', deleted_at: AT }),
    send,
  ],
  ['RATE_LIMITED', refused(429, 'RATE_LIMITED', undefined, { 'retry-after': '7' }), send],
  ['RATE_LIMITED without a hint', refused(429, 'RATE_LIMITED'), send],
  ['RATE_LIMITED by its details', refused(429, 'RATE_LIMITED', { retry_after_ms: 1_500 }), send],
  [
    'RECIPIENT_BACKLOGGED',
    refused(429, 'RECIPIENT_BACKLOGGED', { recipient_handle: 'alice', undelivered_count: 10_000 }),
    send,
  ],
  ['INTERNAL_ERROR', refused(500, 'INTERNAL_ERROR'), send],
  ['a code of tomorrow with a known status', refused(403, 'MOON_PHASE'), send],
  ['a code of tomorrow with a status of tomorrow', refused(418, 'TEAPOT'), send],
  [
    'an answer that is none of the service',
    { status: 502, body: { error: 'bad gateway' } },
    send,
    'errorTexts',
  ],
  [
    'a request that cannot be right',
    refused(400, 'VALIDATION_ERROR'),
    (c) => c.sendMessage({ to: 'alice', content: {}, client_msg_id: 'c1' }),
    'requestsChecked',
  ],
  ['a call that is aborted', {}, (c) => c.getMe({ signal: AbortSignal.abort(new Error('enough')) })],
]);
