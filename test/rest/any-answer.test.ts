import { describe, expect, it } from 'vitest';
import { isAgentChatClientError } from '../../src/errors/index.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { mulberry32 } from '../support/mulberry32.js';
import { all } from './kit.js';

type Client = AgentChatClient;
/** What a method resolves to, as far as programs stumble over it. */
type Kind = 'void' | 'object' | 'array' | 'string' | 'object or null';

const image = new Uint8Array([1, 2, 3]);
const file = { file: image, filename: 'a.txt', contentType: 'text/plain' } as const;
const take = { max: 3, pageSize: 2 };
const keyless = (fetch: typeof globalThis.fetch) =>
  ({ fetch, baseUrl: 'http://127.0.0.1:9', retry: { maxRetries: 0 } }) as const;

/** Every method, with arguments that are right. */
const METHODS: readonly [
  string,
  Kind,
  (client: Client, fetch: typeof globalThis.fetch) => Promise<unknown>,
][] = [
  [
    'register',
    'object',
    (_, f) => AgentChatClient.register({ email: 'a@example.com', handle: 'my-agent', ...keyless(f) }),
  ],
  ['verify', 'object', (_, f) => AgentChatClient.verify('p', '123456', keyless(f))],
  ['recover', 'object', (_, f) => AgentChatClient.recover('a@example.com', keyless(f))],
  ['recoverVerify', 'object', (_, f) => AgentChatClient.recoverVerify('p', '123456', keyless(f))],
  ['getMe', 'object', (c) => c.getMe()],
  ['getAgent', 'object', (c) => c.getAgent('bob')],
  ['updateAgent', 'object', (c) => c.updateAgent('alice', { description: 'x' })],
  ['deleteAgent', 'void', (c) => c.deleteAgent('alice')],
  ['rotateKey', 'object', (c) => c.rotateKey('alice')],
  ['rotateKeyVerify', 'object', (c) => c.rotateKeyVerify('alice', 'p', '123456')],
  ['setAvatar', 'object', (c) => c.setAvatar('alice', image)],
  ['removeAvatar', 'object', (c) => c.removeAvatar('alice')],
  ['sendMessage', 'object', (c) => c.sendMessage({ to: 'bob', content: 'x' })],
  ['sendMessage (shared)', 'object', (c) => c.sendMessage({ to: 'bob', content: 'x', client_msg_id: 'one' })],
  ['getMessages', 'array', (c) => c.getMessages('conv_1')],
  ['history', 'array', (c) => all(c.history('conv_1', take))],
  ['history, oldest first', 'array', (c) => all(c.history('conv_1', { ...take, direction: 'oldest_first' }))],
  ['markAsRead', 'object', (c) => c.markAsRead('msg_1')],
  ['deleteMessage', 'object', (c) => c.deleteMessage('msg_1')],
  ['sync', 'array', (c) => c.sync()],
  ['syncAck', 'object', (c) => c.syncAck('del_1')],
  ['listConversations', 'array', (c) => c.listConversations()],
  ['conversations', 'array', (c) => all(c.conversations(take))],
  ['getConversationParticipants', 'array', (c) => c.getConversationParticipants('conv_1')],
  ['getConversationContext', 'object', (c) => c.getConversationContext('conv_1')],
  ['getDirectConversationContext', 'object', (c) => c.getDirectConversationContext('bob')],
  ['hideConversation', 'object', (c) => c.hideConversation('conv_1')],
  ['createGroup', 'object', (c) => c.createGroup({ name: 'g' })],
  ['getGroup', 'object', (c) => c.getGroup('grp_1')],
  ['updateGroup', 'object', (c) => c.updateGroup('grp_1', { name: 'h' })],
  ['deleteGroup', 'object', (c) => c.deleteGroup('grp_1')],
  ['setGroupAvatar', 'object', (c) => c.setGroupAvatar('grp_1', image)],
  ['removeGroupAvatar', 'object', (c) => c.removeGroupAvatar('grp_1')],
  ['addGroupMember', 'object', (c) => c.addGroupMember('grp_1', 'bob')],
  ['removeGroupMember', 'object', (c) => c.removeGroupMember('grp_1', 'bob')],
  ['promoteGroupMember', 'object', (c) => c.promoteGroupMember('grp_1', 'bob')],
  ['demoteGroupMember', 'object', (c) => c.demoteGroupMember('grp_1', 'bob')],
  ['leaveGroup', 'object', (c) => c.leaveGroup('grp_1')],
  ['listGroupInvites', 'array', (c) => c.listGroupInvites()],
  ['acceptGroupInvite', 'object', (c) => c.acceptGroupInvite('inv_1')],
  ['rejectGroupInvite', 'object', (c) => c.rejectGroupInvite('inv_1')],
  ['addContact', 'object', (c) => c.addContact('bob')],
  ['listContacts', 'object', (c) => c.listContacts()],
  ['contacts', 'array', (c) => all(c.contacts(take))],
  ['checkContact', 'object', (c) => c.checkContact('bob')],
  ['updateContactNotes', 'void', (c) => c.updateContactNotes('bob', 'x')],
  ['removeContact', 'void', (c) => c.removeContact('bob')],
  ['blockAgent', 'void', (c) => c.blockAgent('bob')],
  ['unblockAgent', 'void', (c) => c.unblockAgent('bob')],
  ['reportAgent', 'void', (c) => c.reportAgent('bob', 'x')],
  ['muteAgent', 'object', (c) => c.muteAgent('bob')],
  ['muteConversation', 'object', (c) => c.muteConversation('conv_1')],
  ['unmuteAgent', 'void', (c) => c.unmuteAgent('bob')],
  ['unmuteConversation', 'void', (c) => c.unmuteConversation('conv_1')],
  ['listMutes', 'object', (c) => c.listMutes()],
  ['getAgentMuteStatus', 'object or null', (c) => c.getAgentMuteStatus('bob')],
  ['getConversationMuteStatus', 'object or null', (c) => c.getConversationMuteStatus('conv_1')],
  ['getPresence', 'object', (c) => c.getPresence('bob')],
  ['updatePresence', 'object', (c) => c.updatePresence({ status: 'online' })],
  ['getPresenceBatch', 'object', (c) => c.getPresenceBatch(['bob'])],
  ['searchAgents', 'object', (c) => c.searchAgents('bo')],
  ['searchAgentsAll', 'array', (c) => all(c.searchAgentsAll('bo', take))],
  ['uploadAttachment', 'string', (c) => c.uploadAttachment({ to: 'bob', ...file })],
  ['downloadAttachment', 'object', (c) => c.downloadAttachment('att_1')],
  ['getAttachmentDownloadUrl', 'string', (c) => c.getAttachmentDownloadUrl('att_1')],
  [
    'createUpload',
    'object',
    (c) =>
      c.createUpload({
        to: 'bob',
        filename: 'a',
        content_type: 'text/plain',
        size: 1,
        sha256: 'a'.repeat(64),
      }),
  ],
  [
    'createWebhook',
    'object',
    (c) => c.createWebhook({ url: 'https://example.com/x', events: ['message.new'] }),
  ],
  ['listWebhooks', 'object', (c) => c.listWebhooks()],
  ['getWebhook', 'object', (c) => c.getWebhook('wh_1')],
  ['deleteWebhook', 'void', (c) => c.deleteWebhook('wh_1')],
  ['setWakeWebhook', 'object', (c) => c.setWakeWebhook({ url: 'https://example.com/x', secret: 'whsec_1' })],
  ['removeWakeWebhook', 'void', (c) => c.removeWakeWebhook()],
  ['setReplyActive', 'void', (c) => c.setReplyActive({})],
  ['getReplyActive', 'object', (c) => c.getReplyActive()],
  ['clearReplyActive', 'void', (c) => c.clearReplyActive()],
  ['claimReply', 'object', (c) => c.claimReply({ message_id: 'msg_1', holder: 'h' })],
  ['claimReplyBatch', 'object', (c) => c.claimReplyBatch({ message_ids: ['msg_1', 'msg_2'], holder: 'h' })],
];

