import { describe, expect, it } from 'vitest';
import { ACK, agent, connect, withServer } from './kit.js';

describe('sending', () => {
  it('stores before it answers, and pushes afterwards', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      const { status, body } = await alice.send('@Bob', 'hi @bob and @nobody, not a@alice, but (@ALICE).');
      expect(status).toBe(201);
      expect(body).toMatchObject({
        sender: 'alice',
        seq: 1,
        type: 'text',
        metadata: {},
        context: {
          sender: { handle: 'alice', display_name: null, kind: 'agent' },
          conversation: { type: 'direct', group_name: null, member_count: null },
          mentions: ['bob', 'alice'],
        },
      });
      expect(body.id).toMatch(/^msg_[A-Za-z0-9]{16}$/);
      expect(body.conversation_id).toMatch(/^conv_[A-Za-z0-9]{16}$/);
      expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(server.allMessages()).toEqual([body]);
      const frame = await socket.next();
      expect(frame).toEqual({ type: 'message.new', payload: body });
      socket.close();
    }));

  it('numbers a conversation from 1 without holes, in both directions, under concurrent sends', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const sends = Array.from({ length: 50 }, (_, number) => [
        alice.send('bob', `a${number}`),
        bob.send('alice', `b${number}`),
      ]).flat();
      const answers = await Promise.all(sends);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      // One conversation per pair, whoever opens it.
      const conversations = new Set(answers.map(({ body }) => body.conversation_id));
      expect(conversations.size).toBe(1);
      const numbers = answers.map(({ body }) => Number(body.seq)).sort((one, other) => one - other);
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
      expect(server.messagesOf(String([...conversations][0])).map(({ seq }) => seq)).toEqual(numbers);
    }));

  it('answers a replay with 200 and the original, and delivers nothing again', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      server.createAgent('carol');
      const socket = await connect(bob, ACK);
      const first = await alice.send('bob', 'hi', 'same');
      const second = await alice.send('bob', 'hi', 'same');
      // Another body and another recipient: the original row all the same.
      const third = await alice.send('carol', 'something else', 'same');
      expect(first.status).toBe(201);
      expect(first.headers.get('idempotent-replay')).toBeNull();
      for (const replay of [second, third]) {
        expect(replay.status).toBe(200);
        expect(replay.headers.get('idempotent-replay')).toBe('true');
        expect(replay.body).toEqual(first.body);
      }
      expect((await bob.sync()).body).toHaveLength(1);
      expect(server.undelivered('carol')).toEqual([]);
      await socket.settled();
      expect(socket.frames).toHaveLength(2);
      // The key is the sender's: another agent may use the same.
      expect((await bob.send('alice', 'hi', 'same')).status).toBe(201);
      socket.close();
    }));

  it('stores one message when the same client_msg_id is sent many times at once', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const answers = await Promise.all(Array.from({ length: 20 }, () => alice.send('bob', 'hi', 'race')));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
      expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
      expect(server.undelivered('bob')).toHaveLength(1);
    }));

  const valid = { to: 'bob', client_msg_id: 'x', content: { text: 'hi' } };
  it.each([
    ['no address', { ...valid, to: undefined }, 'to'],
    ['two addresses', { ...valid, conversation_id: 'grp_1' }, 'to'],
    ['a direct conversation', { ...valid, to: undefined, conversation_id: 'conv_1' }, 'conversation_id'],
    ['no client_msg_id', { ...valid, client_msg_id: undefined }, 'client_msg_id'],
    ['an empty client_msg_id', { ...valid, client_msg_id: '' }, 'client_msg_id'],
    ['a long client_msg_id', { ...valid, client_msg_id: 'x'.repeat(129) }, 'client_msg_id'],
    ['no content', { ...valid, content: undefined }, 'content'],
    ['empty content', { ...valid, content: {} }, 'content'],
    ['content as a string', { ...valid, content: 'hi' }, 'content'],
    ['a text that is none', { ...valid, content: { text: 7 } }, 'content.text'],
    ['metadata that is no object', { ...valid, metadata: 'x' }, 'metadata'],
    ['a system message', { ...valid, type: 'system' }, 'type'],
    ['a message to oneself', { ...valid, to: 'alice' }, 'to'],
    ['an array', [], 'body'],
    ['null', null, 'body'],
  ])('refuses %s with the field that is wrong', (_, body, field) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const answer = await alice.call('POST', '/v1/messages', body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
      expect(answer.body.details).toHaveProperty(['fieldErrors', field]);
      expect(server.allMessages()).toEqual([]);
    }),
  );

  it('takes what clients send besides', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const answer = await alice.call('POST', '/v1/messages', {
        ...valid,
        type: 'structured',
        content: { type: 'structured', data: { n: [1, { two: 2 }] } },
        metadata: { reply_to: 'msg_1' },
        unknown: true,
      });
      expect(answer).toMatchObject({
        status: 201,
        body: {
          type: 'structured',
          content: { type: 'structured', data: { n: [1, { two: 2 }] } },
          metadata: { reply_to: 'msg_1' },
        },
      });
    }));

  it('knows nobody it was not told of, nor any group', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      for (const to of ['nobody', 'grp_BPF4BzPS9l6zwS9V']) {
        expect(await alice.send(to, 'hi')).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } });
      }
      const toGroup = { conversation_id: 'grp_1', client_msg_id: 'g', content: { text: 'hi' } };
      expect(await alice.call('POST', '/v1/messages', toGroup)).toMatchObject({
        status: 404,
        body: { code: 'CONVERSATION_NOT_FOUND' },
      });
    }));

  it('measures content and metadata together: 32,768 bytes pass, one more does not', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const around = JSON.stringify({ text: '' }).length + JSON.stringify({ m: 1 }).length;
      const send = (bytes: number, id: string) =>
        alice.call('POST', '/v1/messages', {
          to: 'bob',
          client_msg_id: id,
          content: { text: 'x'.repeat(bytes - around) },
          metadata: { m: 1 },
        });
      expect((await send(32_768, 'fits')).status).toBe(201);
      expect(await send(32_769, 'not')).toMatchObject({ status: 413, body: { code: 'PAYLOAD_TOO_LARGE' } });
      // Bytes, not characters.
      const wide = await alice.send('bob', 'ü'.repeat(16_384));
      expect(wide.status).toBe(413);
    }));
});

