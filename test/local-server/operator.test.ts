import { describe, expect, it } from 'vitest';
import { ACK, agent, Caller, connect, seqs, withServer } from './kit.js';

describe('pausing', () => {
  it("'send' refuses sends and lets receive", () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      server.pause('bob', 'send');
      const socket = await connect(bob);
      expect(await bob.send('alice', 'hi')).toMatchObject({
        status: 403,
        body: { code: 'AGENT_PAUSED_BY_OWNER' },
      });
      // The pause is looked at before the body.
      expect(await bob.call('POST', '/v1/messages', {})).toMatchObject({ status: 403 });
      await alice.send('bob', 'hi');
      expect((await socket.next()).payload?.seq).toBe(1);
      expect((await bob.call('GET', '/v1/agents/me')).body.paused_by_owner).toBe('send');
      server.pause('bob', 'none');
      expect((await bob.send('alice', 'hi')).status).toBe(201);
      socket.close();
    }));

  it("'full' holds everything back until the pause ends, and then flushes it in order", () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob, ACK);
      await alice.sendMany('bob', 2);
      expect(seqs(await socket.take(2))).toEqual([1, 2]);
      const [row] = (await bob.sync()).body;
      server.pause('bob', 'full');
      await alice.sendMany('bob', 0);
      await alice.send('bob', 'three');
      await alice.send('bob', 'four');
      expect((await bob.sync()).body).toEqual([]);
      const ack = { last_delivery_id: row?.delivery_id };
      expect((await bob.call('POST', '/v1/messages/sync/ack', ack)).body).toEqual({ acked: 0 });
      const late = await connect(bob, ACK);
      await socket.settled();
      expect(socket.frames).toHaveLength(3);
      server.pause('bob', 'none');
      expect(seqs(await socket.take(2))).toEqual([3, 4]);
      expect(seqs(await late.take(4))).toEqual([1, 2, 3, 4]);
      expect((await bob.sync()).body).toHaveLength(4);
      socket.close();
      late.close();
    }));
});

describe('moderation', () => {
  it('a suspended agent sends nothing and is sent nothing, and may still look at itself', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      server.setStatus('bob', 'suspended');
      expect(await bob.send('alice', 'hi')).toMatchObject({ status: 403, body: { code: 'SUSPENDED' } });
      expect((await bob.call('GET', '/v1/agents/me')).body.status).toBe('suspended');
      await alice.send('bob', 'hi');
      await socket.settled();
      expect(socket.frames).toHaveLength(1);
      server.setStatus('bob', 'active');
      expect((await socket.next()).payload?.seq).toBe(1);
      socket.close();
    }));
});

describe('muting', () => {
  it('suppresses pushes, live and as backlog, and nothing else', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const carol = agent(server, 'carol');
      const bob = agent(server, 'bob');
      server.mute('bob', { agent: 'alice' });
      const socket = await connect(bob, ACK);
      const muted = await alice.sendMany('bob', 2);
      await carol.sendMany('bob', 1);
      expect((await socket.next()).payload?.sender).toBe('carol');
      const again = await connect(bob, ACK);
      expect((await again.next()).payload?.sender).toBe('carol');
      await again.settled();
      expect(again.frames).toHaveLength(2);
      expect((await bob.sync()).body).toHaveLength(3);
      const list = (await bob.call<Record<string, unknown>[]>('GET', '/v1/conversations')).body;
      expect(list.find(({ id }) => id === muted)).toMatchObject({ is_muted: true, unread_count: 2 });
      expect(list.find(({ id }) => id !== muted)).toMatchObject({ is_muted: false });
      expect(server.unmute('bob', { agent: 'alice' })).toBe(true);
      expect(server.unmute('bob', { agent: 'alice' })).toBe(false);
      await alice.send('bob', 'three');
      expect((await socket.next()).payload?.seq).toBe(3);
      server.mute('bob', { conversation: muted });
      await alice.send('bob', 'four');
      await socket.settled();
      expect(socket.frames).toHaveLength(3);
      for (const each of [socket, again]) each.close();
    }));

  it('ends at its time', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ now: () => now }, async (server) => {
      const alice = agent(server, 'alice');
      const socket = await connect(agent(server, 'bob'), ACK);
      server.mute('bob', { agent: '@Alice' }, now + 1_000);
      await alice.send('bob', 'one');
      now += 1_000;
      await alice.send('bob', 'two');
      expect((await socket.next()).payload?.seq).toBe(2);
      socket.close();
    });
  });
});

