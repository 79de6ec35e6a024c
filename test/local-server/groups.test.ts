import { describe, expect, it } from 'vitest';
import type { LocalServer } from '../../src/local-server/index.js';
import { flood } from './flood.js';
import { ACK, agent, type Caller, connect, type Frame, withServer } from './kit.js';
import { WebhookSink } from './webhook-sink.js';

interface Detail {
  readonly id: string;
  readonly members: readonly { handle: string; role: string }[];
}

async function createGroup(creator: Caller, ...handles: string[]): Promise<string> {
  const { body } = await creator.call<{ group: Detail }>('POST', '/v1/groups', {
    name: 'Harvest',
    member_handles: handles,
  });
  return body.group.id;
}

async function join(...members: Caller[]): Promise<void> {
  for (const member of members) {
    const { body } = await member.call<{ id: string }[]>('GET', '/v1/groups/invites');
    for (const { id } of body) await member.call('POST', `/v1/groups/invites/${id}/accept`);
  }
}

function say(sender: Caller, group: string, text: string, id = `${text}-${sender.apiKey}`) {
  return sender.call('POST', '/v1/messages', {
    conversation_id: group,
    client_msg_id: id.slice(-128),
    content: { text },
  });
}

/** Alice's group, with everybody who is named in it. */
async function groupOf(server: LocalServer, ...handles: string[]) {
  const alice = agent(server, 'alice');
  const others = handles.map((handle) => agent(server, handle));
  const id = await createGroup(alice, ...handles);
  await join(...others);
  return { alice, others, id };
}

describe('pushes', () => {
  it('an invitation goes to the invited, live, once', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob, ACK);
      const id = await createGroup(alice, 'bob');
      expect(await socket.next()).toEqual({
        type: 'group.invite.received',
        payload: {
          id: expect.stringMatching(/^gri_/),
          group_id: id,
          group_name: 'Harvest',
          group_description: null,
          group_avatar_url: null,
          group_member_count: 1,
          inviter_handle: 'alice',
          created_at: expect.any(String),
        },
      });
      await alice.call('POST', `/v1/groups/${id}/members`, { handle: 'bob' });
      await socket.settled();
      expect(socket.frames).toHaveLength(2);
      socket.close();
      // Nothing is kept for later.
      const later = await connect(bob, ACK);
      await later.settled();
      expect(later.frames).toHaveLength(1);
      later.close();
    }));

  it('a message goes to everybody but its sender; muted members find it in sync', () =>
    withServer({}, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob', 'carol');
      const [bob, carol] = others as [Caller, Caller];
      for (const member of [alice, bob, carol]) {
        const rows = (await member.sync()).body;
        await member.call('POST', '/v1/messages/sync/ack', { last_delivery_id: rows.at(-1)?.delivery_id });
      }
      server.mute('carol', { conversation: id });
      const sockets = await Promise.all([alice, bob, carol].map((member) => connect(member, ACK)));
      await say(alice, id, 'hi');
      const [forAlice, forBob, forCarol] = sockets;
      expect((await forBob?.next())?.payload).toMatchObject({ conversation_id: id, content: { text: 'hi' } });
      await Promise.all(sockets.map((socket) => socket.settled()));
      expect([forAlice?.frames.length, forBob?.frames.length, forCarol?.frames.length]).toEqual([1, 2, 1]);
      expect((await carol.sync()).body).toHaveLength(1);
      expect((await alice.sync()).body).toHaveLength(0);
      for (const socket of sockets) socket.close();
    }));

  it('what somebody reads is told to each sender, of its newest', () =>
    withServer({}, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob', 'carol');
      const [bob, carol] = others as [Caller, Caller];
      await say(alice, id, 'one');
      await say(bob, id, 'two');
      await say(alice, id, 'three');
      const sockets = await Promise.all([alice, bob].map((member) => connect(member)));
      const forCarol = await connect(carol, ACK);
      forCarol.send({ type: 'message.read_ack', payload: { conversation_id: id, through_seq: 9 } });
      await forCarol.settled();
      await Promise.all(sockets.map((socket) => socket.settled()));
      const readsOf = (frames: readonly Frame[]) =>
        frames.filter(({ type }) => type === 'message.read').map(({ payload }) => payload?.through_seq);
      const seqOf = (text: string) => server.messagesOf(id).find(({ content }) => content.text === text)?.seq;
      expect(sockets.map(({ frames }) => readsOf(frames))).toEqual([[seqOf('three')], [seqOf('two')]]);
      for (const socket of [...sockets, forCarol]) socket.close();
    }));

  it('typing goes to the other members', () =>
    withServer({}, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob');
      const forBob = await connect(others[0] as Caller, ACK);
      const forAlice = await connect(alice, ACK);
      forAlice.send({ type: 'typing.start', payload: { conversation_id: id } });
      await forAlice.settled();
      await forBob.settled();
      expect(forBob.frames.at(-1)).toEqual({
        type: 'typing.start',
        payload: { conversation_id: id, sender: 'alice' },
      });
      forAlice.close();
      forBob.close();
    }));

  it('the end of a group is told after its notice, by socket and by webhook', () =>
    withServer({}, async (server) => {
      const sink = await WebhookSink.open();
      const { alice, others, id } = await groupOf(server, 'bob');
      const bob = others[0] as Caller;
      const events = ['group.deleted', 'group.invite.received'];
      await bob.call('POST', '/v1/webhooks', { url: sink.url, events });
      const socket = await connect(bob, ACK);
      await say(alice, id, 'flushed, unless it was pushed');
      expect((await alice.call('DELETE', `/v1/groups/${id}`)).status).toBe(200);
      await socket.settled();
      expect(socket.frames.slice(-2).map(({ type }) => type)).toEqual(['message.new', 'group.deleted']);
      const other = await createGroup(alice, 'bob');
      await server.webhooks.whenIdle();
      expect(sink.delivered.map(({ event }) => event)).toMatchObject([
        { event: 'group.deleted', data: { group_id: id, deleted_by_handle: 'alice' } },
        { event: 'group.invite.received', data: { group_id: other, inviter_handle: 'alice' } },
      ]);
      socket.close();
      await sink.close();
    }));
});

