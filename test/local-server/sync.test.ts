import { describe, expect, it } from 'vitest';
import { flood } from './flood.js';
import { agent, type Caller, connect, withServer } from './kit.js';

const ack = async (caller: Caller, cursor: unknown) =>
  (await caller.call('POST', '/v1/messages/sync/ack', { last_delivery_id: cursor })).body;

describe('sync', () => {
  it('shows what waits until it is acknowledged, and the same each time', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      expect(await bob.sync()).toMatchObject({ status: 200, body: [] });
      const { body: sent } = await alice.send('bob', 'hi');
      const first = await bob.sync();
      expect(first.body).toEqual([
        {
          ...sent,
          delivery_id: expect.stringMatching(/^del_[0-9a-f]{32}$/),
          status: 'stored',
          delivered_at: null,
          read_at: null,
        },
      ]);
      expect((await bob.sync()).body).toEqual(first.body);
      const cursor = first.body[0]?.delivery_id;
      expect(await ack(bob, cursor)).toEqual({ acked: 1 });
      expect(await ack(bob, cursor)).toEqual({ acked: 0 });
      expect((await bob.sync()).body).toEqual([]);
      const [row] = (await bob.call<object[]>('GET', `/v1/messages/${sent.conversation_id}`)).body;
      expect(row).toMatchObject({ status: 'delivered', delivered_at: expect.any(String), read_at: null });
    }));

  it('acknowledges by position: everything at or before the cursor, across conversations, and nothing behind it', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const senders = ['alice', 'carol', 'dave'].map((handle) => agent(server, handle));
      for (let round = 0; round < 4; round += 1) for (const sender of senders) await sender.send('bob', 'hi');
      const rows = (await bob.sync()).body;
      expect(rows.map(({ sender }) => sender).slice(0, 4)).toEqual(['alice', 'carol', 'dave', 'alice']);
      expect(await ack(bob, rows[6]?.delivery_id)).toEqual({ acked: 7 });
      expect(await ack(bob, rows[2]?.delivery_id)).toEqual({ acked: 0 });
      expect((await bob.sync()).body).toEqual(rows.slice(7));
    }));

  it('pages with `after`, whose row may be gone by then', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await alice.sendMany('bob', 10);
      const rows = (await bob.sync()).body;
      const seqsAfter = async (at: number) =>
        (await bob.sync(`?after=${rows[at]?.delivery_id}&limit=3`)).body.map(({ seq }) => seq);
      expect(await seqsAfter(4)).toEqual([6, 7, 8]);
      // Acknowledged on another way, with unacknowledged ones before and behind it.
      await bob.call('POST', `/v1/messages/${rows[4]?.id}/read`);
      expect(await seqsAfter(4)).toEqual([6, 7, 8]);
      expect(await seqsAfter(2)).toEqual([4, 6, 7]);
      expect(await seqsAfter(9)).toEqual([]);
    }));

  it(
    'drains 10,000 rows, page by page, while their order and number stay right',
    () =>
      withServer({}, async (server) => {
        const bob = agent(server, 'bob');
        const senders = Array.from({ length: 10 }, (_, number) => agent(server, `sender-${number}`));
        await Promise.all(senders.map((sender) => flood(sender, 'bob', 1_000)));
        const seen = new Map<unknown, number>();
        let rows = 0;
        let acked = 0;
        for (;;) {
          const page = (await bob.sync('?limit=500')).body;
          if (page.length === 0) break;
          for (const { conversation_id, seq } of page) {
            expect(seq).toBe((seen.get(conversation_id) ?? 0) + 1);
            seen.set(conversation_id, Number(seq));
          }
          rows += page.length;
          acked += Number((await ack(bob, page.at(-1)?.delivery_id)).acked);
        }
        expect([rows, acked, seen.size]).toEqual([10_000, 10_000, 10]);
      }),
    60_000,
  );

  it(
    'gives 200 rows unasked, at most 500 when asked',
    () =>
      withServer({}, async (server) => {
        const alice = agent(server, 'alice');
        const bob = agent(server, 'bob');
        await flood(alice, 'bob', 210);
        expect((await bob.sync()).body).toHaveLength(200);
        expect((await bob.sync('?limit=500')).body).toHaveLength(210);
        for (const limit of ['0', '501', 'all']) expect((await bob.sync(`?limit=${limit}`)).status).toBe(400);
      }),
    30_000,
  );

  it('knows an agent by its own cursors only', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const carol = agent(server, 'carol');
      await alice.send('bob', 'hi');
      await alice.send('carol', 'hi');
      const foreign = (await carol.sync()).body[0]?.delivery_id;
      const unknown = `del_${'0'.repeat(32)}`;
      for (const cursor of [foreign, unknown, 'x']) {
        expect(await ack(bob, cursor)).toEqual({ acked: 0 });
        expect(await bob.sync(`?after=${cursor}`)).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_ERROR' },
        });
      }
      expect((await bob.sync()).body).toHaveLength(1);
    }));

  it.each([[{ last_delivery_id: 7 }], [{ last_delivery_id: '' }], [{ cursor: 'x' }], [{}], [null]])(
    'refuses the ack %j',
    (body) =>
      withServer({}, async (server) => {
        const bob = agent(server, 'bob');
        expect(await bob.call('POST', '/v1/messages/sync/ack', body)).toMatchObject({
          status: 400,
          body: { code: 'VALIDATION_ERROR' },
        });
      }),
  );

  it('does not show what a socket has delivered, nor what was read', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      await alice.send('bob', 'delivered by the socket');
      await socket.next();
      expect((await bob.sync()).body).toEqual([]);
      socket.close();
    }));
});