describe('history', () => {
  const history = async (
    query: string,
    check: (answer: { status: number; body: unknown }, seqs: number[]) => void,
  ) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const conversation = await alice.sendMany('bob', 60);
      const around = String(server.messagesOf(conversation)[19]?.id);
      const answer = await alice.call<{ seq: number }[]>(
        'GET',
        `/v1/messages/${conversation}${query.replace('AROUND', around)}`,
      );
      check(answer, Array.isArray(answer.body) ? answer.body.map(({ seq }) => seq) : []);
    });
  const down = (from: number, count: number) => Array.from({ length: count }, (_, at) => from - at);
  const up = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

  it.each([
    ['', down(60, 50)],
    ['?limit=5', down(60, 5)],
    ['?before_seq=4', [3, 2, 1]],
    ['?before_seq=1', []],
    ['?before_seq=0', []],
    ['?before_seq=1000&limit=2', [60, 59]],
    ['?after_seq=57', [58, 59, 60]],
    ['?after_seq=0&limit=3', [1, 2, 3]],
    ['?after_seq=10&limit=200', up(11, 50)],
    ['?after_seq=60', []],
    ['?after_seq=9007199254740991', []],
    ['?around_message_id=AROUND&limit=3', [20, 19, 18]],
  ])('%s gives the right rows in the right order', (query, expected) =>
    history(query, (answer, seqs) => {
      expect(answer.status).toBe(200);
      expect(seqs).toEqual(expected);
    }),
  );

  it.each([
    '?before_seq=4&after_seq=2',
    '?after_seq=2&around_message_id=AROUND',
    '?limit=0',
    '?limit=201',
    '?limit=x',
    '?after_seq=-1',
    '?after_seq=1.5',
    '?after_seq=9007199254740993',
  ])('refuses %s', (query) =>
    history(query, (answer) =>
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } }),
    ),
  );

  it('is there for those who take part only', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const eve = agent(server, 'eve');
      const bob = agent(server, 'bob');
      const conversation = await alice.sendMany('bob', 1);
      const masked = { status: 404, body: { code: 'CONVERSATION_NOT_FOUND' } };
      expect(await eve.call('GET', `/v1/messages/${conversation}`)).toMatchObject(masked);
      expect(await eve.call('GET', '/v1/messages/conv_0000000000000000')).toMatchObject(masked);
      expect(await bob.call('GET', `/v1/messages/${conversation}?around_message_id=msg_0`)).toMatchObject({
        status: 404,
        body: { code: 'MESSAGE_NOT_FOUND' },
      });
    }));

  it('shows a recipient its own delivery state, and the sender none', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const conversation = await alice.sendMany('bob', 1);
      const seen = await bob.call<object[]>('GET', `/v1/messages/${conversation}`);
      expect(seen.body[0]).toMatchObject({ status: 'stored', delivered_at: null, read_at: null });
      const own = await alice.call<object[]>('GET', `/v1/messages/${conversation}`);
      expect(own.body[0]).not.toHaveProperty('status');
    }));
});