const WORDS =
  'id handle state seq status message messages contacts total limit offset mutes webhooks agents agent group add_results presences results items active claimed claimed_count deferred acked attachment_id upload_url api_key pending_id ok outcome promoted_handle deleted_at is_contact conversation_id created_at code details error data constructor toString hasOwnProperty length then __proto__'.split(
    ' ',
  );

/** JSON that looks more or less as an answer might. */
function randomJson(random: () => number, depth = 0): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  if (depth > 3 || random() < 0.4) {
    return pick([
      'null',
      'true',
      'false',
      '0',
      '-1',
      '1e999',
      '3.5',
      '9007199254740993',
      '""',
      '"x"',
      '"grp_1"',
      '"http://127.0.0.1:9/x"',
      '"/x"',
      '"\\ud800"',
      '[]',
      '{}',
    ]);
  }
  const count = Math.floor(random() * 4);
  if (random() < 0.4)
    return `[${Array.from({ length: count }, () => randomJson(random, depth + 1)).join(',')}]`;
  return `{${Array.from({ length: count + 1 }, () => `"${pick(WORDS)}":${randomJson(random, depth + 1)}`).join(',')}}`;
}

const FIXED: readonly (readonly [number, string, Record<string, string>?])[] = [
  [200, ''],
  [200, 'null'],
  [200, '[]'],
  [200, '[null]'],
  [200, '[1,"x",[],{}]'],
  [200, '{}'],
  [200, '0'],
  [200, '"x"'],
  [200, 'true'],
  [200, '<html>hello</html>', { 'content-type': 'text/html' }],
  [200, '{"a":'],
  [204, ''],
  [202, '{}'],
  [302, '', { location: 'http://127.0.0.1:9/x?sig=1' }],
  [302, ''],
  [302, '', { location: 'javascript:alert(1)' }],
  [400, '<html>'],
  [404, '<html>'],
  [404, 'null'],
  [404, '{"code":5,"message":[],"details":"x"}'],
  [409, '[]'],
  [410, '{"code":"GROUP_DELETED","details":{"deleted_at":5}}'],
  [403, '{"code":"__proto__","message":null}'],
  [429, '{"code":"RATE_LIMITED","details":{"retry_after_ms":"x"}}'],
  [500, '{"error":{"code":{}}}'],
  [599, ''],
  [404, '{"code":"NOT_FOUND","message":"x"}'],
];

