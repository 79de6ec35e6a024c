import { describe, expect, it } from 'vitest';
import { flood } from './flood.js';
import { ACK, agent, type Caller, connect, Socket, seqs, withServer } from './kit.js';

const undeliveredSeqs = async (caller: Caller) => (await caller.sync()).body.map(({ seq }) => seq);

describe('hello', () => {
  it.each(['api_key', 'token'])('takes the key as %s', (field) =>
    withServer({}, async (server) => {
      const { apiKey } = server.createAgent('bob');
      const socket = new Socket(server, '', {
        hello: { type: 'hello', [field]: apiKey, client: 'test', extra: 1 },
      });
      expect(await socket.next()).toEqual({ type: 'hello.ok', capabilities: [] });
      expect(server.connections('bob')).toBe(1);
      socket.close();
      await socket.closed;
    }),
  );

  it('takes the key and the capabilities in the upgrade', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const socket = new Socket(server, bob.apiKey, { inHeader: true, capabilities: ['other', 'ack'] });
      expect(await socket.next()).toEqual({ type: 'hello.ok', capabilities: ['ack'] });
      socket.close();
    }));

  it('echoes the capability only where it was offered, and is silent about them where there are none', async () => {
    await withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const acking = new Socket(server, bob.apiKey, { capabilities: ['x', 'ack', 'y'] });
      expect(await acking.next()).toEqual({ type: 'hello.ok', capabilities: ['ack'] });
      acking.close();
    });
    await withServer({ ackMode: false }, async (server) => {
      const bob = agent(server, 'bob');
      const legacy = new Socket(server, bob.apiKey, ACK);
      expect(await legacy.next()).toEqual({ type: 'hello.ok' });
      legacy.close();
    });
  });

  it.each([
    ['a wrong key', { type: 'hello', api_key: 'ac_live_wrong' }, 4401],
    ['no key', { type: 'hello' }, 4401],
    ['a key that is no string', { type: 'hello', api_key: { toString: 1 } }, 4401],
    ['another frame', { type: 'typing.start', payload: {} }, 1008],
    ['no JSON', 'hello', 1008],
    ['an array', [], 1008],
    ['null', null, 1008],
  ])('closes after %s', (_, hello, code) =>
    withServer({}, async (server) => {
      const socket = new Socket(server, '', {
        hello: typeof hello === 'string' ? hello : JSON.stringify(hello),
      });
      expect((await socket.closed).code).toBe(code);
      expect(socket.frames).toEqual([]);
      expect(server.connections()).toBe(0);
    }),
  );

  it('closes with 1008 when nothing is said in time', () =>
    withServer({ helloDeadlineMs: 50 }, async (server) => {
      const socket = new Socket(server, '', { silent: true });
      expect(await socket.closed).toEqual({ code: 1008, reason: 'HELLO timeout' });
    }));

  it('answers a wrong key in the upgrade with 401, and other paths with 404', () =>
    withServer({}, async (server) => {
      const upgrade = (path: string, headers: Record<string, string>) =>
        new Promise<number | undefined>((resolve) => {
          const socket = new Socket({ ...server, wsUrl: server.wsUrl + path }, '', { headers, silent: true });
          socket.ws.on('unexpected-response', (_, response) => {
            resolve(response.statusCode);
            response.destroy();
          });
          socket.ws.on('open', () => resolve(101));
        });
      expect(await upgrade('', { authorization: 'Bearer ac_live_wrong' })).toBe(401);
      expect(await upgrade('', { authorization: 'Basic eDp5' })).toBe(401);
      expect(await upgrade('/elsewhere', {})).toBe(404);
    }));
});

