import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeQuery,
  type Endpoint,
  type EndpointKey,
  encodeQuery,
  endpoints,
  matchEndpoint,
  methodsOf,
  normalizeHandle,
  pathOf,
} from '../../src/wire/index.js';

const entries = Object.entries(endpoints) as [EndpointKey, Endpoint][];
const keys = entries.map(([key]) => key);

/** Every endpoint of the service: key, method, path, `-` where no key is needed, statuses, and when to repeat. */
const INDEX = `
  register                     POST    /v1/register                                           -  200          never
  verify                       POST    /v1/register/verify                                    -  201          never
  recover                      POST    /v1/agents/recover                                     -  200          never
  recoverVerify                POST    /v1/agents/recover/verify                              -  200          never
  rotateKey                    POST    /v1/agents/{handle}/rotate-key                         K  200          key
  rotateKeyVerify              POST    /v1/agents/{handle}/rotate-key/verify                  K  200          key
  getMe                        GET     /v1/agents/me                                          K  200          always
  getAgent                     GET     /v1/agents/{handle}                                    -  200          always
  updateAgent                  PATCH   /v1/agents/{handle}                                    K  200          key
  deleteAgent                  DELETE  /v1/agents/{handle}                                    K  200,204      always
  setAvatar                    PUT     /v1/agents/{handle}/avatar                             K  200          always
  removeAvatar                 DELETE  /v1/agents/{handle}/avatar                             K  200          always
  sendMessage                  POST    /v1/messages                                           K  201,200      always
  getMessages                  GET     /v1/messages/{conversation_id}                         K  200          always
  markAsRead                   POST    /v1/messages/{message_id}/read                         K  200          always
  deleteMessage                DELETE  /v1/messages/{message_id}                              K  200          always
  sync                         GET     /v1/messages/sync                                      K  200          always
  syncAck                      POST    /v1/messages/sync/ack                                  K  200          always
  listConversations            GET     /v1/conversations                                      K  200          always
  getConversationParticipants  GET     /v1/conversations/{conversation_id}/participants       K  200          always
  getConversationContext       GET     /v1/conversations/{conversation_id}/context            K  200          always
  getDirectConversationContext GET     /v1/conversations/direct/{handle}/context              K  200          always
  hideConversation             DELETE  /v1/conversations/{conversation_id}                    K  200          always
  createGroup                  POST    /v1/groups                                             K  201          key
  getGroup                     GET     /v1/groups/{group_id}                                  K  200          always
  updateGroup                  PATCH   /v1/groups/{group_id}                                  K  200          key
  deleteGroup                  DELETE  /v1/groups/{group_id}                                  K  200          always
  setGroupAvatar               PUT     /v1/groups/{group_id}/avatar                           K  200          always
  removeGroupAvatar            DELETE  /v1/groups/{group_id}/avatar                           K  200          always
  addGroupMember               POST    /v1/groups/{group_id}/members                          K  201,200      key
  removeGroupMember            DELETE  /v1/groups/{group_id}/members/{handle}                 K  200          always
  promoteGroupMember           POST    /v1/groups/{group_id}/members/{handle}/promote         K  200          key
  demoteGroupMember            POST    /v1/groups/{group_id}/members/{handle}/demote          K  200          key
  leaveGroup                   POST    /v1/groups/{group_id}/leave                            K  200          key
  listGroupInvites             GET     /v1/groups/invites                                     K  200          always
  acceptGroupInvite            POST    /v1/groups/invites/{invite_id}/accept                  K  200          key
  rejectGroupInvite            DELETE  /v1/groups/invites/{invite_id}                         K  200          always
  addContact                   POST    /v1/contacts                                           K  201          key
  listContacts                 GET     /v1/contacts                                           K  200          always
  checkContact                 GET     /v1/contacts/{handle}                                  K  200          always
  updateContactNotes           PATCH   /v1/contacts/{handle}                                  K  200          key
  removeContact                DELETE  /v1/contacts/{handle}                                  K  200,204      always
  blockAgent                   POST    /v1/contacts/{handle}/block                            K  200,201,204  key
  unblockAgent                 DELETE  /v1/contacts/{handle}/block                            K  200,204      always
  reportAgent                  POST    /v1/contacts/{handle}/report                           K  200          key
  createMute                   POST    /v1/mutes                                              K  201,200      key
  listMutes                    GET     /v1/mutes                                              K  200          always
  getAgentMuteStatus           GET     /v1/mutes/agent/{handle}                               K  200          always
  unmuteAgent                  DELETE  /v1/mutes/agent/{handle}                               K  200,204      always
  getConversationMuteStatus    GET     /v1/mutes/conversation/{conversation_id}               K  200          always
  unmuteConversation           DELETE  /v1/mutes/conversation/{conversation_id}               K  200,204      always
  getPresence                  GET     /v1/presence/{handle}                                  K  200          always
  updatePresence               PUT     /v1/presence                                           K  200          always
  getPresenceBatch             POST    /v1/presence/batch                                     K  200          always
  searchAgents                 GET     /v1/directory                                          K  200          always
  createUpload                 POST    /v1/uploads                                            K  201,200      key
  getAttachmentDownloadUrl     GET     /v1/attachments/{attachment_id}                        K  302          always
  createWebhook                POST    /v1/webhooks                                           K  201,200      key
  listWebhooks                 GET     /v1/webhooks                                           K  200          always
  getWebhook                   GET     /v1/webhooks/{webhook_id}                              K  200          always
  deleteWebhook                DELETE  /v1/webhooks/{webhook_id}                              K  200,204      always
  setWakeWebhook               PUT     /v1/agents/me/wake-webhook                             K  200          always
  removeWakeWebhook            DELETE  /v1/agents/me/wake-webhook                             K  204,200      always
  setReplyActive               PUT     /v1/reply/active                                       K  200          always
  getReplyActive               GET     /v1/reply/active                                       K  200          always
  clearReplyActive             DELETE  /v1/reply/active                                       K  200          always
  claimReply                   POST    /v1/reply/claim                                        K  200          always
  claimReplyBatch              POST    /v1/reply/claim-batch                                  K  200          always
`
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/).join(' '));

