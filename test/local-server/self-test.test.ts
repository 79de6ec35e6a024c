import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ACK, agent, Caller, connect, Socket, withServer } from './kit.js';
import { WebhookSink } from './webhook-sink.js';

/** The least that a stand-in for the service must do, over bare HTTP and bare sockets. */
describe('a stand-in', () => {
  it('registers: a code, a key, and five wrong codes at most', () =>
    withServer({}, async (server) => {
      const nobody = new Caller(server, '');
      const start = async (handle: string) =>
        String((await nobody.call('POST', '/v1/register', { email: 'a@b.c', handle })).body.pending_id);
      const verify = (pending_id: string, code: string) =>
        nobody.call('POST', '/v1/register/verify', { pending_id, code });
      const wrong = (pending_id: string) =>
        server.oneTimeCode(pending_id) === '000000' ? '000001' : '000000';

      const first = await start('my-agent');
      expect(await verify(first, wrong(first))).toMatchObject({
        status: 400,
        body: { code: 'INVALID_CODE' },
      });
      const { status, body } = await verify(first, server.oneTimeCode(first) ?? '');
      expect([status, body.api_key]).toEqual([201, expect.stringMatching(/^ac_/)]);
      const me = await new Caller(server, String(body.api_key)).call('GET', '/v1/agents/me');
      expect(me.body.handle).toBe('my-agent');

      const second = await start('another-agent');
      const code = wrong(second);
      for (let tried = 1; tried <= 5; tried += 1) {
        expect((await verify(second, code)).body.code).toBe('INVALID_CODE');
      }
      expect((await verify(second, code)).body.code).toBe('EXPIRED');
    }));

  it('takes one cold message until it is answered, and makes contacts of both', () =>
    withServer({ limits: 'documented' }, async (server) => {
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      expect((await alice.send('bob', 'one')).status).toBe(201);
      expect(await alice.send('bob', 'two')).toMatchObject({ status: 403, body: { code: 'AWAITING_REPLY' } });
      expect((await bob.send('alice', 'answer')).status).toBe(201);
      expect((await alice.send('bob', 'three')).status).toBe(201);
      for (const [caller, other] of [
        [alice, 'bob'],
        [bob, 'alice'],
      ] as const) {
        expect((await caller.call('GET', `/v1/contacts/${other}`)).body.is_contact).toBe(true);
      }
    }));

  it('stores one message for one client_msg_id', () =>
    withServer({}, async (server) => {
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      const answers = [await alice.send('bob', 'hi', 'same'), await alice.send('bob', 'hi', 'same')];
      expect(answers.map(({ status }) => status)).toEqual([201, 200]);
      expect(answers[1]?.headers.get('idempotent-replay')).toBe('true');
      expect(answers[1]?.body.id).toBe(answers[0]?.body.id);
      expect((await bob.sync()).body).toHaveLength(1);
    }));

  it('keeps what was not acknowledged', () =>
    withServer({}, async (server) => {
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      await alice.send('bob', 'hi');
      const { body } = await bob.sync();
      expect(body).toMatchObject([{ delivery_id: expect.stringMatching(/^del_[0-9a-f]{32}$/) }]);
      expect((await bob.sync()).body).toEqual(body);
      const ack = () => bob.call('POST', '/v1/messages/sync/ack', { last_delivery_id: body[0]?.delivery_id });
      expect((await ack()).body).toEqual({ acked: 1 });
      expect((await ack()).body).toEqual({ acked: 0 });
    }));

  it('takes what it wrote to a socket for delivered, or waits for the ack', () =>
    withServer({}, async (server) => {
      const [alice, bob, carol] = [agent(server, 'alice'), agent(server, 'bob'), agent(server, 'carol')];
      const legacy = await connect(bob);
      const acking = await connect(carol, ACK);
      await alice.send('bob', 'hi');
      await alice.send('carol', 'hi');
      await legacy.next();
      const { payload } = await acking.next();
      expect((await bob.sync()).body).toEqual([]);
      expect((await carol.sync()).body).toHaveLength(1);
      acking.send({ type: 'ack', message_id: payload?.id });
      await acking.settled();
      expect((await carol.sync()).body).toEqual([]);
      legacy.close();
      acking.close();
    }));

  it('wants a hello with a key as the first frame, and soon', () =>
    withServer({ helloDeadlineMs: 200 }, async (server) => {
      const { apiKey } = agent(server, 'alice');
      for (const field of ['api_key', 'token']) {
        const socket = new Socket(server, apiKey, { hello: { type: 'hello', [field]: apiKey } });
        expect((await socket.next()).type).toBe('hello.ok');
        socket.close();
      }
      const code = async (how: ConstructorParameters<typeof Socket>[2]) =>
        (await new Socket(server, apiKey, how).closed).code;
      const codes = [
        await code({ hello: { type: 'hello' } }),
        await code({ hello: { type: 'typing.start', payload: {} } }),
        await code({ silent: true }),
      ];
      expect(codes).toEqual([4401, 1008, 1008]);
    }));

  it('has groups that nobody is in without having accepted, and that end', () =>
    withServer({}, async (server) => {
      const [alice, bob, eve] = [agent(server, 'alice'), agent(server, 'bob'), agent(server, 'eve')];
      server.createAgent('carol');
      const created = await alice.call<{
        group: { id: string; member_count: number };
        add_results: { outcome: string }[];
      }>('POST', '/v1/groups', { name: 'Harvest', member_handles: ['bob', 'carol'] });
      const { group, add_results } = created.body;
      expect([created.status, group.member_count]).toEqual([201, 1]);
      expect(add_results.map(({ outcome }) => outcome)).toEqual(['invited', 'invited']);

      const say = (text: string) =>
        alice.call('POST', '/v1/messages', {
          conversation_id: group.id,
          client_msg_id: text,
          content: { text },
        });
      await say('before');
      const [invite] = (await bob.call<{ id: string }[]>('GET', '/v1/groups/invites')).body;
      expect((await bob.call('POST', `/v1/groups/invites/${invite?.id}/accept`)).status).toBe(200);
      await say('after');
      const texts = (await bob.call<{ content: { text?: string } }[]>('GET', `/v1/messages/${group.id}`))
        .body;
      expect(texts.flatMap(({ content }) => content.text ?? [])).toEqual(['after']);

      const left = await alice.call('POST', `/v1/groups/${group.id}/leave`);
      expect(left.body.promoted_handle).toBe('bob');
      expect((await bob.call('DELETE', `/v1/groups/${group.id}`)).status).toBe(200);
      expect((await bob.call('GET', `/v1/groups/${group.id}`)).status).toBe(410);
      expect((await eve.call('GET', `/v1/groups/${group.id}`)).status).toBe(404);
    }));

  it('keeps muted messages off the socket only, and blocked ones out of direct conversations only', () =>
    withServer({}, async (server) => {
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      await bob.call('POST', '/v1/mutes', { target_kind: 'agent', target_handle: 'alice' });
      const socket = await connect(bob, ACK);
      await alice.send('bob', 'hi');
      await socket.settled();
      expect(socket.frames).toHaveLength(1);
      expect((await bob.sync()).body).toHaveLength(1);
      socket.close();

      const { body } = await alice.call<{ group: { id: string } }>('POST', '/v1/groups', {
        name: 'Harvest',
        member_handles: ['bob'],
      });
      const [invite] = (await bob.call<{ id: string }[]>('GET', '/v1/groups/invites')).body;
      await bob.call('POST', `/v1/groups/invites/${invite?.id}/accept`);
      expect((await bob.call('POST', '/v1/contacts/alice/block')).status).toBeLessThan(300);
      for (const [caller, to] of [
        [alice, 'bob'],
        [bob, 'alice'],
      ] as const) {
        expect(await caller.send(to, 'hi')).toMatchObject({ status: 403, body: { code: 'BLOCKED' } });
        const inGroup = { conversation_id: body.group.id, client_msg_id: 'g', content: { text: 'hi' } };
        expect((await caller.call('POST', '/v1/messages', inGroup)).status).toBe(201);
      }
    }));

  it('gives history forwards from a seq that is not included, and takes one cursor', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const id = await alice.sendMany('bob', 5);
      const { body } = await alice.call<{ seq: number }[]>('GET', `/v1/messages/${id}?after_seq=2`);
      expect(body.map(({ seq }) => seq)).toEqual([3, 4, 5]);
      expect((await alice.call('GET', `/v1/messages/${id}?after_seq=2&before_seq=5`)).status).toBe(400);
    }));

  it('signs webhooks over the time and the exact bytes', () =>
    withServer({ now: () => 1_700_000_000_000 }, async (server) => {
      const secret = 'whsec_test_secret';
      const sign = (t: string | undefined, body: string) =>
        createHmac('sha256', secret).update(`${t}.${body}`).digest('hex');
      // The service's own example.
      const example =
        '{"event":"message.new","timestamp":"2026-07-12T18:04:11.512Z","data":{"id":"msg_1","text":"café"}}';
      expect(sign('1700000000', example)).toBe(
        '988784cf319e4c6d1cbd3d849675578c5211e44369eb84a00824af3a80f52613',
      );
      const sink = await WebhookSink.open();
      const bob = agent(server, 'bob');
      await bob.call('POST', '/v1/webhooks', { url: sink.url, events: ['message.new'], secret });
      await agent(server, 'alice').send('bob', 'café');
      const [delivered] = await sink.got(1);
      expect(delivered?.headers['agentchat-signature']).toBe(
        `t=1700000000,v1=${sign('1700000000', delivered?.body ?? '')}`,
      );
      await sink.close();
    }));
});