describe('reading', () => {
  it('marks that one message, implies delivered, tells the sender once', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(alice);
      const conversation = await alice.sendMany('bob', 3);
      const [, second] = server.messagesOf(conversation);
      const read = () => bob.call('POST', `/v1/messages/${second?.id}/read`);
      expect(await read()).toMatchObject({ status: 200, body: { ok: true } });
      expect(await read()).toMatchObject({ status: 200, body: { ok: true } });
      expect(await socket.next()).toMatchObject({
        type: 'message.read',
        payload: { conversation_id: conversation, through_seq: 2, reader: 'bob', at: expect.any(String) },
      });
      await socket.settled();
      expect(socket.frames).toHaveLength(2);
      const rows = await bob.call<{ seq: number; status: string }[]>('GET', `/v1/messages/${conversation}`);
      expect(rows.body.map(({ seq, status }) => [seq, status])).toEqual([
        [3, 'stored'],
        [2, 'read'],
        [1, 'stored'],
      ]);
      expect(server.undelivered('bob').map(({ seq }) => seq)).toEqual([1, 3]);
      expect((await bob.call<object[]>('GET', '/v1/conversations')).body[0]).toMatchObject({
        unread_count: 2,
        oldest_unread_seq: 1,
        newest_unread_seq: 3,
      });
      socket.close();
    }));

  it('refuses strangers and the sender', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const eve = agent(server, 'eve');
      server.createAgent('bob');
      const { body } = await alice.send('bob', 'hi');
      const path = `/v1/messages/${body.id}/read`;
      expect(await eve.call('POST', path)).toMatchObject({
        status: 404,
        body: { code: 'MESSAGE_NOT_FOUND' },
      });
      expect(await alice.call('POST', path)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }));
});

describe('the conversation list', () => {
  it('is ordered by activity and says what is unread', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const carol = agent(server, 'carol');
      const withBob = await alice.sendMany('bob', 2);
      const withCarol = await alice.sendMany('carol', 1);
      await bob.send('alice', 'x'.repeat(200));
      const { body } = await alice.call<Record<string, unknown>[]>('GET', '/v1/conversations');
      expect(body.map(({ id }) => id)).toEqual([withBob, withCarol]);
      expect(body[0]).toMatchObject({
        type: 'direct',
        participants: [{ handle: 'bob', display_name: null }],
        group_name: null,
        last_message_preview: 'x'.repeat(140),
        last_message_is_own: false,
        last_message_type: 'text',
        unread_count: 1,
        oldest_unread_seq: 3,
        newest_unread_seq: 3,
        is_muted: false,
      });
      expect(body[1]).toMatchObject({ last_message_is_own: true, unread_count: 0, oldest_unread_seq: null });
      expect((await carol.call<object[]>('GET', '/v1/conversations')).body).toHaveLength(1);
    }));

  it('is paged by limit and offset', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const expected: string[] = [];
      for (let number = 1; number <= 60; number += 1) {
        server.createAgent(`peer-${number}`);
        expected.unshift(await alice.sendMany(`peer-${number}`, 1));
      }
      const page = async (query: string) =>
        (await alice.call<{ id: string }[]>('GET', `/v1/conversations${query}`)).body.map(({ id }) => id);
      expect(await page('')).toEqual(expected.slice(0, 50));
      expect(await page('?limit=7&offset=55')).toEqual(expected.slice(55));
      expect(await page('?offset=60')).toEqual([]);
      expect((await alice.call('GET', '/v1/conversations?limit=0')).status).toBe(400);
    }));
});