describe('the endpoint table', () => {
  it('is complete: exactly the endpoints of the service, 59 paths and what shares them', () => {
    const lines = entries.map(([key, { method, path, auth, success, repeatable }]) =>
      [
        key,
        method,
        path,
        auth === 'key' ? 'K' : '-',
        success.join(','),
        repeatable === 'with-idempotency-key' ? 'key' : repeatable,
      ].join(' '),
    );
    expect(lines.toSorted()).toEqual(INDEX.toSorted());
    expect(lines).toHaveLength(68);
  });

  it('has no two endpoints with one method and one path, whatever the parameters are called', () => {
    const shapes = entries.map(([, { method, path }]) => `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it.each(entries)('%s has a well-formed path', (_, { path }) => {
    expect(path).toMatch(/^\/v1(\/([a-z-]+|\{[a-z]+(_[a-z]+)*\}))+$/);
    const names = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(entries)(
    '%s carries a body only where its method may, and repeats only what may be',
    (_, endpoint) => {
      if (endpoint.method === 'GET') expect(endpoint.body.kind).toBe('none');
      if (endpoint.query !== null) expect(endpoint.method).toBe('GET');
      if (['GET', 'PUT', 'DELETE'].includes(endpoint.method)) expect(endpoint.repeatable).toBe('always');
      if (endpoint.method === 'PATCH') expect(endpoint.repeatable).toBe('with-idempotency-key');
      if (endpoint.auth === 'none' && endpoint.method === 'POST') expect(endpoint.repeatable).toBe('never');
    },
  );
});

/** A value for each parameter of a path. */
function paramsFor(path: string, value: string): Record<string, string> {
  return Object.fromEntries([...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => [name, value]));
}

describe('pathOf', () => {
  it('fills in and percent-encodes', () => {
    expect(pathOf(endpoints.getMe)).toBe('/v1/agents/me');
    expect(pathOf(endpoints.getMessages, { conversation_id: 'a/b?c#d e' })).toBe(
      '/v1/messages/a%2Fb%3Fc%23d%20e',
    );
    expect(pathOf(endpoints.removeGroupMember, { group_id: 'grp_1', handle: 'bob' })).toBe(
      '/v1/groups/grp_1/members/bob',
    );
  });

  it('brings handles into the spelling of the service', () => {
    expect(pathOf(endpoints.getAgent, { handle: '@Alice' })).toBe('/v1/agents/alice');
  });

  it.each(['', '.', '..', '@', '\ud800'])('refuses %j, which would lead somewhere else', (handle) => {
    expect(() => pathOf(endpoints.getAgent, { handle })).toThrow(/"handle" must/);
  });

  it('refuses a missing value, and one that is only inherited', () => {
    const endpoint: Endpoint = endpoints.getAgent;
    expect(() => pathOf(endpoint, {})).toThrow(TypeError);
    expect(() => pathOf({ path: '/v1/x/{constructor}' } as Endpoint, {})).toThrow(TypeError);
  });
});

describe('matchEndpoint', () => {
  it.each(entries)('finds %s by what pathOf builds', (key, endpoint) => {
    const params = paramsFor(endpoint.path, 'some-value');
    const match = matchEndpoint(endpoint.method, pathOf(endpoint, params));
    expect(match?.endpoint).toBe(endpoint);
    expect(match).toMatchObject({ key, params });
  });

  it('gives back what pathOf was given, whatever it was', () => {
    const literals = ['me', 'sync', 'invites', 'recover', 'direct', 'batch', '.', '..'];
    const segment = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => text === normalizeHandle(text) && !literals.includes(text));
    fc.assert(
      fc.property(fc.constantFrom(...keys), segment, (key, value) => {
        const endpoint: Endpoint = endpoints[key];
        const params = paramsFor(endpoint.path, value);
        const match = matchEndpoint(endpoint.method, pathOf(endpoint, params));
        expect(match?.key).toBe(key);
        expect(match?.params).toEqual(params);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['GET', '/v1/agents/me', 'getMe'],
    ['GET', '/v1/agents/mel', 'getAgent'],
    ['POST', '/v1/agents/recover', 'recover'],
    ['GET', '/v1/messages/sync', 'sync'],
    ['POST', '/v1/messages/sync/ack', 'syncAck'],
    ['POST', '/v1/messages/sync/read', 'markAsRead'],
    ['GET', '/v1/groups/invites', 'listGroupInvites'],
    ['DELETE', '/v1/groups/invites/gri_1', 'rejectGroupInvite'],
    ['GET', '/v1/conversations/direct/alice/context', 'getDirectConversationContext'],
    ['GET', '/v1/conversations/direct/context', 'getConversationContext'],
    ['POST', '/v1/presence/batch', 'getPresenceBatch'],
  ])('tries literal segments before parameters: %s %s is %s', (method, path, key) => {
    expect(matchEndpoint(method, path)?.key).toBe(key);
  });

  it('lets the path decide before the method: DELETE /v1/agents/me deletes nobody', () => {
    expect(matchEndpoint('DELETE', '/v1/agents/me')).toBeNull();
    expect(methodsOf('/v1/agents/me')).toEqual(['GET']);
    expect(matchEndpoint('DELETE', '/v1/messages/sync')).toBeNull();
  });

  it('decodes values, and brings handles into the spelling of the service', () => {
    expect(matchEndpoint('GET', '/v1/agents/%40Alice')?.params).toEqual({ handle: 'alice' });
    expect(matchEndpoint('GET', '/v1/messages/a%2Fb')?.params).toEqual({ conversation_id: 'a/b' });
  });

  it.each([
    '/v1/agents/%',
    '/v1/agents/%zz',
    '/v1/agents/%ff',
    '/v1/agents/',
    '/v1/agents',
    '/v1/agents/alice/',
    '/v2/agents/alice',
    '//v1/agents/alice',
    '/v1/nothing',
    '/v1/ws',
    '',
    '/',
  ])('knows nothing of %j', (path) => {
    expect(matchEndpoint('GET', path)).toBeNull();
    expect(methodsOf(path)).toEqual([]);
  });

  it('is total on any method and path', () => {
    const path = fc.oneof(
      fc.webPath(),
      fc.string(),
      fc
        .array(fc.constantFrom('v1', 'agents', 'me', '%', '%2', '..', '', '__proto__', '%00', 'sync'))
        .map((parts) => `/${parts.join('/')}`),
    );
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom('GET', 'POST', 'DELETE'), fc.string()),
        path,
        (method, pathname) => {
          const match = matchEndpoint(method, pathname);
          expect(match !== null).toBe((methodsOf(pathname) as readonly string[]).includes(method));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('methodsOf', () => {
  it('says what a path knows, for a 405', () => {
    expect(methodsOf('/v1/agents/alice').toSorted()).toEqual(['DELETE', 'GET', 'PATCH']);
    expect(methodsOf('/v1/messages/msg_1').toSorted()).toEqual(['DELETE', 'GET']);
    expect(methodsOf('/v1/reply/active').toSorted()).toEqual(['DELETE', 'GET', 'PUT']);
  });
});

describe('queries', () => {
  it('leave out what is not asked', () => {
    expect(encodeQuery({})).toBe('');
    expect(encodeQuery({ limit: undefined, offset: null })).toBe('');
    expect(encodeQuery({ limit: 50, q: 'a b&c', offset: 0 })).toBe('?limit=50&q=a+b%26c&offset=0');
  });

  it('read numbers where numbers belong and leave the rest text', () => {
    const read = decodeQuery(new URLSearchParams('limit=50&before_seq=7&q=123&after=42&offset=-1'));
    expect(read).toEqual({ limit: 50, before_seq: 7, q: '123', after: '42', offset: -1 });
    expect(decodeQuery(new URLSearchParams('limit=1.5&offset=&after_seq=0x10'))).toEqual({
      limit: '1.5',
      offset: '',
      after_seq: '0x10',
    });
  });

  it('do not let "__proto__" change anything', () => {
    expect(Object.keys(decodeQuery(new URLSearchParams('__proto__=1')))).toEqual(['__proto__']);
  });
});