describe('the list of mutes', () => {
  it('shows what holds, by kind, with agents under their internal ids', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await withServer({ now: () => now }, async (server) => {
      agent(server, 'alice');
      const bob = agent(server, 'bob');
      server.mute('bob', { agent: '@Alice' });
      server.mute('bob', { conversation: 'conv_1' }, now + 1_000);
      const list = async (query = '') => (await bob.call('GET', `/v1/mutes${query}`)).body.mutes as object[];
      const alice = {
        target_kind: 'agent',
        target_id: expect.stringMatching(/^agt_/),
        muted_until: null,
        created_at: '2026-11-21T12:00:00.000Z',
      };
      const conversation = { target_id: 'conv_1', muted_until: '2026-11-21T12:00:01.000Z' };
      expect(await list()).toMatchObject([alice, conversation]);
      expect(await list('?kind=agent')).toMatchObject([alice]);
      expect(await list('?kind=conversation')).toMatchObject([conversation]);
      now += 1_000;
      expect(await list()).toMatchObject([alice]);
      server.unmute('bob', { agent: 'alice' });
      expect(await list()).toEqual([]);
    });
  });
});

describe('keys', () => {
  it('a rotated key is refused, and its sockets are closed or kept', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const kept = await connect(bob);
      const second = server.rotateKey('bob', { sockets: 'keep' });
      expect((await bob.sync()).status).toBe(401);
      await kept.settled();
      const renewed = new Caller(server, second.apiKey);
      expect((await renewed.sync()).status).toBe(200);
      server.rotateKey('bob');
      expect((await kept.closed).code).toBe(4401);
      expect((await renewed.sync()).status).toBe(401);
    }));

  it('of a deleted agent are refused, and nobody reaches it any more', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      const conversation = await alice.sendMany('bob', 1);
      server.deleteAgent('bob');
      expect((await socket.closed).code).toBe(4401);
      expect(await bob.sync()).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
      expect(await alice.send('bob', 'hi')).toMatchObject({ status: 404, body: { code: 'AGENT_NOT_FOUND' } });
      expect((await alice.call('GET', '/v1/agents/bob')).status).toBe(404);
      expect((await alice.call<object[]>('GET', `/v1/messages/${conversation}`)).body).toHaveLength(1);
      expect(server.agents.map(({ handle, status }) => [handle, status])).toEqual([
        ['alice', 'active'],
        ['bob', 'deleted'],
      ]);
    }));
});

describe('views', () => {
  it('show agents, messages and what waits', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(alice);
      const conversation = await alice.sendMany('bob', 2);
      await bob.send('alice', 'answer');
      expect(server.agents).toMatchObject([
        { handle: 'alice', connections: 1, undelivered: 0 },
        {
          handle: 'bob',
          connections: 0,
          undelivered: 2,
          displayName: null,
          status: 'active',
          pausedByOwner: 'none',
        },
      ]);
      expect(server.messagesOf(conversation)).toEqual(server.allMessages());
      expect(server.allMessages().map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(server.messagesOf('conv_x')).toEqual([]);
      expect(JSON.stringify(server.agents)).not.toContain(alice.apiKey);
      expect([server.connections(), server.connections('alice'), server.connections('bob')]).toEqual([
        1, 1, 0,
      ]);
      socket.close();
    }));
});
