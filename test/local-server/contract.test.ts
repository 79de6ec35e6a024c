import { describe, expect, it } from 'vitest';
import { resources } from '../../src/local-server/resources/index.js';
import { type EndpointKey, endpoints, findProblems, messageSchema, pathOf } from '../../src/wire/index.js';
import { agent, Caller, connect, withServer } from './kit.js';

const keys = Object.keys(endpoints) as EndpointKey[];

/** Some value for each parameter that a path may have. */
const PARAMS = new Proxy({} as Record<string, string>, {
  get: () => 'alice',
  getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: 'alice' }),
  has: () => true,
});

describe('the endpoint table', () => {
  it('is furnished from end to end', () => {
    expect(keys.filter((key) => resources[key] === undefined)).toEqual([]);
  });

  it('without a key, everything that needs one answers 401', () =>
    withServer({}, async (server) => {
      for (const key of keys.filter((each) => endpoints[each].auth === 'key')) {
        const { method, path } = endpoints[key];
        const answer = await new Caller(server, 'ac_live_wrong').call(
          method,
          pathOf({ path: path as string }, PARAMS),
        );
        expect([key, answer.status, answer.body.code]).toEqual([key, 401, 'UNAUTHORIZED']);
      }
    }));

  it('answers as its schemas say', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(alice);
      const check = (key: EndpointKey, { status, body }: { status: number; body: unknown }) => {
        const { success, response } = endpoints[key];
        expect([key, (success as readonly number[]).includes(status)]).toEqual([key, true]);
        expect([key, response === null ? [] : findProblems(response, body)]).toEqual([key, []]);
        return body as Record<string, string>;
      };
      const registered = check(
        'register',
        await alice.call('POST', '/v1/register', { email: 'c@b.c', handle: 'carol' }),
      );
      const pending_id = registered.pending_id ?? '';
      const code = server.oneTimeCode(pending_id);
      check('verify', await alice.call('POST', '/v1/register/verify', { pending_id, code }));
      check('getMe', await alice.call('GET', '/v1/agents/me'));
      check('getAgent', await alice.call('GET', '/v1/agents/bob'));
      const sent = check('sendMessage', await alice.send('bob', 'hi', 'one'));
      check('sendMessage', await alice.send('bob', 'hi', 'one'));
      check('sync', await bob.sync());
      const [row] = (await bob.sync()).body;
      check(
        'syncAck',
        await bob.call('POST', '/v1/messages/sync/ack', { last_delivery_id: row?.delivery_id }),
      );
      check('getMessages', await bob.call('GET', `/v1/messages/${sent.conversation_id}`));
      check('markAsRead', await bob.call('POST', `/v1/messages/${sent.id}/read`));
      check('listConversations', await bob.call('GET', '/v1/conversations'));
      await bob.send('alice', 'answer');
      const [read, message] = await socket.take(2);
      expect(read?.type).toBe('message.read');
      expect(findProblems(messageSchema, message?.payload)).toEqual([]);
      socket.close();
    }));
});