describe('delivery', () => {
  it('in legacy mode: written is delivered', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      await alice.sendMany('bob', 3);
      expect(seqs(await socket.take(3))).toEqual([1, 2, 3]);
      expect(server.undelivered('bob')).toEqual([]);
      // Nothing to acknowledge here: the frame is ignored.
      socket.send({ type: 'ack', message_id: 'msg_x' });
      await socket.settled();
      socket.close();
    }));

  it('in ack mode: acknowledged is delivered', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob, ACK);
      await alice.sendMany('bob', 3);
      const frames = await socket.take(3);
      expect(await undeliveredSeqs(bob)).toEqual([1, 2, 3]);
      socket.send({ type: 'ack', message_id: frames[1]?.payload?.id });
      socket.send({ type: 'ack', message_id: frames[1]?.payload?.id });
      await socket.settled();
      expect(await undeliveredSeqs(bob)).toEqual([1, 3]);
      socket.close();
    }));

  it("ignores acks of messages that are somebody else's or nobody's", () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const carol = agent(server, 'carol');
      server.createAgent('bob');
      const socket = await connect(carol, ACK);
      const { body } = await alice.send('bob', 'hi');
      for (const message_id of [body.id, 'msg_x', 7, null, undefined])
        socket.send({ type: 'ack', message_id });
      await socket.settled();
      expect(server.undelivered('bob')).toHaveLength(1);
      socket.close();
    }));

  it('pushes the backlog after hello.ok, oldest first, before anything live', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await flood(alice, 'bob', 1_000);
      const socket = new Socket(server, bob.apiKey, ACK);
      const sending = alice.sendMany('bob', 50);
      expect((await socket.next()).type).toBe('hello.ok');
      const frames = await socket.take(1_050);
      await sending;
      expect(seqs(frames)).toEqual(Array.from({ length: 1_050 }, (_, at) => at + 1));
      for (const { payload } of frames) {
        expect(payload).not.toHaveProperty('delivery_id');
        expect(payload).not.toHaveProperty('status');
      }
      socket.close();
    }));

  it('pushes again on the next connection what was not acknowledged', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      await alice.sendMany('bob', 4);
      const first = await connect(bob, ACK);
      const frames = await first.take(4);
      first.send({ type: 'ack', message_id: frames[0]?.payload?.id });
      first.send({ type: 'ack', message_id: frames[2]?.payload?.id });
      await first.settled();
      first.close();
      await first.closed;
      const second = await connect(bob, ACK);
      expect(seqs(await second.take(2))).toEqual([2, 4]);
      await second.settled();
      expect(second.frames).toHaveLength(3);
      second.close();
    }));

  it('pushes to every socket of the agent', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const sockets = [await connect(bob), await connect(bob, ACK), await connect(bob)];
      expect(server.connections('bob')).toBe(3);
      await alice.sendMany('bob', 2);
      for (const socket of sockets) {
        expect(seqs(await socket.take(2))).toEqual([1, 2]);
        socket.close();
      }
    }));

  it('echoes own messages only where that is switched on, and never stores an envelope for them', async () => {
    for (const echoOwnMessages of [false, true]) {
      await withServer({ echoOwnMessages }, async (server) => {
        const alice = agent(server, 'alice');
        const bob = agent(server, 'bob');
        const own = await connect(alice);
        await alice.send('bob', 'mine');
        await bob.send('alice', 'yours');
        const expected = echoOwnMessages ? ['mine', 'yours'] : ['yours'];
        const frames = await own.take(expected.length);
        expect(frames.map(({ payload }) => payload?.content)).toEqual(expected.map((text) => ({ text })));
        expect(server.undelivered('alice')).toEqual([]);
        own.close();
      });
    }
  });

  it('keeps what a slow reader cannot take, and gives it later, in order', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob);
      socket.ws.pause();
      const text = 'x'.repeat(30_000);
      for (let number = 1; number <= 400; number += 1) await alice.send('bob', text);
      // 12 MB were sent, which neither the kernel nor the server's 1 MiB per socket holds.
      expect(server.undelivered('bob').length).toBeGreaterThan(0);
      socket.ws.resume();
      expect(seqs(await socket.take(400))).toEqual(Array.from({ length: 400 }, (_, at) => at + 1));
      expect(server.undelivered('bob')).toEqual([]);
      socket.close();
    }));
});

describe('client frames', () => {
  it('typing is relayed to the others in the conversation', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const eve = agent(server, 'eve');
      const conversation_id = await alice.sendMany('bob', 1);
      const [own, other, stranger] = [await connect(alice), await connect(bob), await connect(eve)];
      await other.next();
      stranger.send({ type: 'typing.start', payload: { conversation_id } });
      await stranger.settled();
      own.send({ type: 'typing.start', payload: { conversation_id } });
      own.send({ type: 'typing.stop', payload: { conversation_id } });
      expect(await other.take(2)).toEqual([
        { type: 'typing.start', payload: { conversation_id, sender: 'alice' } },
        { type: 'typing.stop', payload: { conversation_id, sender: 'alice' } },
      ]);
      await own.settled();
      expect(own.frames).toHaveLength(1);
      for (const socket of [own, other, stranger]) socket.close();
    }));

  it('message.read_ack reads up to a seq, once, and tells the sender', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const conversation_id = await alice.sendMany('bob', 5);
      const [sender, reader] = [await connect(alice), await connect(bob, ACK)];
      await reader.take(5);
      for (const through_seq of [3, 3, 2, 'x', -1, 1.5, null]) {
        reader.send({ type: 'message.read_ack', payload: { conversation_id, through_seq } });
      }
      reader.send({ type: 'message.read_ack', payload: { conversation_id, through_seq: 99 } });
      const receipts = await sender.take(2);
      expect(receipts).toEqual([
        {
          type: 'message.read',
          payload: { conversation_id, through_seq: 3, reader: 'bob', at: expect.any(String) },
        },
        {
          type: 'message.read',
          payload: { conversation_id, through_seq: 5, reader: 'bob', at: expect.any(String) },
        },
      ]);
      expect(server.undelivered('bob')).toEqual([]);
      sender.close();
      reader.close();
    }));

  it('that make no sense are ignored', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const socket = await connect(bob, ACK);
      const nonsense = [
        'not JSON',
        'null',
        '[]',
        '7',
        '"x"',
        '{}',
        '{"type":7}',
        '{"type":"ack"}',
        '{"type":"ack","message_id":{"a":1}}',
        '{"type":"typing.start"}',
        '{"type":"typing.start","payload":null}',
        '{"type":"typing.start","payload":{"conversation_id":7}}',
        '{"type":"message.read_ack","payload":[]}',
        '{"type":"message.send","payload":{"to":"alice"}}',
        '{"type":"hello","api_key":"x"}',
        '{"type":"__proto__","__proto__":{"polluted":true}}',
        `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
      ];
      for (const text of nonsense) socket.ws.send(text);
      socket.ws.send(Buffer.from('{"type":"ack"}'), { binary: true });
      await socket.settled();
      await alice.send('bob', 'still there');
      expect((await socket.next()).payload?.seq).toBe(1);
      expect(server.allMessages()).toHaveLength(1);
      expect({}).not.toHaveProperty('polluted');
      socket.close();
    }));
});