function fits(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'void':
      return value === undefined;
    case 'string':
      return typeof value === 'string' && value !== '';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'object or null':
      return typeof value === 'object' && !Array.isArray(value);
  }
}

async function judge(kind: Kind, call: Promise<unknown>, said: string): Promise<void> {
  try {
    const value = await call;
    expect(fits(kind, value), `${said} gave ${JSON.stringify(value)}`).toBe(true);
  } catch (error) {
    if (!isAgentChatClientError(error)) throw new Error(`${said} threw ${String(error)}`, { cause: error });
    // Otherwise the arguments of this test were wrong.
    if (error.outcome === 'not_sent') throw error;
  }
}

describe('whatever the service answers', () => {
  it('is told of every method', () => {
    const tested = new Set(METHODS.map(([name]) => name.split(/[ ,]/)[0]));
    const names: string[] = Object.getOwnPropertyNames(AgentChatClient);
    for (
      let at: object = AgentChatClient.prototype;
      at !== Object.prototype;
      at = Object.getPrototypeOf(at)
    ) {
      names.push(...Object.getOwnPropertyNames(at));
    }
    const others = [
      'length',
      'name',
      'prototype',
      'constructor',
      'toJSON',
      'tellSent',
      'optionsWith',
      'shareListenersOf',
      'agentchat-client.account',
      'with',
      'onSent',
      'baseUrl',
      'transport',
      'timeoutMs',
    ];
    expect([...new Set(names)].filter((name) => !tested.has(name) && !others.includes(name))).toEqual([]);
  });

  it.each(METHODS)(
    '%s settles with what it promises, or with one of our errors',
    async (name, kind, call) => {
      const random = mulberry32(name.length * 7919 + 5);
      const statuses = [200, 200, 200, 200, 201, 400, 403, 404, 409, 410, 429, 500];
      const answers = [
        ...FIXED,
        ...Array.from(
          { length: 120 },
          (_, n) => [statuses[n % statuses.length] ?? 200, randomJson(random)] as const,
        ),
      ];
      for (const [status, body, headers = { 'content-type': 'application/json' }] of answers) {
        const fetch = async () => new Response(status === 204 ? null : body, { status, headers });
        const client = new AgentChatClient({
          apiKey: 'ac_live_x',
          baseUrl: 'http://127.0.0.1:9',
          fetch,
          retry: { maxRetries: 0 },
        });
        await judge(kind, call(client, fetch as typeof globalThis.fetch), `${status} ${body}`);
      }
    },
  );
});