describe('a tombstone', () => {
  it('stands in the details and beside the code', () =>
    withServer({}, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob');
      await alice.call('DELETE', `/v1/groups/${id}`);
      const { status, body } = await (others[0] as Caller).call('GET', `/v1/messages/${id}`);
      const tombstone = { group_id: id, deleted_by_handle: 'alice', deleted_at: expect.any(String) };
      expect([status, body]).toMatchObject([
        410,
        { code: 'GROUP_DELETED', details: tombstone, ...tombstone },
      ]);
    }));

  it('is not for those who had left', () =>
    withServer({}, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob');
      const bob = others[0] as Caller;
      await bob.call('POST', `/v1/groups/${id}/leave`);
      await alice.call('DELETE', `/v1/groups/${id}`);
      expect((await bob.call('GET', `/v1/groups/${id}`)).status).toBe(404);
    }));

  it('does not change what a repeated send is answered with', () =>
    withServer({}, async (server) => {
      const { alice, id } = await groupOf(server, 'bob');
      const first = await say(alice, id, 'hi', 'once');
      await alice.call('DELETE', `/v1/groups/${id}`);
      const again = await say(alice, id, 'hi', 'once');
      expect([again.status, again.body.id]).toEqual([200, first.body.id]);
      expect((await say(alice, id, 'more')).status).toBe(410);
    }));
});

describe('who may', () => {
  it('nobody who is suspended or paused', () =>
    withServer({}, async (server) => {
      const { others, id } = await groupOf(server, 'bob');
      const bob = others[0] as Caller;
      server.pause('bob', 'send');
      for (const [method, path] of [
        ['POST', '/v1/groups'],
        ['PATCH', `/v1/groups/${id}`],
        ['POST', `/v1/groups/${id}/leave`],
      ] as const) {
        expect(await bob.call(method, path, {})).toMatchObject({
          status: 403,
          body: { code: 'AGENT_PAUSED_BY_OWNER' },
        });
      }
      server.pause('bob', 'none');
      server.setStatus('bob', 'restricted');
      // Membership is consent enough.
      expect((await say(bob, id, 'hi')).status).toBe(201);
    }));

  it('256 members and no more', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const handles = Array.from({ length: 255 }, (_, number) => `peer-${number}`);
      const peers = handles.map((handle) => agent(server, handle));
      const id = await createGroup(alice, ...handles);
      const late = agent(server, 'late');
      const invite = await alice.call('POST', `/v1/groups/${id}/members`, { handle: 'late' });
      expect(invite.status).toBe(201);
      await join(...peers);
      expect((await late.call('POST', `/v1/groups/invites/${invite.body.invite_id}/accept`)).status).toBe(
        409,
      );
      server.createAgent('later');
      expect((await alice.call('POST', `/v1/groups/${id}/members`, { handle: 'later' })).status).toBe(409);
    }));
});

describe('a full inbox', () => {
  it('is skipped, and the sender is told whose it was', () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    // A second passes with every look, so that no rate is ever exceeded.
    const steadily = () => {
      now += 1_000;
      return now;
    };
    return withServer({ limits: 'documented', now: steadily }, async (server) => {
      const { alice, others, id } = await groupOf(server, 'bob', 'carol');
      await (others[0] as Caller).send('alice', 'hi');
      // What the group has said to bob so far is undelivered as well.
      await flood(alice, 'bob', 10_000 - server.undelivered('bob').length);
      const { status, body } = await say(alice, id, 'hi');
      expect([status, body.skipped_recipients]).toEqual([201, [{ handle: 'bob' }]]);
      expect(server.undelivered('carol').at(-1)?.id).toBe(body.id);
      expect(server.undelivered('bob')).toHaveLength(10_000);
    });
  }, 60_000);
});
