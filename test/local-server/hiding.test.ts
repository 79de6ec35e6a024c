import { describe, expect, it } from 'vitest';
import { ACK, agent, connect, seqs, withServer } from './kit.js';

describe('a hidden message', () => {
  it('is pushed to no socket that opens later, and counts as undelivered no more', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const id = await alice.sendMany('bob', 3);
      const second = server.messagesOf(id)[1]?.id;
      expect((await bob.call('DELETE', `/v1/messages/${second}`)).status).toBe(200);
      expect(server.undelivered('bob').map(({ seq }) => seq)).toEqual([1, 3]);
      const socket = await connect(bob, ACK);
      expect(seqs(await socket.take(2))).toEqual([1, 3]);
      await socket.settled();
      expect(socket.frames).toHaveLength(3);
      socket.close();
      // What was a cursor stays one.
      const [first] = (await bob.sync()).body;
      expect((await bob.sync(`?after=${first?.delivery_id}`)).body).toHaveLength(1);
    }));

  it('leaves full pages of history full', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const id = await alice.sendMany('bob', 9);
      for (const { id: message } of server.messagesOf(id).slice(2, 6)) {
        await alice.call('DELETE', `/v1/messages/${message}`);
      }
      const page = async (query: string) =>
        (await alice.call<{ seq: number }[]>('GET', `/v1/messages/${id}${query}`)).body.map(({ seq }) => seq);
      expect(await page('?after_seq=1&limit=3')).toEqual([2, 7, 8]);
      expect(await page('?before_seq=9&limit=3')).toEqual([8, 7, 2]);
      expect(await page('?before_seq=1')).toEqual([]);
      expect(await page('')).toEqual([9, 8, 7, 2, 1]);
    }));

  it('is not there to be read', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const { body } = await alice.send('bob', 'hi');
      await bob.call('DELETE', `/v1/messages/${body.id}`);
      expect((await bob.call('POST', `/v1/messages/${body.id}/read`)).status).toBe(404);
    }));
});

describe('a hidden conversation', () => {
  it('keeps its history, and its undelivered messages', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const id = await alice.sendMany('bob', 2);
      await bob.call('DELETE', `/v1/conversations/${id}`);
      expect((await bob.call<unknown[]>('GET', '/v1/conversations')).body).toEqual([]);
      expect((await bob.call<unknown[]>('GET', `/v1/messages/${id}`)).body).toHaveLength(2);
      expect((await bob.sync()).body).toHaveLength(2);
      // An answer is a message as well.
      await bob.send('alice', 'hi');
      expect((await bob.call<unknown[]>('GET', '/v1/conversations')).body).toMatchObject([
        { id, unread_count: 0, last_message_is_own: true },
      ]);
    }));
});
