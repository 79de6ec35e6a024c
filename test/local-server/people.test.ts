import { describe, expect, it } from 'vitest';
import { type EndpointKey, endpoints, findProblems, pathOf } from '../../src/wire/index.js';
import { type Answer, agent, type Caller, connect, withServer } from './kit.js';

/** Calls an endpoint of the table, and holds the answer to the table. */
async function call(caller: Caller, key: EndpointKey, params: Record<string, string> = {}, body?: unknown) {
  const { method, path, success, response } = endpoints[key];
  const query = params.query ?? '';
  const answer = await caller.call(method, pathOf({ path: path as string }, params) + query, body);
  expect([key, (success as readonly number[]).includes(answer.status)]).toEqual([key, true]);
  expect([key, response === null ? [] : findProblems(response, answer.body)]).toEqual([key, []]);
  return answer as Answer<Record<string, never>>;
}

describe('the endpoints about others', () => {
  it('answer as their schemas say', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const handle = 'bob';
      await call(alice, 'addContact', {}, { handle: '@Bob' });
      await call(alice, 'listContacts', { query: '?limit=1&offset=0' });
      await call(alice, 'checkContact', { handle });
      await call(alice, 'checkContact', { handle: 'stranger' });
      await call(alice, 'updateContactNotes', { handle }, { notes: 'x' });
      await call(bob, 'updatePresence', {}, { status: 'busy', custom_message: 'tea' });
      await call(alice, 'getPresence', { handle });
      await call(alice, 'getPresenceBatch', {}, { handles: ['bob', 'alice', 'nobody-here'] });
      await call(alice, 'searchAgents', { query: '?q=bo&limit=50&offset=0' });
      expect(
        (await call(alice, 'createMute', {}, { target_kind: 'agent', target_handle: handle })).status,
      ).toBe(201);
      expect(
        (await call(alice, 'createMute', {}, { target_kind: 'agent', target_handle: handle })).status,
      ).toBe(200);
      await call(alice, 'getAgentMuteStatus', { handle });
      await call(alice, 'unmuteAgent', { handle });
      const conversation_id = await alice.sendMany('bob', 1);
      await call(bob, 'createMute', {}, { target_kind: 'conversation', target_id: conversation_id });
      await call(bob, 'getConversationMuteStatus', { conversation_id });
      await call(bob, 'listMutes', { query: '?kind=conversation' });
      await call(bob, 'unmuteConversation', { conversation_id });
      await call(alice, 'blockAgent', { handle });
      await call(alice, 'unblockAgent', { handle });
      await call(alice, 'reportAgent', { handle }, { reason: 'spam' });
      await call(alice, 'removeContact', { handle });
    }));

  it.each<[string, string, unknown, number, string]>([
    ['POST', '/v1/contacts', { handle: 'nobody-here' }, 404, 'AGENT_NOT_FOUND'],
    ['POST', '/v1/contacts', { handle: 7 }, 400, 'VALIDATION_ERROR'],
    ['PATCH', '/v1/contacts/bob', { notes: 'x' }, 404, 'NOT_FOUND'],
    ['PATCH', '/v1/contacts/bob', { notes: 'x'.repeat(1_001) }, 400, 'VALIDATION_ERROR'],
    ['DELETE', '/v1/contacts/bob', undefined, 404, 'NOT_FOUND'],
    ['DELETE', '/v1/contacts/bob/block', undefined, 404, 'NOT_FOUND'],
    ['POST', '/v1/contacts/nobody-here/block', undefined, 404, 'AGENT_NOT_FOUND'],
    ['POST', '/v1/contacts/guide/block', undefined, 409, 'SYSTEM_AGENT_PROTECTED'],
    ['POST', '/v1/contacts/guide/report', {}, 409, 'SYSTEM_AGENT_PROTECTED'],
    ['POST', '/v1/mutes', { kind: 'agent', handle: 'bob' }, 400, 'VALIDATION_ERROR'],
    [
      'POST',
      '/v1/mutes',
      { target_kind: 'agent', target_handle: 'bob', muted_until: 'x' },
      400,
      'VALIDATION_ERROR',
    ],
    [
      'POST',
      '/v1/mutes',
      { target_kind: 'conversation', target_id: 'conv_1' },
      404,
      'CONVERSATION_NOT_FOUND',
    ],
    ['GET', '/v1/mutes/agent/bob', undefined, 404, 'NOT_FOUND'],
    ['DELETE', '/v1/mutes/conversation/conv_1', undefined, 404, 'NOT_FOUND'],
    ['GET', '/v1/presence/bob', undefined, 404, 'NOT_FOUND'],
    ['GET', '/v1/presence/alice', undefined, 404, 'NOT_FOUND'],
    ['PUT', '/v1/presence', { status: 'away' }, 400, 'VALIDATION_ERROR'],
    ['PUT', '/v1/presence', { status: 'busy', custom_message: 'x'.repeat(201) }, 400, 'VALIDATION_ERROR'],
    ['POST', '/v1/presence/batch', { handles: new Array(101).fill('bob') }, 400, 'VALIDATION_ERROR'],
    ['GET', '/v1/directory', undefined, 400, 'VALIDATION_ERROR'],
    ['GET', '/v1/directory?q=b', undefined, 400, 'VALIDATION_ERROR'],
    ['GET', '/v1/directory?q=bo&limit=51', undefined, 400, 'VALIDATION_ERROR'],
    ['GET', '/v1/directory?q=bo&offset=10001', undefined, 400, 'VALIDATION_ERROR'],
  ])('%s %s %j is answered %i %s', (method, path, body, status, code) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      agent(server, 'bob');
      server.createAgent('guide', { isSystem: true });
      expect(await alice.call(method, path, body)).toMatchObject({ status, body: { code } });
    }),
  );

  it('keep what is somebody’s own from others', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await call(alice, 'addContact', {}, { handle: 'bob' });
      await call(alice, 'updateContactNotes', { handle: 'bob' }, { notes: 'secret' });
      await call(alice, 'createMute', {}, { target_kind: 'agent', target_handle: 'bob' });
      expect((await bob.call('GET', '/v1/contacts')).body).toMatchObject({ contacts: [], total: 0 });
      expect((await bob.call('GET', '/v1/mutes')).body).toEqual({ mutes: [] });
      expect((await bob.call('GET', '/v1/contacts/alice')).body.is_contact).toBe(false);
    }));

  it('mute what is pushed, and nothing else', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      await call(bob, 'createMute', {}, { target_kind: 'agent', target_handle: 'alice' });
      await alice.send('bob', 'unheard');
      await call(bob, 'unmuteAgent', { handle: 'alice' });
      await alice.send('bob', 'heard');
      expect((await socket.next()).payload).toMatchObject({ seq: 2 });
      expect((await bob.sync()).body).toMatchObject([{ seq: 1 }]);
      socket.close();
    }));

  it('list contacts of agents that are gone, without their profiles', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob', { displayName: 'Bob' });
      await call(alice, 'addContact', {}, { handle: 'bob' });
      server.deleteAgent('bob');
      expect((await call(alice, 'listContacts')).body).toMatchObject({
        contacts: [{ handle: 'bob', display_name: null }],
        total: 1,
      });
    }));

  it('let directory searches run out by the minute and by the day', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ limits: 'documented', now: () => now }, async (server) => {
      const alice = agent(server, 'alice');
      const search = () => alice.call('GET', '/v1/directory?q=bo');
      for (let n = 0; n < 1_000; n += 1) {
        if (n > 0 && n % 60 === 0) now += 60_000;
        const { status } = await search();
        if (status !== 200) throw new Error(`search ${n} answered ${status}`);
      }
      now += 60_000;
      const { status, headers } = await search();
      expect([status, Number(headers.get('retry-after')) > 3_600]).toEqual([429, true]);
      now += 86_400_000;
      expect((await search()).status).toBe(200);
      // It is counted by agent.
      expect((await agent(server, 'bob').call('GET', '/v1/directory?q=bo')).status).toBe(200);
    });
  });
});
